"""The engine on an index on an OpenSearch cluster."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TypeVar

from index.archive import Archive
from index.cluster.place import ClusterPlace
from index.errors import NotFoundError
from index.model import EntityKind
from search.cluster.asking import wanted_of
from search.cluster.scanning import all_of
from search.cluster.searching import found_in, page_of
from search.cluster.view import Views
from search.limits import Limits
from search.percolate import Percolated, Standing
from search.request import SearchRequest
from search.results import (
    ArticleView,
    EntityCard,
    Evidence,
    FacetValue,
    Hit,
    KnownEntity,
    Likeness,
    Page,
    Scan,
    Stats,
    StoryView,
    Suggestions,
)


class OpenSearchEngine:
    """Answers from the newest commit of one index on a cluster; see `search.engine.Engine`.

    Besides the errors of `Engine`, every method may raise ClusterUnreachableError,
    ClusterBusyError and ClusterRefusedError: there is no whole answer.
    """

    def __init__(
        self, place: ClusterPlace, limits: Limits | None = None, archive: Archive | None = None
    ) -> None:
        """Ask nothing yet.

        Args:
            place: of the index.
            limits: of a query.
            archive: with what editors decided; without one, nothing is decided.
        """
        self._limits = limits or Limits()
        self._views = Views(place, archive)

    def generation(self) -> int:
        """Number of the newest commit."""
        with self._views.current() as view:
            return view.generation

    def identity(self) -> str:
        """Name the index, its newest commit and what was decided."""
        with self._views.current() as view:
            return view.identity

    def look_again(self) -> None:
        """Look for a newer commit and decisions when asked next."""
        self._views.look_again()

    def close(self) -> None:
        """Let go of the point in time."""
        self._views.close()

    def search(self, request: SearchRequest) -> Page:
        """Answer a search."""
        started = time.perf_counter()
        with self._views.current() as view:
            return page_of(view, request, self._limits, started)

    def scan(self, request: SearchRequest) -> Scan:
        """Answer a search with all of its hits."""
        with self._views.current() as view:
            return all_of(view, request, self._limits)

    def article(self, article_id: str, q: str = "") -> ArticleView:
        """A whole article, marked with a query's words."""
        from search.cluster.reading import article_of

        with self._views.current() as view:
            return article_of(view, article_id, wanted_of(view, q, self._limits))

    def story(self, article_id: str) -> StoryView:
        """The copies of an article, and which of its paragraphs each of them has too."""
        from search.cluster.reading import story_view_of

        with self._views.current() as view:
            return story_view_of(view, article_id)

    def story_of(self, article_id: str) -> str:
        """Id of an article's story."""
        from search.cluster.reading import story_of

        with self._views.current() as view:
            return story_of(view, article_id).id

    def found_in(self, article_id: str, request: SearchRequest) -> tuple[str, ...]:
        """Ids of an article's paragraphs that answer a search, in reading order."""
        with self._views.current() as view:
            return found_in(view, article_id, request, self._limits)

    def standing(self) -> Standing:
        """Room for saved searches."""
        from search.cluster.percolator import ClusterStanding

        return ClusterStanding(self._limits)

    def percolate(self, searches: Standing, articles: Iterable[str]) -> Percolated:
        """Which saved searches some articles answer."""
        from search.cluster.percolator import percolated

        with self._views.current() as view:
            return percolated(view, searches, articles)

    def paragraph(self, paragraph_id: str, q: str = "") -> Hit:
        """One paragraph, marked with a query's words."""
        from search.cluster.reading import paragraph_of

        with self._views.current() as view:
            return paragraph_of(view, paragraph_id, wanted_of(view, q, self._limits))

    def entity(self, entity_id: str) -> EntityCard:
        """What the index knows of an entity."""
        from search.cluster.cards import card_of

        with self._views.current() as view:
            return _known("entity", entity_id, card_of(view, entity_id))

    def known_entity(self, entity_id: str) -> KnownEntity:
        """An entity for its editors, hidden or not."""
        from search.cluster.entities import known_entity

        with self._views.current() as view:
            return _known("entity", entity_id, known_entity(view, entity_id))

    def known_entities(
        self, kind: EntityKind, prefix: str, limit: int, *, hidden: bool
    ) -> tuple[KnownEntity, ...]:
        """Entities for their editors."""
        from search.cluster.entities import known_entities

        with self._views.current() as view:
            return known_entities(view, kind, prefix, limit, hidden=hidden)

    def evidence(self, entity_id: str, *, read: int = 200, passages: int = 3) -> Evidence:
        """What an entity rests on, hidden or not."""
        from search.cluster.cards import evidence_of

        with self._views.current() as view:
            return _known("entity", entity_id, evidence_of(view, entity_id, read=read, passages=passages))

    def written_names(self, ids: Iterable[str]) -> dict[str, str]:
        """Names as the texts have them."""
        from search.cluster.entities import written_names

        with self._views.current() as view:
            return written_names(view, ids)

    def duplicates(self) -> tuple[Likeness, ...]:
        """Pairs of entities that are likely one."""
        from search.cluster.entities import duplicates

        with self._views.current() as view:
            return duplicates(view)

    def facet_values(self, kind: EntityKind, prefix: str, limit: int) -> tuple[FacetValue, ...]:
        """Entities found by typing."""
        from search.cluster.entities import facet_values

        with self._views.current() as view:
            return facet_values(view, kind, prefix, limit)

    def suggest(self, text: str, limit: int) -> Suggestions:
        """Complete and correct what is being typed."""
        from search.cluster.suggestions import suggestions_of

        with self._views.current() as view:
            return suggestions_of(view, text, limit, self._limits)

    def similar(self, paragraph_id: str, limit: int) -> Page:
        """Paragraphs that speak of the same."""
        from search.cluster.similar import similar_page

        with self._views.current() as view:
            return similar_page(view, paragraph_id, limit)

    def stats(self) -> Stats:
        """How much the index holds."""
        from search.cluster.counting import stats_of

        with self._views.current() as view:
            return stats_of(view)


T = TypeVar("T")


def _known(what: str, id_: str, found: T | None) -> T:
    if found is None:
        raise NotFoundError(what, id_)
    return found
