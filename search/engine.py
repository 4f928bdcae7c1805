"""What every engine can do. One contract test runs over all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from index.model import EntityKind
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


class Engine(Protocol):
    """Answers questions from one index; every answer comes from one commit, as editors decided by then.

    Methods that take an id raise NotFoundError where the index has none such.
    """

    def generation(self) -> int:
        """Number of the newest commit; a new one is seen within a second."""
        ...

    def identity(self) -> str:
        """Name the index, its newest commit and what was decided; equal names give equal answers."""
        ...

    def look_again(self) -> None:
        """Look for a newer commit and decisions when asked next, instead of a moment later."""
        ...

    def search(self, request: SearchRequest) -> Page:
        """Answer a search; raises CursorError for a cursor that cannot be continued."""
        ...

    def scan(self, request: SearchRequest) -> Scan:
        """Answer a search with all of its hits, whatever its limit, cursor and facets.

        They are read in batches as they are taken, from the commit of this moment, however
        long that lasts; meanwhile others are answered.
        """
        ...

    def article(self, article_id: str, q: str = "") -> ArticleView:
        """A whole article, its paragraphs marked with a query's words."""
        ...

    def story(self, article_id: str) -> StoryView:
        """The copies of an article, and which of its paragraphs each of them has too."""
        ...

    def story_of(self, article_id: str) -> str:
        """Id of an article's story: of the first article of those that are copies of one text."""
        ...

    def found_in(self, article_id: str, request: SearchRequest) -> tuple[str, ...]:
        """Ids of an article's paragraphs that answer a search, whatever its page, in reading order."""
        ...

    def standing(self) -> Standing:
        """Room for saved searches, which `percolate` is asked about."""
        ...

    def percolate(self, searches: Standing, articles: Iterable[str]) -> Percolated:
        """Which saved searches some articles answer, with those paragraphs that `search` finds of them."""
        ...

    def paragraph(self, paragraph_id: str, q: str = "") -> Hit:
        """One paragraph, marked with a query's words."""
        ...

    def entity(self, entity_id: str) -> EntityCard:
        """What the index knows of an entity."""
        ...

    def known_entity(self, entity_id: str) -> KnownEntity:
        """An entity for its editors, hidden or not, by its id or one that was merged into it."""
        ...

    def known_entities(
        self, kind: EntityKind, prefix: str, limit: int, *, hidden: bool
    ) -> tuple[KnownEntity, ...]:
        """Entities for their editors, found as `facet_values` are: hidden ones, or those that are not."""
        ...

    def evidence(self, entity_id: str, *, read: int = 200, passages: int = 3) -> Evidence:
        """What an entity rests on, hidden or not; `read` paragraphs tell how it is written."""
        ...

    def written_names(self, ids: Iterable[str]) -> dict[str, str]:
        """Names as the texts have them, whatever was decided, of those ids that any text has."""
        ...

    def duplicates(self) -> tuple[Likeness, ...]:
        """Pairs of entities that are likely one, the surest and most named first."""
        ...

    def facet_values(self, kind: EntityKind, prefix: str, limit: int) -> tuple[FacetValue, ...]:
        """Entities found by typing: any word of the name begins so, or nearly so."""
        ...

    def suggest(self, text: str, limit: int) -> Suggestions:
        """Complete and correct what is being typed."""
        ...

    def similar(self, paragraph_id: str, limit: int) -> Page:
        """Paragraphs that speak of the same, the likest first, itself left out."""
        ...

    def stats(self) -> Stats:
        """How much the index holds."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...
