"""The names and days that paragraphs mention, on their way into a segment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.columns.files import Array, narrow
from index.columns.ragged import Int32s, offsets_of
from index.columns.rows import lay_values
from index.model import ENTITY_KINDS, EntityKind, Paragraph
from index.stored import mentions_record, name_ending, reason_ending

_ENTITY_KIND = {kind: n for n, kind in enumerate(ENTITY_KINDS)}
_Named = tuple[EntityKind, str, str]  # kind, entity, and the name it goes by


class _Numbers(dict[_Named, int]):
    """Names by number as they come, and how a record of each goes on behind its span."""

    def __init__(self) -> None:
        super().__init__()
        self.endings: list[str] = []

    def __missing__(self, named: _Named) -> int:
        number = self[named] = len(self)
        self.endings.append(name_ending(*named))
        return number


class Mentions:
    """Names and days of paragraphs, a batch at a time."""

    def __init__(self) -> None:
        self._numbers = _Numbers()
        self._names: list[Int32s] = []
        self._named: list[Int32s] = []  # how many names each paragraph has
        self._days: list[Int32s] = []  # first and last day of each interval
        self._dated: list[Int32s] = []  # how many each paragraph has

    def __len__(self) -> int:
        return len(self._numbers)

    def take(self, batch: Sequence[Paragraph], own_ids: Sequence[bool]) -> list[bytes]:
        """Note what some paragraphs mention.

        Args:
            batch: the paragraphs.
            own_ids: whether a paragraph's id must be written, since its key does not tell it.

        Returns:
            The record of each, as `stored.mentions_record` has it.
        """
        known, endings = self._numbers, self._numbers.endings
        numbers = [known[e.kind, e.entity, e.name] for p in batch for e in p.entities]
        records = []
        at = 0
        for p, own in zip(batch, own_ids, strict=True):
            end = at + len(p.entities)
            if p.dates or p.entities or own:
                pairs = zip(p.entities, numbers[at:end], strict=True)
                names = [f"[{e.start},{e.end}{endings[n]}{reason_ending(e.reason)}" for e, n in pairs]
                records.append(mentions_record(p, names, own=own))
            else:
                records.append(b"")
            at = end
        self._note_names(np.array([len(p.entities) for p in batch], dtype=np.int32), numbers)
        self._note_days(batch)
        return records

    def _note_names(self, lengths: Int32s, numbers: Sequence[int]) -> None:
        """Keep each name once a paragraph."""
        rows = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        names = np.array(numbers, dtype=np.int32)
        kept = _firsts(rows, names)
        self._names.append(names[kept])
        self._named.append(np.bincount(rows[kept], minlength=len(lengths)).astype(np.int32))

    def _note_days(self, batch: Sequence[Paragraph]) -> None:
        lengths = np.zeros(len(batch), dtype=np.int32)
        flat: list[tuple[int, int]] = []
        for n, p in enumerate(batch):
            if p.dates:
                spans = ((d.first.toordinal(), d.last.toordinal()) for d in p.dates if d.first and d.last)
                days = dict.fromkeys(spans)
                lengths[n] = len(days)
                flat += days
        self._dated.append(lengths)
        self._days.append(np.array(flat, dtype=np.int32).reshape(-1, 2))

    def arrays(self) -> dict[str, Array]:
        """The segment's arrays of entities and of days mentioned."""
        days = _joined(self._days, (0, 2))
        made: dict[str, Array] = {
            "mentioned_offsets": narrow(offsets_of(_joined(self._dated))),
            "mentioned_first": days[:, 0],
            "mentioned_last": days[:, 1],
        }
        return {**made, **self._entity_arrays()}

    def _entity_arrays(self) -> dict[str, Array]:
        names, lengths = _joined(self._names), _joined(self._named)
        values: dict[tuple[int, str], int] = {}
        of_name = [values.setdefault((_ENTITY_KIND[k], e), len(values)) for k, e, _ in self._numbers]
        written: list[dict[str, int]] = [{} for _ in values]
        counts = np.bincount(names, minlength=len(of_name)).tolist()
        for (_, _, name), value, count in zip(self._numbers, of_name, counts, strict=True):
            written[value][name] = count
        made, new = lay_values([k for k, _ in values], [i for _, i in values], written)
        entities = new[np.array(of_name, dtype=np.int32)[names]]
        rows = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        kept = _firsts(rows, entities)
        made["entities_offsets"] = narrow(offsets_of(np.bincount(rows[kept], minlength=len(lengths))))
        made["entities"] = narrow(entities[kept])
        return made


def _firsts(rows: Int32s, numbers: Int32s) -> Array | slice:
    """Places at which a number stands for the first time in its row, in order."""
    keys = rows.astype(np.int64) << 32 | numbers
    ordered = np.sort(keys)
    if not (ordered[1:] == ordered[:-1]).any():
        return slice(None)
    return np.sort(np.unique(keys, return_index=True)[1])


def _joined(parts: Sequence[Array], empty: tuple[int, ...] = (0,)) -> Array:
    return np.concatenate(parts) if parts else np.zeros(empty, dtype=np.int32)
