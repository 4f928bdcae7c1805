"""Who may do what by HTTP: keys, their scopes, an archive that is closed, and the audit."""

import base64
import json
import re
import shutil

import pytest

from api import access
from api.app import create_app
from api.settings import Settings
from index.archive import Archive
from index.keys import Keys

PROBLEM = "application/problem+json"
RECORD = {"id": "r-1", "headline": "Ferry", "text": "The ferry left the harbour of Ellery at noon."}
WRITES = (("post", "/api/v1/documents"), ("delete", "/api/v1/documents/nothing"))
DESK = (("get", "/api/v1/decisions"), ("post", "/api/v1/decisions"), ("get", "/api/v1/ingests"),
        ("get", "/api/v1/audit"), ("get", "/api/v1/entities?hidden=true"))  # fmt: skip


@pytest.fixture
def path(sample_index, tmp_path):
    # Without what other tests' servers wrote down of their own requests.
    return shutil.copytree(sample_index, tmp_path / "index", ignore=shutil.ignore_patterns("archive.*"))


@pytest.fixture
def keys(path):
    return Keys(Archive(path))


@pytest.fixture
def key(keys):
    return lambda *scopes: keys.add("Test", scopes)[1]


def made(path, **settings):
    return create_app(Settings(index=path, wait=0.3, **settings))


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def basic(key, user="feeds"):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{key}".encode()).decode()}


def refused(answer, status, kind):
    assert (answer.status_code, answer.mimetype) == (status, PROBLEM), answer.text[:300]
    assert answer.get_json()["type"] == f"/api/v1/problems/{kind}"
    return answer


def test_each_scope_opens_its_own_addresses(path, key):
    client = made(path).test_client()
    write, desk, read = key("write"), key("desk"), key("read")
    for addresses, right, wrong in ((WRITES, write, (desk, read)), (DESK, desk, (write, read))):
        for method, address in addresses:
            ask = getattr(client, method)
            assert ask(address, headers=bearer(right)).status_code not in (401, 403)
            assert ask(address, headers={"X-API-Key": right}).status_code not in (401, 403)
            for other in wrong:
                told = refused(ask(address, headers=bearer(other)), 403, "insufficient-scope").get_json()
                assert "`write`" in told["detail"] or "`desk`" in told["detail"]
            missing = refused(ask(address), 401, "unauthorized")
            assert missing.headers["WWW-Authenticate"].startswith("Bearer realm=")


def test_the_servers_own_key_is_for_everything(path):
    client = made(path, api_key="a-long-secret", reading="closed").test_client()
    for method, address in (*WRITES, *DESK, ("get", "/api/v1/search")):
        assert getattr(client, method)(address, headers=bearer("a-long-secret")).status_code not in (401, 403)


def test_a_revoked_key_is_refused_at_once(path, keys):
    client = made(path).test_client()
    found, text = keys.add("CMS", ["write"])
    keys.add("Another", ["read"])
    assert client.post("/api/v1/documents", json=RECORD, headers=bearer(text)).status_code == 200
    keys.revoke(found.id)
    refused(client.post("/api/v1/documents", json=RECORD, headers=bearer(text)), 401, "unauthorized")


def test_its_use_is_told(path, keys):
    client = made(path).test_client()
    _, text = keys.add("CMS", ["write"])
    client.post("/api/v1/documents", json=RECORD, headers=bearer(text))
    assert keys.all()[0].used is not None


def test_basic_is_for_reading_alone(path, key):
    client = made(path, reading="closed").test_client()
    all_of_it = key("read", "write", "desk")
    assert client.get("/api/v1/search", headers=basic(all_of_it)).status_code == 200
    assert client.get("/api/v1/search", headers=basic(all_of_it, "")).status_code == 200
    for address in ("/api/v1/documents", "/api/v1/decisions"):
        refused(client.post(address, json=RECORD, headers=basic(all_of_it)), 401, "unauthorized")
    for broken in ("Basic", "Basic !", "Basic Og==", basic("wrong")["Authorization"]):
        refused(client.get("/api/v1/search", headers={"Authorization": broken}), 401, "unauthorized")


# --- an archive that is closed


def addresses(app):
    """Every address that is read, with its endpoint; ids are of nothing."""
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods:
            yield rule.endpoint, re.sub(r"<int:[^>]+>", "1", re.sub(r"<(?!int)[^>]+>", "person", str(rule)))


def test_what_is_not_declared_open_is_closed(path):
    app = made(path, reading="closed", api_key="x" * 20)

    @app.get("/something/new")
    def new():
        return "a text"

    client = app.test_client()
    seen = dict(addresses(app))
    assert "new" in seen
    for endpoint, address in seen.items():
        for accept in ("application/json", "text/html"):
            answer = client.get(address, headers={"Accept": accept})
            if endpoint in access.OPEN:
                assert answer.status_code != 401, address
            elif endpoint == "unsubscribing.unsubscribe":  # whose links are signed, and this is none
                assert answer.status_code == 404
            elif endpoint != "desk.home":  # which shows its own form
                assert answer.status_code == 401, address
                assert answer.headers["WWW-Authenticate"]
                assert answer.headers["Cache-Control"] == "no-store"
        assert client.head(address).status_code == client.get(address).status_code
    assert client.get("/no/such/address").status_code == 401
    assert client.options("/api/v1/search").status_code == 200


