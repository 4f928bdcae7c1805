"""The Model Context Protocol: what an assistant may ask, read-only, with the limits of HTTP.

Four tools over the official SDK, the same on standard input and output as at `/mcp`. Answers are
the API's, told shorter: each passage with its day, its names and a link that a reader can open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from importlib import metadata
from typing import Annotated, Any, Literal, ParamSpec, TypeVar

from marshmallow import ValidationError
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import ToolAnnotations
from pydantic import Field
from typing_extensions import TypedDict  # pydantic asks for it before Python 3.12
from werkzeug.datastructures import MultiDict

from api.problems import flat
from api.schemas import PrefixArgs, SimilarArgs, search_request
from index.errors import DatelineError
from index.model import EntityKind
from search.engine import Engine
from search.results import ArticleHead, Hit, Page

# How an assistant is told to use it; the query language is the README's.
_INSTRUCTIONS = """\
A newsroom's own archive. The unit of an answer is a paragraph with a stable link: quote it, give its \
headline and day, and link it. `published` is the day of publication and may be null: nothing is \
invented; `published_by` tells whether it was stated by the source, by the text, or inferred. Dates \
mentioned in a text are told apart from the day it was published.
Words are joined by AND; also OR, -word, "exact words", pre*, wrod~ and headline:word. To ask about a \
person, organisation or place, find its id with `facet_values` and pass it as a filter: it counts \
every way the name is written. Page with `next` as `cursor`."""

_READ_ONLY = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)

Kind = Literal["person", "org", "place"]
_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")
Limit = Annotated[int, Field(ge=1, le=100)]
Ids = Annotated[list[str] | None, Field(description="Entity ids of `facet_values`; any of them.")]
Day = Annotated[str | None, Field(description="ISO 8601 day, month or year; included.")]


class Name(TypedDict):
    """A person, organisation or place that is named."""

    id: str
    kind: str
    name: str


class Mention(TypedDict):
    """A time that is mentioned: the words, their TIMEX3 value and the days they cover."""

    text: str
    timex: str | None
    first: str | None
    last: str | None


class Passage(TypedDict):
    """A paragraph."""

    id: str
    text: str
    kind: str
    names: list[Name]
    dates: list[Mention]


class Head(TypedDict):
    """An article, and how its day is known."""

    article: str
    headline: str | None
    published: str | None
    published_by: str | None
    publisher: str | None
    author: str | None
    url: str | None
    link: str


class Found(Passage, Head):
    """A paragraph that answers, with its article; `link` leads to the paragraph on its page."""


class Answer(TypedDict):
    """A page of answers."""

    paragraphs: int
    articles: int
    notes: list[str]
    suggestion: str | None
    hits: list[Found]
    next: str | None


class WholeArticle(Head):
    """An article in full."""

    evidence: str | None
    byline: str | None
    agency: str | None
    body: list[Passage]


class Value(TypedDict):
    """A value of a facet: how many paragraphs name it."""

    id: str
    name: str
    count: int


def mcp_server(engine: Engine, link: Callable[[str], str]) -> MCPServer[Any]:
    """Make the server.

    Args:
        engine: what answers.
        link: makes an address in full of a path of the pages.
    """
    return MCPServer(
        "dateline",
        title="Dateline",
        instructions=_INSTRUCTIONS,
        version=metadata.version("dateline"),
        log_level="WARNING",
        subscriptions=False,  # nothing here is announced, and a stream would hold a worker
        tools=[
            _strict(Tool.from_function(_telling(t), annotations=_READ_ONLY)) for t in _tools(engine, link)
        ],
    )


def _strict(tool: Tool) -> Tool:
    """Refuse arguments that a tool does not have: left out, a misnamed query finds the whole archive."""
    arguments = tool.fn_metadata.arg_model
    arguments.model_config["extra"] = "forbid"
    arguments.model_rebuild(force=True)
    return tool.model_copy(update={"parameters": tool.parameters | {"additionalProperties": False}})


def _telling(tool: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """Tell the assistant what is wrong with what it asked, as the API's problems do."""

    @wraps(tool)
    def told(*args: _Given.args, **kwargs: _Given.kwargs) -> _Made:
        try:
            return tool(*args, **kwargs)
        except ValidationError as error:
            wrong = "; ".join(f"{name}: {text}" for name, text in flat(error.messages))
            raise ToolError(wrong) from error
        except DatelineError as error:
            raise ToolError(str(error)) from error

    return told


