"""How does a browser learn to search here? An OpenSearch description, and suggestions while one types.

OpenSearch 1.1, draft 6: https://github.com/dewitt/opensearch; suggestions: its extension of that name, 1.1.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from flask import Blueprint, Response, make_response, request, url_for

from api.addresses import Address
from api.assets import STATIC, find
from api.caching import cached, encoded_json
from api.context import current_engine
from api.feeds import MEDIA_TYPES, xml_text
from api.marking import KIND_WORDS
from api.origins import absolute
from api.schemas import SuggestArgs
from search.results import Suggestions

blueprint = Blueprint("opensearch", __name__)
DESCRIPTION = "application/opensearchdescription+xml"
SUGGESTIONS = "application/x-suggestions+json"
_NAMESPACES = (
    'xmlns="http://a9.com/-/spec/opensearch/1.1/" xmlns:moz="http://www.mozilla.org/2006/browser/search/"'
)
_WHAT = "Searches the archive and answers with the paragraph, its dates and its names."
_DESCRIPTION_KEPT = "public, max-age=86400"


@blueprint.get("/opensearch.xml")
def description() -> Response:
    """The description, under the name that readers use."""
    made = make_response(_description())
    made.headers["Content-Type"] = f"{DESCRIPTION}; charset=utf-8"
    made.headers["Cache-Control"] = _DESCRIPTION_KEPT
    return made


def _description() -> bytes:
    home = absolute(url_for("pages.search"))
    addresses = (
        ("results", "text/html", f"{home}?q={{searchTerms}}"),
        ("results", MEDIA_TYPES["atom"], _counted("out.atom")),
        ("results", MEDIA_TYPES["rss"], _counted("out.rss")),
        ("suggestions", SUGGESTIONS, f"{absolute(url_for('.suggest'))}?q={{searchTerms}}"),
        ("self", DESCRIPTION, absolute(url_for(".description"))),
    )
    urls = (
        f'<Url rel="{rel}" type="{kind}" template="{xml_text(template)}"/>'
        for rel, kind, template in addresses
    )
    lines = (
        '<?xml version="1.0" encoding="utf-8"?>',
        f"<OpenSearchDescription {_NAMESPACES}>",
        "<ShortName>Dateline</ShortName>",
        "<LongName>Dateline: the archive, by paragraph</LongName>",
        f"<Description>{_WHAT}</Description>",
        "<Tags>news archive search</Tags>",
        *urls,
        f"<moz:SearchForm>{xml_text(home)}</moz:SearchForm>",
        _image(),
        '<Query role="example" searchTerms="inquiry"/>',
        "<Language>*</Language><InputEncoding>UTF-8</InputEncoding><OutputEncoding>UTF-8</OutputEncoding>",
        "</OpenSearchDescription>\n",
    )
    return "\n".join(lines).encode()


def _counted(endpoint: str) -> str:
    return f"{absolute(url_for(endpoint))}?q={{searchTerms}}&limit={{count?}}"


def _image() -> str:
    """The icon itself, so that a browser asks nobody for it."""
    icon = find(STATIC, "favicon.svg")
    if icon is None:
        return ""
    data = b64encode(icon.body).decode()
    return f'<Image width="16" height="16" type="image/svg+xml">data:image/svg+xml;base64,{data}</Image>'


@blueprint.get("/suggest.json")
def suggest() -> Response:
    """What could be meant, for a browser's address bar."""
    given = {name: request.args.getlist(name)[-1] for name in request.args}
    args = SuggestArgs().load(given)

    def make() -> Response:
        found = current_engine().suggest(args["q"], args["limit"])
        made = make_response(encoded_json(_completions(found, args["limit"])))
        made.headers["Content-Type"] = f"{SUGGESTIONS}; charset=utf-8"
        return made

    return cached(make)


def _completions(found: Suggestions, limit: int) -> list[Any]:
    """`[typed, completions, descriptions, addresses]`; names are searched for as the person, not as words."""
    home = Address(absolute(url_for("pages.search")))
    words = [*([found.correction] if found.correction else []), *found.words]
    names = [
        (value.name, _counted_words(KIND_WORDS[kind], value.count), str(home.having(kind, value.id)))
        for kind, value in found.entities[: limit // 2]
    ]
    plain = [(text, "", str(home.having("q", text))) for text in dict.fromkeys(words)]
    offered = [*plain[: limit - len(names)], *names]
    return [found.text, *([row[at] for row in offered] for at in range(3))]


def _counted_words(kind: str, count: int) -> str:
    return f"{kind}, {count:,} paragraph{'' if count == 1 else 's'}"
