"""The desk in the browser, by its pages and forms: who is let in, what each form does, what it refuses."""

import html
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from api import desk_session
from api.app import create_app
from api.settings import Settings
from index.archive import Archive
from index.errors import InputError, UnsupportedInputError
from index.ingests import IngestLog
from index.model import Article, EntityMention, Paragraph, Publication, stable_id
from index.pipeline import Summary
from index.store import StoreWriter

KEY = "a-long-secret"
ANNA, SHORT, PETER = "person-anna-berg", "person-berg", "person-peter-otieno"
HOSTILE = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "\u202eאבג עברית\u202e",
    "🇳🇴👩\u200d⚖️ Emoji",
    "x" * 1_000,
    "{{ 7*7 }} %s {0}",
)
NAMES = {
    "Anna Berg": ("person", ANNA, "Anna Berg"),
    "Berg": ("person", SHORT, "Berg"),
    "Peter Otieno": ("person", PETER, "Peter Otieno"),
    "Nairobi": ("place", "place-nairobi", "Nairobi"),
    **{name: ("org", f"org-hostile-{n}", name) for n, name in enumerate(HOSTILE)},
}
RECORDS = [
    ("a1", "Talks Open in Nairobi", "Anna Berg met Peter Otieno in Nairobi."),
    ("a2", "Verdict in Oslo", "Anna Berg sentenced two men. Berg spoke first."),
    ("a3", "Quiet Day", "Peter Otieno said nothing to Berg."),
    *((f"h{n}", f"About {name}", f"It said {name} twice. {name}.") for n, name in enumerate(HOSTILE)),
]
PAGES = (
    "/desk",
    "/desk/entities",
    f"/desk/entities/{ANNA}",
    f"/desk/entities/{ANNA}/split",
    f"/desk/merge?entity={ANNA}&entity={SHORT}",
    "/desk/merge?find=otieno",
    "/desk/duplicates",
    "/desk/decisions",
    "/desk/ingests",
    "/desk/alerts",
    "/desk/ingests?failed=1",
    "/desk/ingests/1",
    *(f"/desk/entities/org-hostile-{n}" for n in range(len(HOSTILE))),
    *(f"/desk/entities/org-hostile-{n}/split" for n in range(len(HOSTILE))),
    "/desk/entities?prefix=%3Cscript%3E&kind=%22&limit=-1",
    "/desk/entities?kind=org&limit=100",
    "/desk/entities?hidden=1",
    "/desk/merge?" + "&".join(f"entity=org-hostile-{n}" for n in range(len(HOSTILE))),
)


def article(id_):
    return stable_id("article", id_)


def paragraph(id_, ordinal, text):
    pattern = "|".join(sorted(map(re.escape, NAMES), key=len, reverse=True))
    spans = [(m.start(), m.end(), m.group()) for m in re.finditer(pattern, text)]
    names = tuple(EntityMention(a, b, form, *NAMES[form]) for a, b, form in spans)
    kind = "body" if ordinal else "headline"
    return Paragraph(stable_id(id_, text), ordinal, kind, 0, len(text), text, (), names)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "index"
    with StoreWriter(path) as store:
        for n, (document, *texts) in enumerate(RECORDS, 1):
            made = tuple(paragraph(article(document), k, t) for k, t in enumerate(texts))
            day = Publication(date(2020, 1, n), "metadata")
            store.put(document, "x", [Article(article(document), document, "w", texts[0], "t", made, day)])
    with IngestLog(Archive(path)).note("command line", f"/srv/{HOSTILE[0]}", pytest.fail) as note:
        note.failed(InputError(f"/srv/{HOSTILE[1]}", "damaged gzip (it ends in the middle); fetch it again"))
        note.failed(UnsupportedInputError("/srv/cat.png", "empty"))
        note.progress(Summary(documents=3, failed=1, skipped=1))
    return path


@pytest.fixture
def app(path):
    return create_app(Settings(index=path, api_key=KEY))


@pytest.fixture
def nobody(app):
    return app.test_client()


def token(answer):
    return re.search(r'name="token" value="([^"]+)"', answer.text)[1]


def sign_in(client, key=KEY, editor="anna", **more):
    given = {"token": token(client.get("/desk")), "key": key, "editor": editor, **more}
    return client.post("/desk/sign-in", data=given)


