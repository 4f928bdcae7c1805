"""What can be done with alerts, and how are they told? The same for commands, HTTP and the desk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from api.settings import Settings
from index.archive import Archive
from index.channels import Channel, Channels, Kind, Pace
from index.deliveries import TRIES, Deliveries, Delivery
from index.errors import AddressRefusedError, AlertError, FetchError
from index.fetching import check
from index.lease import courier_alive, utc_now
from index.saved import SavedSearches

API = "/api/v1"
SearchNames = Callable[[str], str]
"""The name of a saved search by its id; raises NotFoundError where there is none."""


def saved_names(archive: Archive) -> SearchNames:
    """The names of an archive's saved searches."""
    saved = SavedSearches(archive)
    return lambda id_: saved.get(id_).name


@dataclass(frozen=True, slots=True)
class Standing:
    """How a channel is doing, in a word and in a sentence."""

    state: str
    meaning: str


class Alerts:
    """The alerts of one archive.

    Args:
        settings: the server's.
        archive: where they are kept.
        names: tells a saved search's name.
    """

    def __init__(self, settings: Settings, archive: Archive, names: SearchNames = lambda _: "") -> None:
        self._settings = settings
        self._archive = archive
        self._names = names
        self.channels = Channels(archive)
        self.deliveries = Deliveries(archive)

    def add(self, search: str, kind: Kind, target: str, pace: Pace, who: str) -> tuple[Channel, str]:
        """Make an alert.

        Returns:
            It, and its secret, which is told only now.

        Raises:
            NotFoundError: there is no such search.
            AddressRefusedError: the server does not post there, `DATELINE_PRIVATE` may let it; or the
                address's name is not known.
            AlertError: it cannot be made, or is there already.
        """
        name = self._names(search)
        if kind != "mail":
            target = target.partition("#")[0]
            self._judge(target)
        if kind == "slack" and not target.lower().startswith("https://"):
            self._plain_slack(target)
        return self.channels.add((search, name), kind, target, pace, who)

    def _judge(self, target: str) -> None:
        try:
            check(target, self._settings.rules)
        except AddressRefusedError:
            raise
        except FetchError as error:  # whoever wrote the name can mend it
            raise AddressRefusedError(error.origin, error.reason) from error

    def _plain_slack(self, target: str) -> None:
        """A Slack address is a secret, so it is sent in the clear within one's own network alone."""
        try:
            check(target, Settings(self._settings.index).rules)
        except AddressRefusedError:
            return
        raise AlertError("has a secret in its address, so the address must begin with https://")

    def test(self, id_: str) -> Delivery:
        """Write a test down, to be sent within seconds.

        Raises:
            NotFoundError: there is no such alert.
            AlertError: it is off.
        """
        return self.deliveries.one(self.deliveries.test(self.channels.one(id_), utc_now()))

    def rotate(self, id_: str) -> str:
        """Give a webhook another secret, which is told only now; the old one signs along for a day."""
        return self.channels.rotate(id_, utc_now())

    def resend(self, id_: str) -> Delivery:
        """Send again what was delivered or given up, under the same id."""
        self.deliveries.resend(id_, utc_now())
        return self.deliveries.one(id_)

    def alive(self) -> bool:
        """Whether a courier is at work, so that what waits is sent."""
        return courier_alive(self._archive)

    def standing(self, channel: Channel) -> Standing:
        """How a channel is doing."""
        if not channel.on:
            return Standing("off", channel.why or "It was turned off.")
        found = self.deliveries.log(channel.id, limit=20)
        tried = next((d for d in found if d.state in ("delivered", "failed") or d.tries), None)
        if tried is None:
            return Standing("on", "Nothing was sent yet.")
        if tried.state == "delivered":
            return Standing("on", f"The newest delivery was taken {moment(tried.ended)}.")
        if tried.state == "failed":
            return Standing("failing", f"The newest delivery was given up {moment(tried.ended)}.")
        return Standing("failing", "The newest delivery was not taken yet and is tried again.")

    def outlook(self, delivery: Delivery, channel: Channel | None) -> str:
        """What will happen to a delivery."""
        if delivery.state == "delivered":
            return "Nothing more: it was taken."
        if delivery.state == "failed":
            told = f"It was given up after {delivery.tries} {'try' if delivery.tries == 1 else 'tries'}"
            return f"{told}; it is kept, and can be sent again."
        if channel is None:
            return "Nothing: its alert was removed."
        if delivery.state == "sending":
            return "It is being sent now."
        if not channel.on:
            return "It waits until the alert is enabled."
        due = max(at for at in (delivery.next_at, channel.not_before, delivery.created) if at is not None)
        when = "at the next round of the courier" if due <= utc_now() else moment(due)
        if not self.alive():
            when += ", once a courier runs: start `dateline courier`"
        if delivery.state == "gathering":
            return f"It gathers matches and is sent {when}."
        return f"It is sent {when} (try {delivery.tries + 1} of {TRIES})."


def channel_json(channel: Channel, standing: Standing) -> dict[str, Any]:
    """An alert, without what is secret of it."""
    return {
        "id": channel.id,
        "search": channel.search,
        "name": channel.name,
        "kind": channel.kind,
        "target": channel.shown,
        "pace": channel.pace,
        "state": standing.state,
        "meaning": standing.meaning,
        "secrets": len(channel.secrets) if channel.kind == "webhook" else 0,
        "who": channel.who,
        "created": second(channel.created),
        "links": {
            "self": f"{API}/alerts/{channel.id}",
            "deliveries": f"{API}/alerts/{channel.id}/deliveries",
        },
    }


def delivery_json(delivery: Delivery, outlook: str) -> dict[str, Any]:
    """A delivery, and each try where they were asked for."""
    told: dict[str, Any] = {
        "id": delivery.id,
        "alert": delivery.channel,
        "event": delivery.event,
        "state": delivery.state,
        "matches": [m["id"] for m in delivery.matches],
        "total": delivery.total,
        "tries": delivery.tries,
        "created": second(delivery.created),
        "next": second(delivery.next_at) if delivery.next_at else None,
        "ended": second(delivery.ended) if delivery.ended else None,
        "outlook": outlook,
        "links": {"self": f"{API}/deliveries/{delivery.id}"},
    }
    told["attempts"] = [
        {"at": second(a.at), "outcome": a.outcome, "status": a.status, "said": a.said, "seconds": a.seconds}
        for a in delivery.attempts
    ]
    return told


def second(at: datetime) -> str:
    """A time as answers have it: UTC, to the second, rounded up so that nothing is said to be early."""
    whole = at.astimezone(UTC)
    whole = whole if not whole.microsecond else whole.replace(microsecond=0) + timedelta(seconds=1)
    return whole.isoformat().replace("+00:00", "Z")


def moment(at: datetime | None) -> str:
    """A time within a sentence."""
    return "" if at is None else f"at {at.astimezone(UTC):%H:%M:%S UTC on %-d %b %Y}"
