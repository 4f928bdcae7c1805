"""Slack's slash command: who is let in, and what is answered, escaped by Slack's rules."""

import hashlib
import hmac
import os
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest

from api import replays
from api.app import create_app
from api.replays import Seen
from api.settings import Settings
from index.model import Article, Paragraph, Publication, stable_id
from index.store import StoreWriter

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
HOSTILE = "Ferry <!channel> <https://evil.example|click> & *bold* _it_ ~s~ `c` \x00\ud800 leaves\n> quoted"


@pytest.fixture(scope="module")
def slack(sample_index):
    return create_app(Settings(index=sample_index, slack_secret=SECRET)).test_client()


def signed(text, at=None, secret=SECRET):
    """A request as Slack makes it, by the example of its documentation."""
    body = urlencode({"token": "x", "team_id": "T1", "command": "/dateline", "text": text, "user_id": "U1"})
    stamp = str(int(time.time() if at is None else at))
    made = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={made}"}
    return {"data": body, "headers": headers, "content_type": "application/x-www-form-urlencoded"}


def ask(client, text, **more):
    answer = client.post("/slack/command", **signed(text, **more))
    assert answer.status_code == 200, answer.get_data()
    return answer.get_json()


def sections(told):
    return [block["text"]["text"] for block in told["blocks"] if block["type"] == "section"]


def test_the_best_passages_are_told_to_the_one_who_asked(slack):
    told = ask(slack, "dam inquiry")
    assert told["response_type"] == "ephemeral"
    assert told["text"] == "7 paragraphs in 6 articles for “dam inquiry”"
    head, *hits = sections(told)
    assert head == f"*{told['text']}*"
    assert len(hits) == 5
    (best,) = slack.get("/api/v1/search?q=dam+inquiry&group=article&limit=1").get_json()["hits"]
    address = f"http://localhost/articles/{best['article']['id']}?q=dam+inquiry#p-{best['id']}"
    assert hits[0].startswith(f"*<{address}|Hartley")
    assert any("*inquiry*" in hit and "17 March 2021, Meridian News" in hit for hit in hits)
    (last,) = told["blocks"][-1]["elements"]
    assert last["text"] == "<http://localhost/?q=dam+inquiry|All results>"