def test_open_endpoints_are_there(path):
    assert set(made(path).view_functions) >= access.OPEN


def test_a_key_that_may_read_opens_it(path, key):
    client = made(path, reading="closed").test_client()
    for good in (key("read"), key("desk")):
        for address in ("/", "/api/v1/search?q=dam", "/api/v1/openapi.json", "/oembed?url=http://localhost/"):
            assert client.get(address, headers=bearer(good)).status_code == 200
    refused(client.get("/api/v1/search", headers=bearer(key("write"))), 403, "insufficient-scope")
    assert client.get("/api/v1/nothing", headers=bearer(key("read"))).status_code == 404
    missing = refused(client.get("/api/v1/search"), 401, "unauthorized")
    told = ", ".join(missing.headers.getlist("WWW-Authenticate"))
    assert 'Basic realm="Dateline archive", charset=UTF-8' in told
    assert "Bearer" in told
    script = refused(client.get("/api/v1/search", headers={"Sec-Fetch-Mode": "cors"}), 401, "unauthorized")
    assert "Basic" not in script.headers["WWW-Authenticate"]


def test_a_kept_answer_is_not_told_unchanged_to_who_may_not_read(path, key):
    client = made(path, reading="closed").test_client()
    tag = client.get("/api/v1/search", headers=bearer(key("read"))).headers["ETag"]
    refused(client.get("/api/v1/search", headers={"If-None-Match": tag}), 401, "unauthorized")


def test_a_key_for_writing_alone_writes_and_does_not_read(path, key):
    client = made(path, reading="closed").test_client()
    headers = bearer(key("write"))
    assert client.post("/api/v1/documents", json=RECORD, headers=headers).status_code == 200
    refused(client.get("/api/v1/search", headers=headers), 403, "insufficient-scope")


def entry(client, key, to="/", **more):
    shown = client.get(to, headers={"Accept": "text/html"})
    token = re.search(r'name="token" value="([^"]+)"', shown.text)[1]
    return client.post("/sign-in", data={"token": token, "key": key, "to": to, **more})


HTML = {"Accept": "text/html"}


