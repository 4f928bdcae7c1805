"""What does `/dateline words` in Slack answer? The best passages, to the one who asked.

Signatures: https://api.slack.com/authentication/verifying-requests-from-slack (v0); commands:
https://api.slack.com/interactivity/slash-commands; escaping: https://api.slack.com/reference/surfaces/formatting.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from typing import Any
from urllib.parse import parse_qs

from flask import Blueprint, Response, abort, json, make_response, request, url_for
from werkzeug.exceptions import BadRequest, Unauthorized

from api.access import guards_itself
from api.addresses import Address
from api.context import current_engine, current_seen, current_settings
from api.days import day_words
from api.feeds import legible, whole
from api.linked_data import cut
from api.origins import absolute
from index.errors import DatelineError
from search.request import SearchRequest
from search.results import Hit, Page

log = logging.getLogger(__name__)
blueprint = Blueprint("slack", __name__)

MOST_BODY = 32 * 1024  # bytes; Slack's own are about one thousand
WINDOW_S = 300  # that a signature is good for, as Slack asks
HITS = 5
# Of 200 characters the worst query is answered in time, whatever wildcards it is made of.
_LONGEST_QUERY, _LONGEST_HEADLINE, _LONGEST_LINK = 200, 150, 1_000  # characters
_MOST_FIELDS = 50
# What would begin a mention, a link or a style; the styles' signs have no escape, so they become their likes.
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "∗", "_": "＿", "~": "∼", "`": "ˋ"})
_LINES = str.maketrans(dict.fromkeys("\t\n\r\v\f\x85\u2028\u2029", " "))
_TYPED = str.maketrans("“”„‟", '""""')  # what a phone makes of a quotation mark
_HELP = (
    "Type words after the command to search the archive: `dam inquiry` finds both words, "
    '`"prime minister"` exactly these, `dam -inquiry` the first without the second, `dam OR bridge` either, '
    "`elect*` any ending, `headline:dam` headlines alone."
)

_SORRY = "The archive cannot be searched at the moment; please try again later."


@blueprint.post("/slack/command")
@guards_itself
def command() -> Response:
    """Answer a slash command, once."""
    secret = current_settings().slack_secret
    if not secret:
        abort(404)
    request.max_content_length = MOST_BODY
    body = request.get_data(cache=False)
    _check(secret, body)
    try:
        told = parse_qs(body.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise BadRequest("A slash command has fewer fields.") from error
    return _ephemeral(*_answer(_words(told.get("text", [""])[-1])))


def _check(secret: str, body: bytes) -> None:
    """Let only those requests in that Slack signed lately and that have not been answered."""
    stamp = request.headers.get("X-Slack-Request-Timestamp", "")
    given = request.headers.get("X-Slack-Signature", "")
    base = b"v0:" + stamp.encode() + b":" + body
    wanted = "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Unauthorized("The signature is not Slack's; DATELINE_SLACK_SECRET is the app's signing secret.")
    # Only now is the time known to be Slack's own.
    if not (stamp.isascii() and stamp.isdigit()) or abs(time.time() - int(stamp)) > WINDOW_S:
        raise Unauthorized("The request was signed too long ago, or the server's clock is wrong.")
    if not current_seen().first(wanted):
        raise Unauthorized("This request has been answered already.")


def _words(text: str) -> str:
    for escaped, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(escaped, sign)
    return text.translate(_TYPED).strip()[:_LONGEST_QUERY]


def _answer(q: str) -> tuple[str, list[dict[str, Any]]]:
    """The answer as plain text, and as blocks."""
    if q.lower() in ("", "help"):
        return "How to search the archive", [_section(_HELP)]
    try:
        page = current_engine().search(SearchRequest(q=q, group="article", limit=HITS, facets=()))
    except DatelineError as error:
        log.error("a slash command could not be answered: %s", error)  # noqa: TRY400 - said in one line
        return _SORRY, [_section(_SORRY)]
    return _found(q, page)


def _found(q: str, page: Page) -> tuple[str, list[dict[str, Any]]]:
    here = Address.of(url_for("pages.search"), [("q", q)])
    quoted = f"“{_plain(cut(q, 100))}”"
    if not page.hits:
        meant = page.query.suggestion
        maybe = f" Did you mean “{_plain(cut(meant, 100))}”?" if meant else ""
        return f"Nothing found for {quoted}.", [_section(f"Nothing found for {quoted}.{maybe}")]
    many = f"{page.paragraphs:,} paragraph{'' if page.paragraphs == 1 else 's'}"
    among = f"{page.articles:,} article{'' if page.articles == 1 else 's'}"
    told = f"{many} in {among} for {quoted}"
    shown = (_section(_hit(hit, q)) for hit in page.hits)
    return told, [_section(f"*{told}*"), *shown, _context(f"<{_address(here)}|All results>")]


def _hit(hit: Hit, q: str) -> str:
    head = hit.article
    here = Address.of(url_for("pages.article", article_id=head.id), [("q", q)])
    title = _plain(cut(head.headline or "Without a headline", _LONGEST_HEADLINE))
    day = day_words(head.published, head.published) if head.published else "undated"
    about = ", ".join([day, *([_plain(cut(head.publisher, 80))] if head.publisher else [])])
    passage = "" if hit.kind == "headline" else f"\n{_passage(hit)}"
    return f"*<{_address(here)}#p-{hit.id}|{title}>*\n{about}{passage}"


def _passage(hit: Hit) -> str:
    """The passage with the words that were searched for in bold."""
    text, pieces, at = hit.snippet.text, [], 0
    for start, end in hit.snippet.marks:
        pieces += [_plain(text[at:start]), f"*{_plain(text[start:end])}*"]
        at = end
    return "".join([*pieces, _plain(text[at:])])


def _plain(text: str) -> str:
    """A text on one line in which Slack sees no mention, link or style."""
    return whole(legible(text.translate(_LINES))).translate(_ESCAPES)


def _address(here: Address) -> str:
    """An address in full; without the words where they would make it too long for a message."""
    full = absolute(str(here))
    return full if len(full) <= _LONGEST_LINK else absolute(str(here.without("q")))


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


def _ephemeral(text: str, blocks: list[dict[str, Any]]) -> Response:
    told = {"response_type": "ephemeral", "text": text, "blocks": blocks, "unfurl_links": False}
    made = make_response(json.dumps(told))
    made.headers["Content-Type"] = "application/json"
    made.headers["Cache-Control"] = "no-store"
    return made