def _tools(engine: Engine, link: Callable[[str], str]) -> Iterable[Callable[..., Any]]:
    return _search(engine, link), _get_article(engine, link), _facet_values(engine), _similar(engine, link)


def _search(engine: Engine, link: Callable[[str], str]) -> Callable[..., Answer]:
    def search(
        query: Annotated[str, Field(description="What to find; empty: everything.", max_length=2000)] = "",
        person: Ids = None,
        org: Ids = None,
        place: Ids = None,
        published_from: Day = None,
        published_to: Day = None,
        mentioned_from: Day = None,
        mentioned_to: Day = None,
        sort: Literal["relevance", "newest", "oldest", "added"] | None = None,
        group: Annotated[
            Literal["none", "article", "story"],
            Field(description="article: one hit each; story: one hit for all copies of one text."),
        ] = "none",
        limit: Limit = 10,
        cursor: Annotated[str | None, Field(description="`next` of the page before.")] = None,
    ) -> Answer:
        """Search the archive for paragraphs by words, names, day published and days mentioned."""
        one = {
            "q": query,
            "published_from": published_from,
            "published_to": published_to,
            "mentioned_from": mentioned_from,
            "mentioned_to": mentioned_to,
            "sort": sort,
            "group": group,
            "limit": limit,
            "cursor": cursor,
            "facets": "",
        }
        pairs = [(name, str(value)) for name, value in one.items() if value is not None]
        many = {"person": person, "org": org, "place": place}
        pairs += [(kind, id_) for kind, ids in many.items() for id_ in ids or ()]
        return _answer(engine.search(search_request(MultiDict(pairs))), link)

    return search


def _get_article(engine: Engine, link: Callable[[str], str]) -> Callable[..., WholeArticle]:
    def get_article(
        id: Annotated[str, Field(description="`article` of a hit.", max_length=200)],
    ) -> WholeArticle:
        """Read a whole article: its paragraphs with their names and dates, and how its day is known."""
        view = engine.article(id)
        return {
            **_head(view.head, link(f"/articles/{view.head.id}")),
            "evidence": view.published_evidence,
            "byline": view.byline,
            "agency": view.agency,
            "body": [_passage(p) for p in view.paragraphs],
        }

    return get_article


def _facet_values(engine: Engine) -> Callable[..., list[Value]]:
    def facet_values(
        kind: Kind,
        prefix: Annotated[str, Field(description="Beginning of any word of the name.", max_length=200)] = "",
        limit: Limit = 10,
    ) -> list[Value]:
        """Find people, organisations or places by typing (a slip is forgiven), the most named first."""
        args = PrefixArgs().load({"prefix": prefix, "limit": limit})
        asked: EntityKind = kind
        found = engine.facet_values(asked, args["prefix"], args["limit"])
        return [{"id": v.id, "name": v.name, "count": v.count} for v in found]

    return facet_values


def _similar(engine: Engine, link: Callable[[str], str]) -> Callable[..., Answer]:
    def similar(
        paragraph: Annotated[str, Field(description="`id` of a hit.", max_length=200)],
        limit: Limit = 10,
    ) -> Answer:
        """Find paragraphs that speak of the same as one, the likest first."""
        args = SimilarArgs().load({"limit": limit})
        return _answer(engine.similar(paragraph, args["limit"]), link)

    return similar


def _answer(page: Page, link: Callable[[str], str]) -> Answer:
    return {
        "paragraphs": page.paragraphs,
        "articles": page.articles,
        "notes": list(page.query.notes),
        "suggestion": page.query.suggestion,
        "hits": [
            {**_passage(hit), **_head(hit.article, link(f"/articles/{hit.article.id}#p-{hit.id}"))}
            for hit in page.hits
        ],
        "next": page.next,
    }


def _passage(hit: Hit) -> Passage:
    names = {e.entity: e for e in hit.entities}
    return {
        "id": hit.id,
        "text": hit.text,
        "kind": hit.kind,
        "names": [{"id": e.entity, "kind": e.kind, "name": e.name} for e in names.values()],
        "dates": [
            {
                "text": d.text,
                "timex": d.timex,
                "first": d.first.isoformat() if d.first else None,
                "last": d.last.isoformat() if d.last else None,
            }
            for d in hit.dates
        ],
    }


def _head(head: ArticleHead, link: str) -> Head:
    return {
        "article": head.id,
        "headline": head.headline,
        "published": head.published.isoformat() if head.published else None,
        "published_by": head.published_by,
        "publisher": head.publisher,
        "author": head.author,
        "url": head.url,
        "link": link,
    }