@pytest.fixture
def client(app):
    made = app.test_client()
    assert sign_in(made).status_code == 303
    return made


def post(client, action, status=303, **given):
    given = {"token": token(client.get("/desk/decisions")), "action": action, **given}
    answer = client.post("/desk/decisions", data=given)
    assert answer.status_code == status, told(answer)
    return client.get(answer.headers["Location"]) if status == 303 else answer


def told(answer):
    """What a person reads of a page."""
    text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(text).translate({0x2068: None, 0x2069: None}).split())


def decisions(path):
    return Archive(path).decisions()


# --- who is let in


def test_without_a_key_on_the_server_the_desk_is_off_and_says_how_to_turn_it_on(path):
    client = create_app(Settings(index=path)).test_client()
    for address in PAGES:
        answer = client.get(address)
        assert answer.status_code == 403
        assert "DATELINE_API_KEY" in told(answer)
        assert "Anna Berg" not in told(answer)
    assert client.post("/desk/sign-in", data={"key": "", "editor": "x"}).status_code == 403


@pytest.mark.parametrize("address", PAGES)
def test_nothing_is_shown_to_who_is_not_signed_in(nobody, address):
    answer = nobody.get(address)
    assert answer.status_code == (200 if address == "/desk" else 401)
    assert "Key" in told(answer)
    assert not re.search("Anna Berg|Otieno|srv|Quiet Day", answer.text.replace("otieno", ""))
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_right_key_signs_in_by_a_cookie_that_no_script_and_no_other_site_gets(nobody):
    answer = sign_in(nobody, to="/desk/entities?prefix=an")
    assert answer.headers["Location"] == "/desk/entities?prefix=an"
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("dateline_desk="))
    for wanted in ("HttpOnly", "SameSite=Strict", "Path=/desk", f"Max-Age={desk_session.HOURS * 3600}"):
        assert wanted in cookie
    assert "Secure" not in cookie
    assert KEY not in cookie
    assert "anna" in told(nobody.get("/desk"))


def test_the_cookie_stays_with_https_where_the_request_came_by_it(nobody):
    given = {"token": token(nobody.get("/desk", base_url="https://x.org")), "key": KEY, "editor": "anna"}
    answer = nobody.post("/desk/sign-in", data=given, base_url="https://x.org")
    assert all("Secure" in c for c in answer.headers.getlist("Set-Cookie") if "Max-Age=0" not in c)


@pytest.mark.parametrize("key", ["", "wrong", KEY + " ", KEY[:-1], "é\udcff"])
def test_a_wrong_key_is_refused(nobody, key):
    answer = sign_in(nobody, key=key.encode("utf-8", "surrogatepass"))
    assert answer.status_code == 401
    assert "That is not the key." in told(answer)
    assert not [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("dateline_desk=")]
    assert nobody.get("/desk/entities").status_code == 401


def test_wrong_keys_are_limited_by_address_even_before_the_right_one(nobody):
    quota = nobody.application.extensions["dateline"]["settings"].rate_keys
    for _ in range(quota.requests):
        assert sign_in(nobody, key="wrong").status_code == 401
    answer = sign_in(nobody)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= quota.seconds
    assert "Too many wrong keys" in told(answer)
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    given = {"token": token(nobody.get("/desk")), "key": KEY, "editor": "anna"}
    forged = {"X-Forwarded-For": "203.0.113.9"}
    assert (
        nobody.post("/desk/sign-in", data=given, headers=forged).status_code == 303
    )  # a proxy on this machine
    other = nobody.post("/desk/sign-in", data=given, environ_overrides=elsewhere, headers=forged)
    assert other.status_code in (303, 403)


@pytest.mark.parametrize("editor", ["", "   ", "x" * 201, "a\nb"])
def test_who_decides_must_be_named(nobody, editor):
    answer = sign_in(nobody, editor=editor)
    assert answer.status_code == 422
    assert nobody.get("/desk/entities").status_code == 401


def test_the_form_that_signs_in_must_come_from_here(nobody):
    nobody.get("/desk")
    assert nobody.post("/desk/sign-in", data={"key": KEY, "editor": "anna"}).status_code == 403
    assert (
        nobody.post("/desk/sign-in", data={"key": KEY, "editor": "a", "token": "0" * 32}).status_code == 403
    )


