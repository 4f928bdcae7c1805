"""How is an alert told? As JSON for programs, as blocks for Slack, as text and HTML by mail.

All that comes from documents is escaped here by the rules of where it goes, and nothing of it
reaches a header unfolded. A message is made of its row alone, so that every try sends the same.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from api.addresses import Address, web_address
from index.channels import Channel
from index.deliveries import Delivery

SHOWN_SLACK, SHOWN_MAIL = 10, 50
"""Matches that a person is told in one message; behind them, how many more there are."""
_TEST = "This is a test of the alert. Nothing has matched."


def payload(delivery: Delivery, channel: Channel, base: str) -> dict[str, Any]:
    """The body of a webhook, as Standard Webhooks recommends it: `type`, `timestamp`, `data`.

    Args:
        delivery: what is told.
        channel: to which.
        base: origin under which readers reach this server.
    """
    told = [_match(m, base) for m in delivery.matches]
    return {
        "type": delivery.event,
        "timestamp": delivery.created.isoformat().replace("+00:00", "Z"),
        "data": {
            "alert": channel.id,
            "search": {
                "id": channel.search,
                "name": _name(delivery, channel),
                "url": _search(delivery, base),
            },
            "matches": told,
            "total": delivery.total,
            "more": delivery.total - len(told),
        },
    }


def _match(match: Mapping[str, Any], base: str) -> dict[str, Any]:
    return {
        "id": match["id"],
        "kind": match["kind"],
        "found": match["at"].replace("+00:00", "Z"),
        "article": {
            "id": match["article"],
            "headline": match["headline"],
            "published": match["published"],
            "added": match["added"],
            "url": match["url"],
            "link": _article(match, base),
        },
        "snippet": match["snippet"],
    }


def slack(delivery: Delivery, channel: Channel, base: str) -> dict[str, Any]:
    """The body for a Slack incoming webhook: blocks, and the text that notifications show.

    Source: https://docs.slack.dev/messaging/formatting-message-text (escaping of `&`, `<`, `>`), and the
    limits of blocks at https://docs.slack.dev/reference/block-kit/blocks.
    """
    title = _title(delivery, channel)
    blocks = [_section(f"*{_slack_text(title, 200)}*")]
    for match in delivery.matches[:SHOWN_SLACK]:
        head = _slack_text(match["headline"] or "Without a headline", 200)
        link = f"<{_slack_address(_article(match, base))}|{head}>"
        what = "Corrected: " if match["kind"] == "corrected" else ""
        about = " · ".join(_slack_text(part, 60) for part in _about(match))
        snippet = _slack_text(match["snippet"], 400)
        blocks.append(_section("\n".join(part for part in (f"{what}{link}", about, f"> {snippet}") if part)))
    if more := delivery.total - min(SHOWN_SLACK, len(delivery.matches)):
        address = _slack_address(_search(delivery, base))
        blocks.append(_section(f"and {more:,} more: <{address}|the search, newest first>"))
    if delivery.event == "alert.test":
        blocks.append(_section(_TEST))
    return {"text": _slack_text(title, 200), "blocks": blocks, "unfurl_links": False}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _slack_text(text: str, most: int) -> str:
    """Text as Slack shows it and nothing else: no links, no mentions, no markup of ours or theirs."""
    short = text if len(text) <= most else f"{text[: most - 1]}…"
    plain = re.sub(r"\s+", " ", short)
    plain = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # Asterisks and such begin markup only at the edge of a word: a joiner of no width keeps them text.
    return re.sub(r"([*_~`])", "\u2060\\1\u2060", plain)


def _slack_address(url: str) -> str:
    return url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")


def mail(delivery: Delivery, channel: Channel, sender: str, base: str) -> EmailMessage:
    """The message by mail: text, the same as HTML, and headers that say it is automatic.

    `Message-ID` is the delivery's, so that a second try after an unknown outcome is the same message
    to whoever compares them; unsubscribing is one click (RFC 8058).
    """
    title = _title(delivery, channel)
    leave = unsubscribe_url(channel, base)
    made = EmailMessage()
    made["From"] = sender
    made["To"] = channel.target
    made["Subject"] = _header(title)
    made["Date"] = format_datetime(delivery.created)
    made["Message-ID"] = f"<{delivery.id}@{sender.partition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice answers it
    made["Precedence"] = "bulk"
    made["List-Id"] = f"<{channel.id}.alerts.{sender.partition('@')[2]}>"
    made["List-Unsubscribe"] = f"<{leave}>"
    made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(_text(delivery, title, leave, base), cte="quoted-printable")
    made.add_alternative(_html(delivery, title, leave, base), subtype="html", cte="quoted-printable")
    return made


def _text(delivery: Delivery, title: str, leave: str, base: str) -> str:
    lines = [title, ""]
    for match in delivery.matches[:SHOWN_MAIL]:
        what = "Corrected: " if match["kind"] == "corrected" else ""
        lines.append(f"{what}{_line(match['headline'] or 'Without a headline')}")
        if about := " · ".join(_line(part) for part in _about(match)):
            lines.append(about)
        lines += [_line(match["snippet"]), _article(match, base), ""]
    if more := delivery.total - min(SHOWN_MAIL, len(delivery.matches)):
        lines += [f"and {more:,} more: {_search(delivery, base)}", ""]
    if delivery.event == "alert.test":
        lines += [_TEST, ""]
    return "\n".join([*lines, "-- ", f"Sent by Dateline. No more of these: {leave}", ""])


def _html(delivery: Delivery, title: str, leave: str, base: str) -> str:
    rows = []
    for match in delivery.matches[:SHOWN_MAIL]:
        what = "Corrected: " if match["kind"] == "corrected" else ""
        head = escape(_line(match["headline"] or "Without a headline"))
        about = escape(" · ".join(_line(part) for part in _about(match)))
        rows.append(
            f'<h2 style="font-size:1.1em;margin:1.2em 0 0">{what}'
            f'<a href="{escape(_article(match, base))}">{head}</a></h2>'
            f'<p style="margin:0;color:#555">{about}</p>'
            f'<p style="margin:.3em 0">{escape(_line(match["snippet"]))}</p>'
        )
    if more := delivery.total - min(SHOWN_MAIL, len(delivery.matches)):
        rows.append(f'<p>and <a href="{escape(_search(delivery, base))}">{more:,} more</a></p>')
    if delivery.event == "alert.test":
        rows.append(f"<p>{escape(_TEST)}</p>")
    head, link = escape(_line(title)), f'<a href="{escape(leave)}">No more of these</a>'
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{head}</title></head>'
        '<body style="font:16px/1.45 Georgia,serif;max-width:40em">'
        f'<h1 style="font-size:1.3em">{head}</h1>{"".join(rows)}'
        f'<p style="margin-top:2em;color:#555">Sent by Dateline. {link}</p></body></html>'
    )


def unsubscribe_url(channel: Channel, base: str) -> str:
    """The link that turns a channel of mail off, signed with the channel's secret."""
    return f"{base}/alerts/unsubscribe/{channel.id}/{unsubscribe_token(channel)}"


