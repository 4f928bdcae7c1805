"""Alerts by HTTP and at the desk."""

import http.server
import re
import threading

import pytest

from api.app import create_app
from api.courier import courier_of
from api.settings import Settings
from index.archive import Archive
from index.channels import Channels
from index.saved import SavedSearches
from index.store import StoreWriter

KEY = "a-long-secret"
HEADERS = {"X-API-Key": KEY}
BODY = {"kind": "webhook", "editor": "anna"}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        status = 410 if self.path == "/gone" else 200
        self.send_response(status)
        self.end_headers()
        self.wfile.write(b"<b>said</b>")

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def receiver():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def settings(tmp_path):
    with StoreWriter(tmp_path / "index"):
        pass
    return Settings(index=tmp_path / "index", api_key=KEY, private=("127.0.0.1",))


@pytest.fixture
def client(settings, search):
    made = create_app(settings).test_client()
    made.search = search
    return made


@pytest.fixture
def search(settings):
    return SavedSearches(Archive(settings.index)).create("Dam inquiry", "anna", "q=dam").id


def ask(client, path, method="GET", status=200, **more):
    answer = client.open(f"/api/v1/{path}", method=method, headers=HEADERS, **more)
    assert answer.status_code == status, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.get_json()


def add(client, target, status=201, **more):
    body = {**BODY, "search": client.search, "target": target, **more}
    return ask(client, "alerts", "POST", status, json=body)


def test_an_alert_is_made_tested_and_its_deliveries_told(client, settings, receiver):
    made = add(client, f"{receiver}/a-secret-path-of-some-length")
    assert made["secret"].startswith("whsec_")
    assert (made["state"], made["pace"], made["who"]) == ("on", "at once", "anna")
    assert made["name"] == "Dam inquiry"
    assert "secret-path" not in made["target"]
    listed = ask(client, f"alerts?search={client.search}")
    assert [a["id"] for a in listed["alerts"]] == [made["id"]]
    assert "secret" not in listed["alerts"][0]
    assert listed["courier"] is False
    assert ask(client, "alerts?search=other")["alerts"] == []

    test = ask(client, f"alerts/{made['id']}/test", "POST", 202)
    assert (test["state"], test["event"], test["attempts"]) == ("waiting", "alert.test", [])
    assert "start `dateline courier`" in test["outlook"]
    assert courier_of(settings).once() == 1
    told = ask(client, f"deliveries/{test['id']}")
    assert (told["state"], told["outlook"]) == ("delivered", "Nothing more: it was taken.")
    assert [(a["outcome"], a["status"], a["said"]) for a in told["attempts"]] == [
        ("delivered", 200, "200: <b>said</b>")
    ]
    assert ask(client, f"alerts/{made['id']}")["meaning"].startswith("The newest delivery was taken")
    again = ask(client, f"deliveries/{test['id']}/resend", "POST", 202)
    assert (again["id"], again["state"]) == (test["id"], "waiting")
    assert ask(client, f"deliveries/{test['id']}/resend", "POST", 409)["type"].endswith("/alert-refused")


def test_410_turns_it_off_and_it_can_be_turned_on(client, settings, receiver):
    made = add(client, f"{receiver}/gone")
    ask(client, f"alerts/{made['id']}/test", "POST", 202)
    courier_of(settings).once()
    told = ask(client, f"alerts/{made['id']}")
    assert told["state"] == "off"
    assert "410" in told["meaning"]
    assert "enable it" in ask(client, f"alerts/{made['id']}/test", "POST", 409)["detail"]
    assert ask(client, f"alerts/{made['id']}/enable", "POST")["state"] == "failing"
    assert ask(client, f"alerts/{made['id']}/disable", "POST")["state"] == "off"


def test_deliveries_are_paged(client, receiver):
    made = add(client, receiver)
    for _ in range(5):
        ask(client, f"alerts/{made['id']}/test", "POST", 202)
    first = ask(client, f"alerts/{made['id']}/deliveries?limit=3&state=waiting")
    rest = ask(client, f"alerts/{made['id']}/deliveries?before={first['next']}")
    assert len({d["id"] for d in (*first["deliveries"], *rest["deliveries"])}) == 5
    assert rest["next"] is None


def test_a_rotation_and_a_removal(client, receiver):
    made = add(client, receiver)
    turned = ask(client, f"alerts/{made['id']}/rotate", "POST")
    assert turned["secret"] != made["secret"]
    assert turned["secrets"] == 2
    ask(client, f"alerts/{made['id']}", "DELETE", 204)
    for path, method in (("", "GET"), ("", "DELETE"), ("/test", "POST"), ("/deliveries", "GET")):
        ask(client, f"alerts/{made['id']}{path}", method, 404)
    ask(client, "deliveries/msg_x", status=404)