@pytest.mark.parametrize(
    "to", ["https://evil.example/desk", "//evil.example/desk", "/\\evil", "/desk\\..", "javascript:1", "/"]
)
def test_signing_in_leads_nowhere_else(nobody, to):
    assert sign_in(nobody, to=to).headers["Location"] == "/desk"


def test_a_session_ends(client, monkeypatch):
    form = token(client.get("/desk"))
    monkeypatch.setattr(desk_session, "HOURS", -1)
    answer = client.post("/desk/decisions", data={"token": form, "action": "hide", "entity": ANNA})
    assert answer.status_code == 401
    assert "Nothing was changed" in told(answer)
    assert client.get("/desk/entities").status_code == 401
    monkeypatch.undo()
    assert client.get(f"/api/v1/entities/{ANNA}").status_code == 200


def test_another_key_ends_all_sessions(path, client):
    cookie = client.get_cookie(desk_session.COOKIE, path="/desk")
    other = create_app(Settings(index=path, api_key="another-key")).test_client()
    other.set_cookie(desk_session.COOKIE, cookie.value, path="/desk")
    assert other.get("/desk/entities").status_code == 401


@pytest.mark.parametrize("change", [lambda v: v[:-2], lambda v: "x" + v, lambda v: "é", lambda v: ""])
def test_a_changed_cookie_is_none(app, client, change):
    value = client.get_cookie(desk_session.COOKIE, path="/desk").value
    other = app.test_client()
    other.set_cookie(desk_session.COOKIE, change(value), path="/desk")
    assert other.get("/desk/entities").status_code == 401


def test_signing_out(client):
    assert client.post("/desk/sign-out", data={"token": token(client.get("/desk"))}).status_code == 303
    assert client.get("/desk/entities").status_code == 401


@pytest.mark.parametrize("address", ["/desk/decisions", "/desk/sign-out"])
@pytest.mark.parametrize("given", [{}, {"token": ""}, {"token": "0" * 64}, {"token": "é"}])
def test_a_form_from_elsewhere_does_nothing(path, client, address, given):
    answer = client.post(address, data={"action": "hide", "entity": ANNA, **given})
    assert answer.status_code == 403
    assert "Nothing was changed" in told(answer)
    assert decisions(path).log == ()
    assert client.get("/desk/entities").status_code == 200


def test_a_token_is_of_one_session_alone(app, path, client):
    other = app.test_client()
    sign_in(other)
    given = {"token": token(other.get("/desk")), "action": "hide", "entity": ANNA}
    assert client.post("/desk/decisions", data=given).status_code == 403
    assert decisions(path).log == ()


# --- pages


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_private_escaped_and_without_inline_code(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "ETag" not in answer.headers
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=\"|javascript:", answer.text)
    assert "<img" not in answer.text
    assert "alert(1)</script" not in answer.text
    assert "49 %s" not in answer.text
    assert len(re.findall("<h1", answer.text)) == 1


def test_names_are_found_with_a_slip_and_show_their_evidence(client):
    answer = client.get("/desk/entities", query_string={"prefix": "otiemo"})
    text = told(answer)
    assert "Peter Otieno" in text
    assert "2 paragraphs in 2 articles, 1 January 2020 to 3 January 2020" in text
    assert "Written Peter Otieno 2" in text
    assert "Anna Berg met Peter Otieno in Nairobi." in text
    assert f"/articles/{article('a1')}#p-" in answer.text
    assert "Named beside it" in text
    assert "Nairobi" not in told(client.get("/desk/entities?kind=person&prefix=nair"))
    assert "Nairobi" in told(client.get("/desk/entities?kind=place&prefix=nair"))


def test_likely_duplicates_are_offered_and_merged_with_one_click_and_a_look(client, path):
    answer = client.get("/desk/duplicates")
    assert "“Anna Berg” is the only full name here with this surname." in told(answer)
    link = html.unescape(re.search(r'href="(/desk/merge\?[^"]+)"', answer.text)[1])
    look = client.get(link)
    assert "Are these the same?" in told(look)
    assert "Berg spoke first." in told(look)
    assert "Anna Berg met Peter Otieno" in told(look)
    done = post(client, "merge", entity=[ANNA, SHORT], into=ANNA)
    assert "Decision 1: merged “Berg” into “Anna Berg”. It counts everywhere now." in told(done)
    assert decisions(path).entities[SHORT] == ANNA
    assert decisions(path).log[0].who == "anna"
    assert "only full name" not in told(client.get("/desk/duplicates"))
    assert f"{SHORT} counts as this one" in told(client.get(f"/desk/entities/{SHORT}"))
    assert "Merged into it: Berg" in told(client.get(f"/desk/entities/{ANNA}"))
    page = client.get("/api/v1/facets/person", query_string={"prefix": "berg"}).get_json()["values"]
    assert [(v["id"], v["count"]) for v in page] == [(ANNA, 3)]


