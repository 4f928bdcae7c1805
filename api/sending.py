"""How does one try to send an alert go, and what does the receiver's answer mean?

Webhooks by https://www.standardwebhooks.com: 2xx alone is success, redirects are failures and not
followed, 410 turns the channel off, `Retry-After` is honoured, everything else is tried again.
"""

from __future__ import annotations

import json
import smtplib
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from standardwebhooks import Webhook

from api.alert_messages import mail, payload, slack
from api.settings import Settings
from index.channels import Channel, Kind
from index.deliveries import Job, Outcome
from index.errors import FetchError
from index.fetching import Answer, Caps, fetch

CAPS = Caps(seconds=15.0, body=2_000, cut=True)
"""A receiver's time, as the standard recommends, and how much of what it says is read."""
SMTP_S = 10.0
"""Seconds for each step of a conversation with the mail server."""
_THROTTLED = frozenset({429, 503})
_SLACK_GONE = frozenset(
    {"no_service", "no_team", "team_disabled", "channel_not_found", "channel_is_archived"}
)

Sender = Callable[[Job, Settings, datetime], Outcome]


def send(job: Job, settings: Settings, now: datetime) -> Outcome:
    """Try to send a delivery; whatever happens is an outcome, never an exception.

    Args:
        job: what, and where to.
        settings: the server's.
        now: time of the attempt, in UTC, which is signed.
    """
    began = time.monotonic()
    try:
        outcome = _SENDERS[job.channel.kind](job, settings, now)
    except Exception as error:  # a slip of ours must not stop the other deliveries
        outcome = Outcome("again", None, f"it could not be sent ({type(error).__name__})")
    return replace(outcome, seconds=round(time.monotonic() - began, 3))


def base_url(settings: Settings) -> str:
    """The origin of links in what is sent."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.url or f"http://{host}:{settings.port}"


def signatures(channel: Channel, id_: str, now: datetime, body: str) -> str:
    """The signature header: one signature of each secret in force."""
    return " ".join(Webhook(secret).sign(id_, now, body) for secret in channel.secrets)


def _webhook(job: Job, settings: Settings, now: datetime) -> Outcome:
    told = payload(job.delivery, job.channel, base_url(settings))
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    body = body.encode("utf-8", "replace").decode()
    headers = {
        "webhook-id": job.delivery.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signatures(job.channel, job.delivery.id, now, body),
    }
    return _posted(job, settings, now, body, headers)


def _slack(job: Job, settings: Settings, now: datetime) -> Outcome:
    told = slack(job.delivery, job.channel, base_url(settings))
    outcome = _posted(job, settings, now, json.dumps(told), {})
    if outcome.status in (403, 404, 410) and outcome.said.partition(": ")[2] in _SLACK_GONE:
        return replace(outcome, result="gone")
    return outcome


def _posted(job: Job, settings: Settings, now: datetime, body: str, headers: Mapping[str, str]) -> Outcome:
    headers = {"content-type": "application/json; charset=utf-8", "accept": "*/*", **headers}
    try:
        answer = fetch(job.channel.target, settings.rules, body=body.encode(), headers=headers, caps=CAPS)
    except FetchError as error:
        return Outcome("again", None, error.reason)
    said = answer.body.decode("utf-8", "replace").strip()
    told = f"{answer.status}: {said}" if said else str(answer.status)
    if 200 <= answer.status < 300:
        return Outcome("delivered", answer.status, told)
    if 300 <= answer.status < 400:
        told = f"{answer.status}: a redirect, which is not followed; change the alert's address"
    if answer.status == 410:
        return Outcome("gone", answer.status, told)
    return Outcome("again", answer.status, told, wait_s=_retry_after(answer, now))


def _retry_after(answer: Answer, now: datetime) -> float | None:
    """Seconds that the receiver asks to be left alone (RFC 9110, section 10.2.3)."""
    told = answer.headers.get("retry-after", "").strip()
    if answer.status not in _THROTTLED or not told:
        return None
    if told.isascii() and told.isdigit():
        return float(told[:9])
    try:
        until = parsedate_to_datetime(told)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())


def _mail(job: Job, settings: Settings, now: datetime) -> Outcome:
    del now
    if not settings.smtp or not settings.mail_from:
        return Outcome("again", None, "no mail server is set: DATELINE_SMTP and DATELINE_MAIL_FROM")
    made = mail(job.delivery, job.channel, settings.mail_from, base_url(settings))
    try:
        with _mail_server(urlsplit(settings.smtp)) as server:
            server.send_message(made, settings.mail_from, [job.channel.target])
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        return _refused(code, said)
    except smtplib.SMTPResponseException as error:
        # A wrong password is the server's owner's to mend: the alert waits for that.
        own = isinstance(error, smtplib.SMTPAuthenticationError)
        return _refused(450 if own else error.smtp_code, error.smtp_error, shown=error.smtp_code)
    except ssl.SSLCertVerificationError as error:
        return Outcome(
            "again", None, f"the mail server's certificate is not trusted ({error.verify_message})"
        )
    except TimeoutError:
        return Outcome("again", None, f"the mail server said nothing within {SMTP_S:g} s")
    except (smtplib.SMTPException, OSError) as error:
        return Outcome("again", None, f"the mail server could not be used: {error}")
    return Outcome("delivered", 250, "250: taken by the mail server")


def _refused(code: int, said: bytes | str, shown: int | None = None) -> Outcome:
    """What SMTP's codes mean (RFC 5321, section 4.2.1): 4yz is for now, 5yz for good."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    status = code if shown is None else shown
    return Outcome("failed" if 500 <= code < 600 else "again", status, f"{status}: {text}")


def _mail_server(url: SplitResult) -> smtplib.SMTP:
    """A conversation with the mail server, encrypted unless it is on this machine or said not to be."""
    host = url.hostname or ""
    context = ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=SMTP_S, context=context)
    else:
        server = smtplib.SMTP(host, url.port or 25, timeout=SMTP_S)
    try:
        server.ehlo_or_helo_if_needed()
        if url.scheme == "smtp" and (server.has_extn("starttls") or not _here(host)):
            server.starttls(context=context)  # an error where it is not offered
            server.ehlo()
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


_SENDERS: Mapping[Kind, Sender] = {"webhook": _webhook, "slack": _slack, "mail": _mail}
