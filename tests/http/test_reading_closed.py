"""Every address while reading is closed: who gets in without a key, and with which one.

A new address must be put into the table here, with what it is for.
"""

import base64
import re
import shutil

import pytest

from api import access
from api.app import create_app
from api.settings import Settings
from index.archive import Archive
from index.keys import Keys
from index.saved import SavedSearches

OPEN = """
GET /healthz
GET /readyz
GET /metrics
GET /static/<path:filename>
GET /embed.js
GET /opensearch.xml
GET /sign-in
POST /sign-in
POST /sign-out
GET /api/v1/docs
GET /api/v1/docs/<name>
GET /api/v1/openapi.json
GET /api/v1/problems/<kind>
"""
"""The same whatever the archive holds, or where one shows a key."""

SIGNED = """
GET /alerts/unsubscribe/<alert_id>/<token>
POST /alerts/unsubscribe/<alert_id>/<token>
POST /slack/command
"""
"""A signature stands for the key."""

READ = """
GET /
GET /articles/<article_id>
GET /paragraphs/<paragraph_id>
GET /entities/<entity_id>
GET /facets/<kind>
GET /suggest.json
GET /search.atom
GET /search.rss
GET /search.json
GET /search.csv
GET /search.ndjson
GET /searches/<search_id>.atom
GET /searches/<search_id>.rss
GET /searches/<search_id>.json
GET /embed
GET /embed/articles/<article_id>
GET /oembed
POST /mcp
GET /api/v1/search
GET /api/v1/suggest
GET /api/v1/stats
GET /api/v1/articles/<article_id>
GET /api/v1/articles/<article_id>/ninjs
GET /api/v1/paragraphs/<paragraph_id>
GET /api/v1/similar/<paragraph_id>
GET /api/v1/entities
GET /api/v1/entities/<entity_id>
GET /api/v1/facets/<kind>
"""
"""Closed, and open to a key that may read."""

WRITE = """
POST /api/v1/documents
DELETE /api/v1/documents/<path:document_id>
"""

DESK = """
GET /api/v1/alerts
POST /api/v1/alerts
GET /api/v1/alerts/<alert_id>
DELETE /api/v1/alerts/<alert_id>
GET /api/v1/alerts/<alert_id>/deliveries
POST /api/v1/alerts/<alert_id>/disable
POST /api/v1/alerts/<alert_id>/enable
POST /api/v1/alerts/<alert_id>/rotate
POST /api/v1/alerts/<alert_id>/test
GET /api/v1/deliveries/<delivery_id>
POST /api/v1/deliveries/<delivery_id>/resend
GET /api/v1/searches
POST /api/v1/searches
GET /api/v1/searches/<search_id>
PATCH /api/v1/searches/<search_id>
DELETE /api/v1/searches/<search_id>
GET /api/v1/searches/<search_id>/matches
GET /api/v1/audit
GET /api/v1/decisions
POST /api/v1/decisions
POST /api/v1/decisions/<int:number>/undo
GET /api/v1/ingests
GET /api/v1/ingests/<int:number>
"""

SESSION = """
GET /desk
GET /desk/alerts
POST /desk/alerts
GET /desk/alerts/<alert_id>
GET /desk/audit
GET /desk/decisions
POST /desk/decisions
GET /desk/duplicates
GET /desk/entities
GET /desk/entities/<entity_id>
GET /desk/entities/<entity_id>/split
GET /desk/ingests
GET /desk/ingests/<int:number>
GET /desk/merge
GET /desk/searches
POST /desk/searches
GET /desk/searches/<search_id>
POST /desk/searches/<search_id>
POST /desk/sign-in
POST /desk/sign-out
"""
"""The desk's own session, whatever key is sent along."""

PLANNED = {
    line: kind
    for kind, lines in {
        "open": OPEN, "signed": SIGNED, "read": READ, "write": WRITE, "desk": DESK, "session": SESSION,
    }.items()
    for line in lines.split("\n") if line
}  # fmt: skip
FEEDS = tuple(line.split()[1] for line in READ.split("\n") if re.search(r"search.*\.(atom|rss|json)$", line))


@pytest.fixture(scope="module")
def archive(sample_index, tmp_path_factory):
    return Archive(shutil.copytree(sample_index, tmp_path_factory.mktemp("closed") / "index"))


@pytest.fixture(scope="module")
def app(archive):
    return create_app(
        Settings(index=archive.file.parent, wait=0.3, reading="closed", slack_secret="s" * 32,
                 rate=None, rate_write=None, rate_keys=None)
    )  # fmt: skip


@pytest.fixture(scope="module")
def keys(archive):
    made = Keys(archive)
    return {scope: made.add(scope, [scope])[1] for scope in ("read", "write", "desk")}


def lines(app):
    for rule in app.url_map.iter_rules():
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            yield f"{method} {rule}"


def asked(app, line, headers=()):
    """The answer to a request of a line of the table, about something that there is not."""
    method, rule = line.split()
    address = re.sub(r"<int:\w+>", "999999", re.sub(r"<(?!int)[^>]+>", "nothing", rule))
    more = {"json": {}} if method in ("POST", "PATCH") and "/api/" in rule else {}
    return app.test_client().open(address, method=method, headers=dict(headers), **more)


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def test_every_address_is_in_the_table(app):
    assert set(lines(app)) == set(PLANNED)


@pytest.mark.parametrize("line", PLANNED)
def test_it_lets_in_whom_the_table_says(app, keys, line):
    kind = PLANNED[line]
    alone = asked(app, line)
    with_key = {scope: asked(app, line, bearer(key)).status_code for scope, key in keys.items()}
    assert not {500, 405} & {alone.status_code, *with_key.values()}
    if kind == "open":
        assert alone.status_code not in (401, 403) or line == "POST /sign-in"  # whose form has its own token
    elif kind == "signed":
        assert alone.status_code == (401 if "slack" in line else 404)
        assert {*with_key.values()} == {alone.status_code}
    elif kind == "session":
        assert alone.status_code in (401, 403) or line in ("GET /desk", "POST /desk/sign-out")
        assert line != "GET /desk" or 'name="key"' in alone.text  # the form to sign in
        assert {*with_key.values()} == {alone.status_code}
    else:
        assert alone.status_code == 401
        assert alone.headers["Cache-Control"] == "no-store"
        inside = {scope for scope, status in with_key.items() if status not in (401, 403)}
        assert inside == ({"read", "desk"} if kind == "read" else {kind})
        assert {s for scope, s in with_key.items() if scope not in inside} <= {403}
        assert asked(app, line, bearer("wrong")).status_code == 401


@pytest.mark.parametrize("address", FEEDS)
def test_a_feed_opens_to_a_read_key_as_its_readers_send_it(app, archive, keys, address):
    search = SavedSearches(archive).create("Dam", "anna", "q=dam").id
    address = address.replace("<search_id>", search)
    basic = {"Authorization": "Basic " + base64.b64encode(f"feeds:{keys['read']}".encode()).decode()}
    client = app.test_client()
    refused = client.get(address)
    assert refused.status_code == 401
    assert any(told.startswith("Basic") for told in refused.headers.getlist("WWW-Authenticate"))
    assert client.get(address, headers=basic).status_code == 200


def test_open_endpoints_are_those_that_the_application_declares(app):
    declared = {
        f"{method} {rule}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.endpoint in access.OPEN
    }
    assert declared == {line for line, kind in PLANNED.items() if kind == "open"}