@pytest.mark.parametrize(
    ("target", "more", "status", "said"),
    [
        ("http://10.0.0.1/", {}, 422, "not public"),
        ("http://169.254.169.254/", {}, 422, "not public"),
        ("file:///etc/passwd", {}, 422, "only http"),
        ("https://anna:pass@news.example/", {}, 422, "user name"),
        ("https://nobody.invalid/x", {}, 422, "name is not known"),
        ("http://8.8.8.8/services/x", {"kind": "slack"}, 409, "https://"),
        ("anna", {"kind": "mail"}, 409, "no mail address"),
        ("a@x.org", {"kind": "pigeon"}, 400, "kind"),
        ("a@x.org", {"kind": "mail", "pace": "never"}, 400, "pace"),
        ("a@x.org", {"kind": "mail", "colour": "red"}, 400, "colour"),
        ("", {}, 400, "target"),
        ("a@x.org", {"kind": "mail", "search": "none"}, 404, "none"),
    ],
)
def test_what_cannot_be_an_alert_is_refused_with_the_reason(client, target, more, status, said):
    told = add(client, target, status, **more)
    assert said in told["detail"]
    assert "anna:" not in str(told)
    assert ask(client, "alerts")["alerts"] == []


def test_the_key_is_needed_for_all_of_it(client):
    for path, method in (
        ("alerts", "GET"), ("alerts", "POST"), ("alerts/x", "GET"), ("alerts/x", "DELETE"),
        ("alerts/x/test", "POST"), ("alerts/x/enable", "POST"), ("alerts/x/disable", "POST"),
        ("alerts/x/rotate", "POST"),
        ("alerts/x/deliveries", "GET"), ("deliveries/x", "GET"), ("deliveries/x/resend", "POST"),
    ):  # fmt: skip
        assert client.open(f"/api/v1/{path}", method=method).status_code == 401


def test_metrics_say_what_waits_and_whether_a_courier_is_at_work(client, settings, receiver):
    made = add(client, receiver)
    ask(client, f"alerts/{made['id']}/test", "POST", 202)
    told = client.get("/metrics").text
    assert 'dateline_deliveries{state="waiting"} 1.0' in told
    assert "dateline_courier_alive 0.0" in told
    courier_of(settings).once()
    told = client.get("/metrics").text
    assert 'dateline_deliveries{state="delivered"} 1.0' in told
    assert "dateline_courier_alive 1.0" in told


# The desk.


@pytest.fixture
def desk(client):
    form = client.get("/desk").text
    token = re.search(r'name="token" value="(\w+)"', form)[1]
    client.post("/desk/sign-in", data={"key": KEY, "editor": "anna", "token": token})
    return client


def send(desk, status=303, **form):
    token = re.search(r'name="token" value="(\w+)"', desk.get("/desk/alerts").text)[1]
    answer = desk.post("/desk/alerts", data={"token": token, **form})
    assert answer.status_code == status, answer.text
    return answer


def test_an_editor_makes_tests_and_reads_an_alert(desk, settings, receiver):
    page = send(
        desk, 201, action="add", search=desk.search, kind="webhook", pace="hourly", target=f"{receiver}/gone"
    )
    assert "whsec_" in page.text
    (channel,) = Channels(Archive(settings.index)).all()
    assert channel.who == "anna"
    assert "whsec_" not in desk.get(f"/desk/alerts/{channel.id}").text
    assert channel.id in desk.get("/desk/alerts").text
    send(desk, action="test", alert=channel.id)
    page = desk.get(f"/desk/alerts/{channel.id}").text
    assert "alert.test" in page
    assert "start `dateline courier`" in page
    courier_of(settings).once()
    page = desk.get(f"/desk/alerts/{channel.id}").text
    assert "410: &lt;b&gt;said&lt;/b&gt;" in page
    assert "wants nothing any more" in page
    assert "Send again" in page
    delivery = re.search(r"<code>(msg_\w+)", page)[1]
    send(desk, action="enable", alert=channel.id)
    send(desk, action="resend", alert=channel.id, delivery=delivery)
    send(desk, 200, action="rotate", alert=channel.id)
    send(desk, action="disable", alert=channel.id)
    assert "It was turned off." in desk.get("/desk/alerts").text
    send(desk, action="remove", alert=channel.id)
    assert desk.get(f"/desk/alerts/{channel.id}").status_code == 404


def test_a_refused_form_keeps_what_was_typed(desk):
    page = send(
        desk, 422, action="add", search=desk.search, kind="webhook", pace="daily", target="http://10.0.0.1/x"
    )
    assert "Nothing was changed" in page.text
    assert 'value="http://10.0.0.1/x"' in page.text
    send(desk, 409, action="add", search=desk.search, kind="pigeon", pace="daily", target="x")
    send(desk, 409, action="add", search=" ", kind="mail", pace="daily", target="x")
    send(desk, 404, action="test", alert="none")
    send(desk, 409, action="dance")
    send(desk, 404, action="add", search="none", kind="mail", pace="daily", target="a@x.org")


def test_a_form_of_another_site_changes_nothing(desk, settings):
    assert desk.post("/desk/alerts", data={"action": "add", "token": "x"}).status_code == 403
    assert create_app(settings).test_client().get("/desk/alerts").status_code == 401
