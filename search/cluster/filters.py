"""Which filters does a request have, as questions of the cluster's query language?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.cluster.client import Body
from index.model import ENTITY_KINDS
from search.cluster.decided import NOTHING, decided_of
from search.cluster.view import View
from search.facets import ends
from search.request import DayRange, EntityFilter, SearchRequest

PARAGRAPH: Body = {"term": {"type": "paragraph"}}
"""What is no article, document or commit."""


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of a request, kept apart so that a facet can leave its own out.

    Attributes:
        all: by name of a filter, what a paragraph must pass; filters that restrict nothing are left out.
        late: names of those that are asked of the matches, since a facet leaves them out. The others are
            part of the query.
    """

    all: Mapping[str, Sequence[Body]]
    late: tuple[str, ...]

    @property
    def early(self) -> list[Body]:
        """Those that every facet is under, with what tells a paragraph from other documents."""
        return [PARAGRAPH, *(body for name, own in self.all.items() if name not in self.late for body in own)]

    def but(self, name: str = "") -> list[Body]:
        """The late ones, without those of one facet."""
        return [body for late in self.late if late != name for body in self.all[late]]

    @property
    def whole(self) -> list[Body]:
        """All of them."""
        return [PARAGRAPH, *(body for own in self.all.values() for body in own)]


def filters_of(view: View, request: SearchRequest) -> Filters:
    """The filters of a request, under what editors decided."""
    decided = decided_of(view)
    found: dict[str, Sequence[Body]] = {}
    for kind in ENTITY_KINDS:
        wanted = request.entities.get(kind, EntityFilter())
        if wanted != EntityFilter():
            found[kind] = decided.passing(kind, wanted)
    if request.published or request.undated not in (None, "include"):
        found["published"] = [published(request.published, request.undated)]
    if request.mentioned:
        found["mentioned"] = [mentioned(request.mentioned)]
    if request.story is not None:
        found["story"] = [story(view, request.story)]
    return Filters(found, tuple(name for name in found if name in request.facets))


def published(within: DayRange, undated: str | None) -> Body:
    """What was published on the wanted days; undated articles as `search.facets.published_mask` has it."""
    dated: Body = {"exists": {"field": "published"}}
    if undated == "only":
        return {"bool": {"must_not": [dated]}}
    first, last = ends(within)
    inside: Body = {"range": {"published": {"gte": first, "lte": last}}} if within else dated
    if undated == "include" or (undated is None and not within):
        return {"bool": {"should": [inside, {"bool": {"must_not": [dated]}}]}}
    return inside


def mentioned(within: DayRange) -> Body:
    """What mentions a day, or an interval that holds one, of the wanted ones."""
    first, last = ends(within)
    if first > last:  # what `search.facets.mentioned_mask` finds: what holds both days
        return {"range": {"mentioned": {"gte": last, "lte": first, "relation": "contains"}}}
    return {"range": {"mentioned": {"gte": first, "lte": last, "relation": "intersects"}}}


def story(view: View, article_id: str) -> Body:
    """What is of an article or its copies."""
    body = {
        "query": {"bool": {"filter": [{"term": {"type": "article"}}, {"term": {"article": article_id}}]}},
        "size": 1,
        "_source": False,
        "docvalue_fields": ["story"],
    }
    for hit in view.search(body)["hits"]["hits"]:
        return {"term": {"story": hit["fields"]["story"][0]}}
    return NOTHING