def test_they_are_two(client, path):
    post(client, "apart", entity=[ANNA, SHORT], back="/desk/duplicates")
    assert decisions(path).pinned == {ANNA, SHORT}
    assert "only full name" not in told(client.get("/desk/duplicates"))


def test_undo_stands_right_there_and_in_the_log(client, path):
    page = post(client, "rename", entity=ANNA, name="Anna B. Berg")
    assert re.search(r'name="number" value="1"', page.text)
    page = post(client, "undo", number="1", back=f"/desk/entities/{ANNA}?made=1")
    assert "Decision 2: undid decision 1." in told(page)
    assert decisions(path).names == {}
    log = told(client.get("/desk/decisions"))
    assert "renamed “Anna Berg” to “Anna B. Berg”" in log
    assert "undone by 2" in log
    answer = post(client, "undo", 409, number="1")
    assert "was undone by 2" in told(answer)
    assert "Nothing was changed" in told(answer)
    post(client, "undo", 404, number="77")
    post(client, "undo", 404, number="x")


def test_split(client, path):
    page = client.get(f"/desk/entities/{ANNA}/split")
    assert "2 articles" in told(page)
    assert "Quiet Day" not in told(page)
    assert "Verdict in Oslo" not in told(client.get(f"/desk/entities/{ANNA}/split?q=met"))
    refused = post(client, "split", 409, entity=ANNA, articles=article("a2"), name="Anna Berg")
    assert "would be person-anna-berg again" in told(refused)
    assert re.search(rf'value="{article("a2")}" id="article-\d" checked', refused.text)
    refused = post(client, "split", 409, entity=ANNA, name="Anna Berg (judge)")
    assert "choose at least one article" in told(refused)
    assert 'value="Anna Berg (judge)"' in refused.text
    done = post(client, "split", entity=ANNA, articles=article("a2"), name="Anna Berg (judge)")
    assert "split “Anna Berg (judge)” off from “Anna Berg” in 1 article" in told(done)
    assert "person-anna-berg-judge" in done.text
    assert told(client.get("/desk/entities/person-anna-berg-judge")).count("Verdict in Oslo") >= 1


def test_hide_and_show_again(client, path):
    page = post(client, "hide", entity=ANNA)
    assert "hidden" in told(page)
    assert "Show again" in told(page)
    assert "Anna Berg met Peter Otieno" in told(page)  # with its evidence, for those who decide
    assert client.get(f"/api/v1/entities/{ANNA}").status_code == 404
    assert "Anna Berg" in told(client.get("/desk/entities?hidden=1"))
    assert "It is hidden" in told(client.get(f"/desk/entities/{ANNA}/split"))
    post(client, "hide", 409, entity=ANNA)
    post(client, "unhide", entity=ANNA)
    assert decisions(path).hidden == frozenset()
    assert client.get(f"/api/v1/entities/{ANNA}").status_code == 200
    assert "is not hidden" in told(post(client, "unhide", 409, entity=ANNA))


def test_what_was_merged_and_hidden_is_shown_again(client, path):
    post(client, "merge", entity=[ANNA, SHORT], into=ANNA)
    post(client, "hide", entity=SHORT)
    post(client, "unhide", entity=ANNA)
    assert decisions(path).hidden == frozenset()


def test_pin_and_retype(client, path):
    assert "pinned" in told(post(client, "pin", entity=ANNA))
    post(client, "unpin", entity=ANNA)
    assert decisions(path).pinned == frozenset()
    post(client, "retype", entity="place-nairobi", kind="org")
    assert decisions(path).kinds == {"place-nairobi": "org"}
    assert "kind:" in told(post(client, "retype", 422, entity=ANNA, kind="boat"))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_display_names_are_kept_or_refused_and_never_run(client, path, name):
    answer = post(client, "rename", 422 if len(name) > 200 else 303, entity=ANNA, name=name)
    assert not re.search("<script(?![^>]*src=)|<img", answer.text)
    if len(name) <= 200:
        assert decisions(path).names[ANNA] == name.strip()
        assert (
            html.escape(name.strip(), quote=False).replace('"', "&#34;").replace("'", "&#39;") in answer.text
        )