def unsubscribe_token(channel: Channel) -> str:
    """What only a mail of the channel knows."""
    key = channel.secrets[0].encode()
    return hmac.new(key, f"unsubscribe {channel.id}".encode(), hashlib.sha256).hexdigest()[:32]


def _title(delivery: Delivery, channel: Channel) -> str:
    name = _line(_name(delivery, channel)) or channel.search
    if delivery.event == "alert.test":
        return f"A test of the alert “{name}”"
    corrected = sum(m["kind"] == "corrected" for m in delivery.matches)
    new = delivery.total - corrected
    told = [f"{new:,} new"] if new else []
    told += [f"{corrected:,} corrected"] if corrected else []
    return f"{' and '.join(told)} for “{name}”"


def _name(delivery: Delivery, channel: Channel) -> str:
    return str(delivery.matches[-1]["search_name"]) if delivery.matches else channel.name


def _about(match: Mapping[str, Any]) -> list[str]:
    host = urlsplit(web_address(match["url"]) or "").hostname
    return [str(part) for part in (match["published"], host) if part]


def _article(match: Mapping[str, Any], base: str) -> str:
    return f"{base}/articles/{quote(match['article'], safe='')}"


def _search(delivery: Delivery, base: str) -> str:
    query = next((m["query"] for m in reversed(delivery.matches) if m.get("query")), "")
    pairs = parse_qsl(query, keep_blank_values=True)
    return base + str(Address.of("/", pairs).having("sort", "added") if pairs else "/")


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in text)).strip()


def _header(text: str) -> str:
    """Text as one header field: no line ends in it, whatever the document holds."""
    line = _line(text)
    return line if len(line) <= 150 else f"{line[:149]}…"