def test_slacks_own_example_of_a_signature(slack, monkeypatch):
    # From Slack's documentation, "Verifying requests from Slack".
    body = (
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url"
        "=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    monkeypatch.setattr(time, "time", lambda: 1531420618 + 200)
    answer = slack.post(
        "/slack/command",
        data=body,
        content_type="application/x-www-form-urlencoded",
        headers={
            "X-Slack-Request-Timestamp": "1531420618",
            "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        },
    )
    assert answer.status_code == 200
    assert "Type words after the command" in sections(answer.get_json())[0]


@pytest.mark.parametrize("text", ["", "  ", "help", "HELP"])
def test_without_words_it_says_how(slack, text):
    (told,) = sections(ask(slack, text))
    assert "`dam -inquiry`" in told


def test_a_phones_quotation_marks_mean_exact(slack):
    assert ask(slack, "“dam inquiry”")["text"].startswith(
        ask(slack, '"dam inquiry"')["text"].split(" for ")[0]
    )


def test_nothing_found_is_said_with_what_was_meant(slack):
    (told,) = sections(ask(slack, "inqiury"))
    assert told == "Nothing found for “inqiury”. Did you mean “inquiry”?"


def test_nothing_in_a_text_is_a_mention_a_link_or_a_style(tmp_path):
    id_ = stable_id("a")
    shown = (Paragraph(stable_id(id_), 0, "body", 0, len(HOSTILE), HOSTILE, (), ()),)
    with StoreWriter(tmp_path / "index") as store:
        store.put("a", "1", [Article(id_, "a", "a", HOSTILE, "test", shown, Publication(None, None))])
    client = create_app(Settings(index=tmp_path / "index", slack_secret=SECRET)).test_client()
    told = sections(ask(client, "ferry <leaves>"))
    hit = told[1]
    title, about, passage = hit.split("\n")
    assert "<!channel>" not in hit
    assert "&lt;!channel&gt;" in title
    assert "&lt;!channel&gt;" in passage
    assert passage.startswith(
        "*Ferry* &lt;!channel&gt; &lt;https://evil.example|click&gt; &amp; ∗bold∗ ＿it＿ ∼s∼ ˋcˋ"
    )
    assert title.count("<") == title.count(">") == 1
    assert about == "undated"
    assert told[0].endswith("“ferry &lt;leaves&gt;”*")


def test_a_message_stays_within_slacks_bounds(slack):
    told = ask(slack, "🗞" * 1_000)
    assert all(len(text) <= 3_000 for text in sections(told))
    told = ask(slack, "dam " * 400)
    assert all(len(text) <= 3_000 for text in sections(told))
    assert len(told["blocks"]) <= 50


@pytest.mark.parametrize(
    "wrong",
    [
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "é"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": str(int(time.time()) + 1)},
    ],
)
def test_what_slack_did_not_sign_is_refused(slack, wrong):
    request = signed("dam")
    request["headers"] |= wrong
    answer = slack.post("/slack/command", **request)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_another_secret_or_another_body_is_refused(slack):
    assert slack.post("/slack/command", **signed("dam", secret="other")).status_code == 401
    request = signed("dam")
    request["data"] += "&text=secret"
    assert slack.post("/slack/command", **request).status_code == 401


@pytest.mark.parametrize("seconds", [-301, 301, -86_400])
def test_an_old_request_is_refused(slack, seconds):
    answer = slack.post("/slack/command", **signed("dam", at=time.time() + seconds))
    assert answer.status_code == 401
    assert "too long ago" in answer.get_json()["detail"]


def test_a_request_is_answered_once(slack):
    request = signed("dam")
    assert slack.post("/slack/command", **request).status_code == 200
    answer = slack.post("/slack/command", **request)
    assert answer.status_code == 401
    assert "answered already" in answer.get_json()["detail"]


def test_a_large_body_is_refused_unread(slack):
    assert slack.post("/slack/command", **signed("x" * 40_000)).status_code == 413


def test_many_fields_are_refused(slack):
    body = "&".join(f"f{n}=1" for n in range(2_000))
    stamp = str(int(time.time()))
    made = hmac.new(SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={made}"}
    assert slack.post("/slack/command", data=body, headers=headers).status_code == 400


def test_without_a_secret_there_is_no_command(client):
    assert client.post("/slack/command", **signed("dam")).status_code == 404


def test_slack_is_let_in_where_reading_is_closed(sample_index):
    client = create_app(Settings(index=sample_index, slack_secret=SECRET, reading="closed")).test_client()
    assert ask(client, "dam inquiry")["text"].startswith("7 paragraphs")
    assert client.post("/slack/command", data="text=dam").status_code == 401


def test_an_archive_that_cannot_be_searched_is_told_in_words(tmp_path):
    client = create_app(Settings(index=tmp_path / "none", slack_secret=SECRET)).test_client()
    assert "cannot be searched" in ask(client, "dam")["text"]


# --- what has been answered


def test_processes_know_of_each_others_requests(tmp_path: Path):
    one, other = Seen(tmp_path), Seen(tmp_path)
    assert one.first("v0=a")
    assert not other.first("v0=a")
    assert other.first("v0=b")


def test_what_is_too_old_to_come_again_is_forgotten(tmp_path: Path, monkeypatch):
    seen = Seen(tmp_path)
    seen.first("v0=a")
    (file,) = tmp_path.iterdir()
    os.utime(file, (time.time() - 1_000,) * 2)
    monkeypatch.setattr(replays, "_SWEEP_S", 0)
    seen.first("v0=b")
    assert len(list(tmp_path.iterdir())) == 1


def test_the_servers_own_folder_is_taken_where_there_is_one(tmp_path: Path, monkeypatch):
    monkeypatch.setenv(replays.FOLDER, str(tmp_path))
    assert Seen().first("v0=a")
    assert len(list(tmp_path.iterdir())) == 1
    assert not Seen().first("v0=a")
