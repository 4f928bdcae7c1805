"""Tables of ratios for a terminal. Everything is told as a multiple of Dateline's own figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from statistics import mean
from typing import Any

Row = dict[str, Any]

_COSTS = (
    ("build, s", "build_s"),
    ("peak memory while building, MB", "build_peak_mb"),
    ("the same above what the corpus takes", "build_above_mb"),
    ("size on disk, bytes", "bytes"),
    ("private memory of a worker, MB", "worker_private_mb"),
    ("100 articles committed, s", "commit_100_s"),
    ("100 articles seen, s", "seen_100_s"),
)


def table(rows: dict[str, Row]) -> Iterable[str]:
    """One size: a line a measure, a column an engine.

    The first column is the first engine's own figure, the others are multiples of it; what an
    engine cannot do is a dash, and its mean is compared over what both can.
    """
    first, *others = rows
    base = rows[first]
    yield _line("", [first, *others])
    yield from (_shape(shape, rows) for shape in base["shapes"])
    yield _mean("mean of the fixed shapes, ms", rows, aol=False)
    if base.get("aol_mean_ms"):
        yield _mean("mean of the aol queries, ms", rows, aol=True)
    for label, key in _COSTS:
        yield _measure(label, rows, lambda row, k=key: row.get(k))
    for name in others:
        yield f"{first}'s worst shape against {name}, times its time: {_worst(base, rows[name])}"


def _measure(label: str, rows: dict[str, Row], pick: Callable[[Row], float | None]) -> str:
    own, *others = (pick(row) for row in rows.values())
    return _line(label, [_figure(own), *(_ratio(value, own) for value in others)])


def _shape(shape: str, rows: dict[str, Row]) -> str:
    first, *others = rows.values()
    ratios = [_both([shape], first, other) for other in others]
    return _line(f"{shape}, ms", [_figure(first["shapes"][shape]), *(_ratio(*both) for both in ratios)])


def _mean(label: str, rows: dict[str, Row], *, aol: bool) -> str:
    first, *others = rows.values()
    shapes = [s for s in first["shapes"] if s.startswith("aol ") == aol]
    ratios = [_both(shapes, first, other) for other in others]
    return _line(label, [_figure(first["aol_mean_ms" if aol else "mean_ms"]), *(_ratio(*b) for b in ratios)])


def _both(shapes: list[str], own: Row, other: Row) -> tuple[float | None, float | None]:
    """Times of another engine and our own: of each shape the mean of the queries that both answered."""
    theirs, ours = [], []
    for shape in shapes:
        shared = [
            (other["queries"][k]["ms"], row["ms"])
            for k, row in own["queries"].items()
            if row["shape"] == shape and "ms" in row and "ms" in other["queries"].get(k, {})
        ]
        if shared:
            theirs.append(mean(t for t, _ in shared))
            ours.append(mean(o for _, o in shared))
    return (mean(theirs), mean(ours)) if ours else (None, None)


def _worst(own: Row, other: Row) -> str:
    pairs = [(_both([shape], own, other), shape) for shape in own["shapes"]]
    ratio, shape = max((o / t, shape) for (t, o), shape in pairs if t and o)
    return f"{shape} {ratio:.2f}"


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _ratio(value: float | None, own: float | None) -> str:
    if value is None or not own:
        return "-"
    ratio = value / own
    return f"x {ratio:,.0f}" if ratio >= 100 else f"x {ratio:.2f}"


def _line(label: str, cells: list[str]) -> str:
    return f"{label:<38}" + "".join(f"{cell:>12}" for cell in cells)


_WHY: dict[str, str] = {
    "dateline": "U.S. is one word, BankAmerica also two; phrases, prefixes, fuzzy words match written forms",
    "tantivy": "words are cut at every sign; prefixes and fuzzy words stand for stems",
    "fts5": "Porter's first stemmer instead of Snowball's English one; words are cut at every sign",
    "xapian": "U.S. and AT&T are one word each; phrases and prefixes match words as written",
    "whoosh": "Porter's first stemmer, no stop words; U.S and 3.5 are one word; swapped letters are two",
}


def agreement(rows: dict[str, Row]) -> Iterable[str]:
    """Compare hit counts with one engine's, facets where the counts agree, and say why they differ."""
    reference = "tantivy" if "tantivy" in rows else next(iter(rows))
    theirs = rows[reference]["queries"]
    for name in rows:
        if name != reference:
            yield from _agrees(name, rows[name]["queries"], reference, theirs)


def _agrees(name: str, ours: dict[str, Row], reference: str, theirs: dict[str, Row]) -> Iterable[str]:
    shared = [k for k in ours if "hits" in ours[k] and "hits" in theirs.get(k, {})]
    apart = [k for k in shared if ours[k]["hits"] != theirs[k]["hits"]]
    same = [k for k in shared if k not in apart]
    counted = [k for k in same if _facets(ours[k]) == _facets(theirs[k])]
    alike = [len({*ours[k]["top"]} & {*theirs[k]["top"]}) for k in same if ours[k]["hits"] > 10]
    yield (
        f"{name}: as many hits as {reference} for {len(same)} of {len(shared)} queries; "
        f"for {len(counted)} of these the same facets and months, "
        f"and {mean(alike or [0]):.1f} of the top ten the same"
    )
    if apart:
        yield f"  {name}: {_WHY[name]}"
        yield f"  {reference}: {_WHY[reference]}"
    fixed = [k for k in apart if not k.startswith("aol ")]
    yield from (f"    {k:<36} {ours[k]['hits']:>8} against {theirs[k]['hits']:>8}" for k in fixed)
    if len(apart) > len(fixed):
        most = max(
            (k for k in apart if k not in fixed), key=lambda k: abs(ours[k]["hits"] - theirs[k]["hits"])
        )
        yield (
            f"    and {len(apart) - len(fixed)} aol queries, most for {most!r}: "
            f"{ours[most]['hits']} against {theirs[most]['hits']}"
        )
    yield from (f"    {k}: {row['unsupported']}" for k, row in ours.items() if "unsupported" in row)


def _facets(row: Row) -> tuple[Any, ...]:
    """What must be equal; where a place is chosen, Dateline lists the other places beside it as well."""
    kinds = ("people", "orgs") if row["shape"] == "filter" else ("places", "people", "orgs")
    return (*(row["facets"][kind] for kind in kinds), row["months"])


def http_lines(load: Row) -> Iterable[str]:
    """The load test."""
    one, eight = load["clients_1"], load["clients_8"]
    yield (
        f"HTTP, {load['workers']} workers, faceted, 20 hits: one client {load['median_ms']} ms (median), "
        f"of which {load['above_engine_ms']} ms above the engine's own time"
    )
    yield (
        f"  {load['client']}: 1 client {one['median_ms']} ms, {one['a_second']:.0f} a second; "
        f"8 clients {eight['median_ms']} ms, {eight['a_second']:.0f} a second"
    )