def test_refusals_are_told_on_the_page_with_what_was_typed(client, path):
    refused = post(client, "merge", 409, entity=[ANNA], into=ANNA)
    assert "Nothing was changed: choose at least two names" in told(refused)
    post(client, "merge", entity=[ANNA, SHORT], into=ANNA)
    again = post(client, "merge", 409, entity=[SHORT, ANNA], into=ANNA)
    assert "count as person-anna-berg already; undo decision 1 to part them" in told(again)
    post(client, "merge", 404, entity=[ANNA, PETER, "person-nobody"], into=ANNA)
    assert len(decisions(path).log) == 1
    for action in ("", "drop", "__class__"):
        assert "asks for nothing that is known" in told(post(client, action, 409))
    post(client, "hide", 404, entity="person-nobody")
    post(client, "rename", 422, entity=ANNA, name=" ")


@pytest.mark.parametrize("address", ["entities/person-nobody", "entities/person-nobody/split", "ingests/77"])
def test_what_is_not_there_is_said_in_the_desk(client, address):
    answer = client.get(f"/desk/{address}")
    assert answer.status_code == 404
    assert "Back to the desk" in told(answer)


def test_back_leads_to_pages_of_the_desk_alone(client):
    given = {
        "token": token(client.get("/desk")),
        "action": "pin",
        "entity": ANNA,
        "back": "//evil.example/desk",
    }
    assert client.post("/desk/decisions", data=given).headers["Location"] == f"/desk/entities/{ANNA}?made=1"


def test_several_editors_at_once(app, path):
    def work(n):
        client = app.test_client()
        sign_in(client, editor=f"editor {n}")
        post(client, "rename", entity=f"org-hostile-{n}", name=f"Company {n}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert sorted(d.who for d in decisions(path).log) == [f"editor {n}" for n in range(4)]


def test_what_was_ingested_what_failed_and_why(client, path):
    with IngestLog(Archive(path)).note("HTTP", "posted document", pytest.fail) as note:
        note.progress(Summary(documents=1))
    runs = told(client.get("/desk/ingests"))
    assert "Run 2" in runs
    assert "Run 1" in runs
    failed = told(client.get("/desk/ingests?failed=1"))
    assert "Run 2" not in failed
    assert "1 failed" in failed
    run = told(client.get("/desk/ingests/1"))
    assert "/srv/<script>alert(1)</script>" in run
    assert "damaged gzip (it ends in the middle) What helps: fetch it again" in run
    assert "empty What helps: see whether it should hold text" in run
    assert "Nothing failed." in told(client.get("/desk/ingests/2"))


def test_long_logs_go_page_by_page(client, path, monkeypatch):
    from api import desk_pages

    for name in ("_LOG", "_RUNS", "_FAILURES", "_PAIRS", "_ARTICLES"):
        monkeypatch.setattr(desk_pages, name, 1)
    post(client, "pin", entity=ANNA)
    post(client, "pin", entity=PETER)
    with IngestLog(Archive(path)).note("HTTP", "posted document", pytest.fail):
        pass
    for address, first, second in (
        ("/desk/decisions", "pinned “Peter Otieno”", "pinned “Anna Berg”"),
        ("/desk/ingests", "Run 2", "Run 1"),
        ("/desk/ingests/1", "damaged gzip", "empty"),
        (f"/desk/entities/{ANNA}/split", "Verdict in Oslo", "Talks Open"),
    ):
        page = client.get(address)
        assert first in told(page)
        assert second not in told(page)
        following = html.unescape(re.search(r'rel="next" href="([^"]+)"', page.text)[1])
        rest = client.get(following)
        assert second in told(rest)
        assert first not in told(rest)


def test_the_api_and_the_pages_know_nothing_of_the_cookie(client):
    assert client.get("/api/v1/decisions").status_code == 401
    assert client.post("/api/v1/decisions", data=json.dumps({})).status_code == 401
    assert ">anna<" not in client.get("/").text
    assert "Cookie" not in client.get("/").headers.get("Vary", "")
