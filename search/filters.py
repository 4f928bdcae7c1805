"""Which matches pass which filter, kept apart so that a facet can leave its own out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from index.model import ENTITY_KINDS, EntityKind
from search.columns import Columns
from search.facets import (
    Counts,
    entity_counts,
    entity_mask,
    mentioned_mask,
    names_facet,
    published_mask,
)
from search.histograms import mentioned_histogram, published_histogram
from search.nodes import Mask, Numbers
from search.request import EntityFilter, FacetName, SearchRequest
from search.results import Facet, Histogram

HistogramName = Literal["published", "mentioned"]


@dataclass(frozen=True, slots=True)
class Filtered:
    """The matches of a query and which filters they pass.

    Attributes:
        rows: paragraph numbers that match the words, ascending.
        passes: by filter, which of `rows` pass it; filters that restrict nothing are left out.
        kept: those of `rows` that pass every filter; `rows` itself where there is none.
    """

    rows: Numbers
    passes: Mapping[FacetName, Mask]
    kept: Numbers

    def but(self, name: FacetName) -> Numbers:
        """Rows that pass every filter but one."""
        if name not in self.passes:
            return self.kept
        others = [mask for other, mask in self.passes.items() if other != name]
        return self.rows[np.logical_and.reduce(others)] if others else self.rows


def filtered(columns: Columns, rows: Numbers, request: SearchRequest) -> Filtered:
    """Apply each filter of a request on its own."""
    passes: dict[FacetName, Mask] = {}
    for kind in ENTITY_KINDS:
        wanted = request.entities.get(kind, EntityFilter())
        if wanted != EntityFilter():
            passes[kind] = entity_mask(columns, rows, kind, wanted)
    if request.published or request.undated not in (None, "include"):
        passes["published"] = published_mask(columns, rows, request.published, request.undated)
    if request.mentioned:
        passes["mentioned"] = mentioned_mask(columns, rows, request.mentioned)
    kept = rows[np.logical_and.reduce(list(passes.values()))] if passes else rows
    return Filtered(rows, passes, kept)


def count_facets(
    columns: Columns, found: Filtered, request: SearchRequest
) -> tuple[dict[EntityKind, Facet], dict[HistogramName, Histogram]]:
    """Count the facets asked for, each after every filter but its own."""
    facets: dict[EntityKind, Facet] = {}
    histograms: dict[HistogramName, Histogram] = {}
    grouped = request.group == "article"
    counted: list[tuple[Numbers, Counts]] = []  # facets without a filter share one count
    for name in request.facets:
        rows = found.but(name)
        units = columns.article[rows] if grouped else rows
        if name == "published":
            histograms[name] = published_histogram(columns, rows, units, request.interval, request.published)
        elif name == "mentioned":
            histograms[name] = mentioned_histogram(columns, rows, units, request.interval, request.mentioned)
        else:
            counts = next((c for of, c in counted if of is rows), None)
            if counts is None:
                counts = entity_counts(columns, rows, grouped)
                counted.append((rows, counts))
            wanted = request.entities.get(name, EntityFilter())
            facets[name] = names_facet(columns, name, counts, wanted, request.facet_limit)
    return facets, histograms