def test_a_person_signs_in_and_reads_on(path, key, keys):
    key("desk")
    client = made(path, reading="closed").test_client()
    shown = client.get("/?q=dam", headers=HTML)
    assert shown.status_code == 401
    assert "closed" in shown.text
    assert "Calder" not in shown.text
    found, text = keys.add("Newsroom", ["read"])
    answer = entry(client, f" {text}\n", "/?q=dam")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?q=dam")
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("dateline_reader="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert text not in cookie
    page = client.get("/?q=dam", headers=HTML)
    assert page.status_code == 200
    assert "Sign out" in page.text
    assert client.get("/api/v1/suggest?q=da").status_code == 200  # what the page's scripts ask
    refused(client.post("/api/v1/documents", json=RECORD), 401, "unauthorized")
    refused(client.get("/api/v1/audit"), 403, "insufficient-scope")
    keys.revoke(found.id)
    assert client.get("/?q=dam", headers=HTML).status_code == 401


def test_signing_out(path, key):
    client = made(path, reading="closed").test_client()
    entry(client, key("read"))
    client.post("/sign-out", headers={"Sec-Fetch-Site": "cross-site"})
    assert client.get("/", headers=HTML).status_code == 200
    assert client.post("/sign-out").status_code == 303
    assert client.get("/", headers=HTML).status_code == 401


def test_signing_in_is_refused(path, key):
    key("read")
    client = made(path, reading="closed").test_client()
    assert entry(client, "wrong").status_code == 401
    assert entry(client, key("write")).status_code == 403
    assert client.post("/sign-in", data={"key": key("read"), "token": "x"}).status_code == 403
    for to in (
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:x",
        "/sign-in",
        "\n/x",
    ):
        fresh = made(path, reading="closed").test_client()
        assert entry(fresh, key("read"), to="/").headers["Location"] == "/"
        shown = client.get("/", headers=HTML)
        token = re.search(r'name="token" value="([^"]+)"', shown.text)[1]
        answer = client.post("/sign-in", data={"token": token, "key": key("read"), "to": to})
        assert answer.headers["Location"] == "/"
        client.post("/sign-out")


def test_where_reading_is_open_there_is_nothing_to_sign_in_to(path, key):
    client = made(path).test_client()
    assert client.get("/sign-in?to=/?q=dam").headers["Location"] == "/?q=dam"
    assert "Sign out" not in client.get("/").text
    assert client.get("/api/v1/search", headers=bearer("wrong")).status_code == 200


# --- the desk


def desk_entry(client, key):
    token = re.search(r'name="token" value="([^"]+)"', client.get("/desk").text)[1]
    return client.post("/desk/sign-in", data={"token": token, "key": key, "editor": "anna"})


def test_the_desk_takes_any_key_that_is_for_it(path, keys, key):
    client = made(path, reading="closed").test_client()
    assert client.get("/desk").status_code == 403  # there is no key at all
    found, text = keys.add("Anna", ["desk"])
    assert "not for the desk" in desk_entry(client, key("read", "write")).text
    assert desk_entry(client, text).status_code == 303
    assert client.get("/desk/decisions").status_code == 200
    assert client.get("/", headers=HTML).status_code == 200  # who decides may read
    keys.revoke(found.id)
    assert client.get("/desk/decisions").status_code == 401
    assert client.get("/", headers=HTML).status_code == 401


def test_a_session_is_known_to_the_other_processes_of_a_server(path, key):
    one, other = made(path), made(path)
    other.extensions["dateline"]["counters"] = one.extensions["dateline"]["counters"]  # as forking does
    client = one.test_client()
    desk_entry(client, key("desk"))
    value = client.get_cookie("dateline_desk", path="/desk").value
    second, stranger = other.test_client(), made(path).test_client()
    for there, status in ((second, 200), (stranger, 401)):
        there.set_cookie("dateline_desk", value, path="/desk")
        assert there.get("/desk/decisions").status_code == status


# --- the audit


def lines(client, desk, **query):
    answer = client.get("/api/v1/audit", headers=bearer(desk), query_string=query)
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.get_json()


def test_every_write_is_in_the_audit(path, keys, key):
    client = made(path).test_client()
    cms, text = keys.add("CMS", ["write"])
    desk = key("desk")
    far = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}}
    posted = client.post("/api/v1/documents", json=RECORD, headers=bearer(text), **far).get_json()
    id_ = posted["accepted"][0]["id"]
    client.post("/api/v1/documents", data=b"\x00", headers=bearer(text))
    client.delete(f"/api/v1/documents/{id_}", headers=bearer(text))
    client.post("/api/v1/decisions", json={}, headers=bearer(text))
    body = {"action": "pin", "editor": "anna", "entity": "person-helen-walsh"}
    client.post("/api/v1/decisions", json=body, headers=bearer(desk))
    found = lines(client, desk)["lines"]
    told = [(n["name"], n["who"], n["method"], n["route"], n["what"], n["status"]) for n in reversed(found)]
    assert told == [
        ("CMS", None, "POST", "/api/v1/documents", id_, 200),
        ("CMS", None, "POST", "/api/v1/documents", "", 422),
        ("CMS", None, "DELETE", "/api/v1/documents/<path:document_id>", f"document_id={id_}", 204),
        ("CMS", None, "POST", "/api/v1/decisions", "", 403),
        ("Test", "anna", "POST", "/api/v1/decisions", "decision 1", 201),
    ]
    assert [n["address"] for n in reversed(found)][:2] == ["192.0.2.7", "127.0.0.1"]
    assert len(lines(client, desk, key=cms.id)["lines"]) == 4
    first = lines(client, desk, limit=2)
    assert first["next"] == 4
    assert lines(client, desk, before=4, limit=3)["next"] is None


def test_what_nobody_known_sent_is_not_in_it(path, key):
    client = made(path).test_client()
    desk = key("desk")
    client.post("/api/v1/documents", json=RECORD)
    client.post("/api/v1/documents", json=RECORD, headers=bearer("wrong"))
    client.get("/api/v1/ingests", headers=bearer(desk))
    assert lines(client, desk)["lines"] == []


def test_the_desk_shows_it(path, key):
    client = made(path).test_client()
    desk_entry(client, key("desk"))
    token = re.search(r'name="token" value="([^"]+)"', client.get("/desk/decisions").text)[1]
    given = {"token": token, "action": "pin", "entity": "person-helen-walsh"}
    assert client.post("/desk/decisions", data=given).status_code == 303
    page = client.get("/desk/audit")
    assert page.status_code == 200
    for told in ("decision 1", "POST /desk/sign-in", "POST /desk/decisions", "anna", "127.0.0.1"):
        assert told in page.text


def test_a_write_goes_on_where_the_audit_cannot_be_written(path, key, caplog, monkeypatch):
    client = made(path, api_key="a-long-secret").test_client()
    from index.errors import ArchiveUnreachableError

    def fails(act):
        raise ArchiveUnreachableError("x", "the disk is full")

    monkeypatch.setattr(client.application.extensions["dateline"]["audit"], "note", fails)
    answer = client.post("/api/v1/documents", json=RECORD, headers=bearer("a-long-secret"))
    assert answer.status_code == 200
    assert "not in the audit" in caplog.text
    assert json.loads(answer.data)["accepted"][0]["id"] in caplog.text
