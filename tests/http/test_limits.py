"""How often somebody may ask, by key or by address."""

import shutil

import pytest

from api.app import create_app
from api.counters import Quota
from api.settings import Settings
from index.archive import Archive
from index.keys import Keys

FAR, OTHER = "192.0.2.7", "192.0.2.8"


@pytest.fixture
def ask(sample_index):
    def asking(**settings):
        client = create_app(Settings(index=sample_index, **settings)).test_client()

        def get(path="/api/v1/stats", address=FAR, method="get", **headers):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            at = {"REMOTE_ADDR": address}
            return getattr(client, method)(path, headers=named, environ_overrides=at)

        return get

    return asking


def test_what_is_left_is_told_and_over_it_is_refused(ask):
    get = ask(rate=Quota(3, 60))
    for left in (2, 1, 0):
        answer = get()
        assert answer.status_code == 200
        assert answer.headers["RateLimit-Policy"] == '"reading";q=3;w=60'
        assert answer.headers["RateLimit"] == f'"reading";r={left};t=60'
    answer = get()
    assert (answer.status_code, answer.mimetype) == (429, "application/problem+json")
    assert answer.headers["Retry-After"] == answer.headers["RateLimit"].rpartition("t=")[2]
    assert answer.get_json() == {
        "type": "/api/v1/problems/quota-exceeded",
        "title": "Quota exceeded",
        "status": 429,
        "detail": f"That was too often; the quota `reading` is new in {answer.headers['Retry-After']} s.",
        "violated-policies": ["reading"],
    }
    assert get(address=OTHER).status_code == 200
    page = get("/", Accept="text/html")
    assert (page.status_code, page.mimetype) == (429, "text/html")
    assert "RateLimit" in page.headers


def test_what_is_not_counted(ask):
    get = ask(rate=Quota(1, 60), cors=("*",))
    for path in ("/healthz", "/readyz", "/metrics", "/static/dateline.css"):
        assert "RateLimit" not in get(path).headers
    assert get(method="options").status_code == 200
    assert get().status_code == 200
    assert get("/healthz").status_code == 200
    for address in ("127.0.0.1", "::1", "127.8.8.8", ""):
        for _ in range(3):
            assert get(address=address).status_code == 200
    off = ask(rate=None)
    assert "RateLimit" not in off().headers


def test_an_unchanged_answer_and_a_wrong_address_count_too(ask):
    get = ask(rate=Quota(3, 60))
    tag = get().headers["ETag"]
    assert get(If_None_Match=tag).headers["RateLimit"].startswith('"reading";r=1')
    assert get("/api/v1/nothing").headers["RateLimit"].startswith('"reading";r=0')


def test_ipv6_is_counted_by_64_and_ipv4_within_it_as_ipv4(ask):
    get = ask(rate=Quota(1, 60))
    assert get(address="2001:db8:1:2::1").status_code == 200
    assert get(address="2001:db8:1:2:ffff::9").status_code == 429
    assert get(address="2001:db8:1:3::1").status_code == 200
    assert get(address=FAR).status_code == 200
    assert get(address=f"::ffff:{FAR}").status_code == 429


@pytest.mark.parametrize(
    ("proxies", "peer", "told", "counted"),
    [
        (-1, FAR, "203.0.113.1", FAR),  # no proxy of ours: the client's own word
        (-1, "127.0.0.1", "203.0.113.1", "203.0.113.1"),
        (-1, "127.0.0.1", "6.6.6.6, 203.0.113.1", "203.0.113.1"),
        (-1, "", "203.0.113.1", "203.0.113.1"),  # a socket in the file system
        (0, "127.0.0.1", "203.0.113.1", "127.0.0.1"),
        (1, FAR, "6.6.6.6, 203.0.113.1", "203.0.113.1"),
        (2, FAR, "6.6.6.6, 203.0.113.1, 10.0.0.1", "203.0.113.1"),
        (2, FAR, "203.0.113.1", "203.0.113.1"),
        (1, FAR, "nonsense", FAR),
        (1, FAR, "", FAR),
    ],
)
def test_the_client_is_whom_the_outermost_trusted_proxy_saw(ask, proxies, peer, told, counted):
    get = ask(rate=Quota(1, 60), proxies=proxies)
    get(address=peer, X_Forwarded_For=told)
    local = counted == "127.0.0.1"
    again = get(address=peer, X_Forwarded_For=f"9.9.9.9, {told}" if "," in told else told)
    assert again.status_code == (200 if local else 429)
    assert get(address="198.51.100.1").status_code == (429 if peer == "198.51.100.1" else 200)


def test_a_key_is_counted_by_itself_wherever_it_comes_from(sample_index, tmp_path, ask):
    archive = f"sqlite:///{tmp_path}/a.sqlite3"
    keys = Keys(Archive(tmp_path, archive))
    one, two = keys.add("One", ["read"])[1], keys.add("Two", ["read"])[1]
    get = ask(rate=Quota(2, 60), archive=archive)
    assert get(X_API_Key=one).status_code == 200
    assert get(address=OTHER, X_API_Key=one).status_code == 200
    assert get(address="192.0.2.9", X_API_Key=one).status_code == 429
    assert get(X_API_Key=two).status_code == 200
    assert get().status_code == 200


def test_writing_has_a_quota_of_its_own(sample_index, tmp_path):
    path = shutil.copytree(sample_index, tmp_path / "index")
    app = create_app(Settings(index=path, api_key="a-long-secret", rate_write=Quota(1, 60)))
    client, headers = app.test_client(), {"X-API-Key": "a-long-secret"}
    far = {"REMOTE_ADDR": FAR}
    for status in (404, 429):
        answer = client.delete("/api/v1/documents/none", headers=headers, environ_overrides=far)
        assert answer.status_code == status
        assert answer.headers["RateLimit-Policy"] == '"writing";q=1;w=60'
    assert client.get("/api/v1/stats", headers=headers, environ_overrides=far).status_code == 200


def test_wrong_keys_are_counted_by_address_and_lock_out_nobody_with_a_key_of_the_archive(tmp_path, ask):
    archive = f"sqlite:///{tmp_path}/a.sqlite3"
    good = Keys(Archive(tmp_path, archive)).add("One", ["desk"])[1]
    get = ask(rate_keys=Quota(3, 60), archive=archive, api_key="chosen by a person")
    for _ in range(3):
        assert get("/api/v1/audit", X_API_Key="wrong").status_code == 401
    answer = get("/api/v1/audit", X_API_Key="chosen by a person")
    assert answer.status_code == 429
    assert answer.get_json()["violated-policies"] == ["wrong-keys"]
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert get("/api/v1/audit", X_API_Key=good).status_code == 200
    assert get("/api/v1/audit", address=OTHER, X_API_Key="chosen by a person").status_code == 200
    assert get(X_API_Key="wrong").status_code == 200  # what is open is open
    assert get("/api/v1/audit").status_code == 401


def test_pages_of_other_sites_may_read_what_is_left(ask):
    get = ask(rate=Quota(3, 60), cors=("*",))
    exposed = get(Origin="https://news.example").headers["Access-Control-Expose-Headers"]
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(exposed.split(", "))
