"""Which matches pass which filter, kept apart so that a facet can leave its own out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from index.model import ENTITY_KINDS, EntityKind
from search.execute import Numbers, Scores
from search.facets import (
    Mask,
    entity_mask,
    mentioned_histogram,
    mentioned_mask,
    names_facet,
    published_histogram,
    published_mask,
)
from search.request import EntityFilter, FacetName, SearchRequest
from search.results import Facet, Histogram
from search.snapshot import Columns

HistogramName = Literal["published", "mentioned"]


@dataclass(frozen=True, slots=True)
class Filtered:
    """The matches of a query and which filters they pass.

    Attributes:
        rows: paragraph numbers that match the words, ascending.
        scores: theirs.
        passes: by filter, which of `rows` pass it; filters that restrict nothing are left out.
    """

    rows: Numbers
    scores: Scores
    passes: Mapping[FacetName, Mask]

    def keep(self, but: FacetName | None = None) -> Mask:
        """Which rows pass every filter, or every filter but one."""
        kept = np.ones(len(self.rows), dtype=np.bool_)
        for name, mask in self.passes.items():
            if name != but:
                kept &= mask
        return kept


def filtered(columns: Columns, rows: Numbers, scores: Scores, request: SearchRequest) -> Filtered:
    """Apply each filter of a request on its own."""
    passes: dict[FacetName, Mask] = {}
    for kind in ENTITY_KINDS:
        wanted = request.entities.get(kind, EntityFilter())
        if wanted != EntityFilter():
            passes[kind] = entity_mask(columns.values[kind], rows, wanted)
    if request.published or request.undated not in (None, "include"):
        passes["published"] = published_mask(columns, rows, request.published, request.undated)
    if request.mentioned:
        passes["mentioned"] = mentioned_mask(columns, rows, request.mentioned)
    return Filtered(rows, scores, passes)


def count_facets(
    columns: Columns, found: Filtered, request: SearchRequest
) -> tuple[dict[EntityKind, Facet], dict[HistogramName, Histogram]]:
    """Count the facets asked for, each after every filter but its own."""
    facets: dict[EntityKind, Facet] = {}
    histograms: dict[HistogramName, Histogram] = {}
    for name in request.facets:
        rows = found.rows[found.keep(but=name)]
        units = rows if request.group == "none" else columns.article[rows]
        if name == "published":
            histograms[name] = published_histogram(columns, rows, units, request.interval, request.published)
        elif name == "mentioned":
            histograms[name] = mentioned_histogram(columns, rows, units, request.interval, request.mentioned)
        else:
            wanted = request.entities.get(name, EntityFilter())
            facets[name] = names_facet(columns.values[name], rows, units, wanted, request.facet_limit)
    return facets, histograms
