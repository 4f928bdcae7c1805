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
from search.histograms import mentioned_histogram, published_histogram, stories_histogram
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
    passes: Mapping[str, Mask]
    kept: Numbers

    def but(self, name: FacetName) -> Numbers:
        """Rows that pass every filter but one."""
        if name not in self.passes:
            return self.kept
        others = [mask for other, mask in self.passes.items() if other != name]
        return self.rows[np.logical_and.reduce(others)] if others else self.rows


def filtered(columns: Columns, rows: Numbers, request: SearchRequest) -> Filtered:
    """Apply each filter of a request on its own."""
    passes: dict[str, Mask] = {}
    for kind in ENTITY_KINDS:
        wanted = request.entities.get(kind, EntityFilter())
        if wanted != EntityFilter():
            passes[kind] = entity_mask(columns, rows, kind, wanted)
    if request.published or request.undated not in (None, "include"):
        passes["published"] = published_mask(columns, rows, request.published, request.undated)
    if request.mentioned:
        passes["mentioned"] = mentioned_mask(columns, rows, request.mentioned)
    if request.story is not None:
        passes["story"] = story_mask(columns, rows, request.story)
    kept = rows[np.logical_and.reduce(list(passes.values()))] if passes else rows
    return Filtered(rows, passes, kept)


def story_mask(columns: Columns, rows: Numbers, article_id: str) -> Mask:
    """Which rows are of an article or its copies."""
    number = columns.article_number(article_id)
    if number is None:
        return np.zeros(len(rows), dtype=np.bool_)
    return np.asarray(columns.story(rows) == columns.stories.of_article[number])


def units_of(columns: Columns, rows: Numbers, request: SearchRequest) -> Numbers:
    """What of each row counts once: itself, its article or its story."""
    if request.group == "none":
        return rows
    return columns.article[rows] if request.group == "article" else columns.story(rows)


def count_facets(
    columns: Columns, found: Filtered, request: SearchRequest
) -> tuple[dict[EntityKind, Facet], dict[HistogramName, Histogram]]:
    """Count the facets asked for, each after every filter but its own."""
    facets: dict[EntityKind, Facet] = {}
    histograms: dict[HistogramName, Histogram] = {}
    counted: list[tuple[Numbers, Counts]] = []  # facets without a filter share one count
    for name in request.facets:
        rows = found.but(name)
        units = units_of(columns, rows, request)
        if name == "published":
            count = stories_histogram if request.group == "story" else published_histogram
            histograms[name] = count(columns, rows, units, request.interval, request.published)
        elif name == "mentioned":
            histograms[name] = mentioned_histogram(columns, rows, units, request.interval, request.mentioned)
        else:
            counts = next((c for of, c in counted if of is rows), None)
            if counts is None:
                counts = entity_counts(columns, rows, None if units is rows else units)
                counted.append((rows, counts))
            wanted = request.entities.get(name, EntityFilter())
            facets[name] = names_facet(columns, name, counts, wanted, request.facet_limit)
    return facets, histograms
