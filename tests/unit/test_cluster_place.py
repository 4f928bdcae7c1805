"""Where an index on a cluster is, out of what a person writes; a password is never shown."""

import pickle

import pytest

from api.settings import Settings
from index.cluster.place import NAME, ClusterPlace
from index.errors import SettingError

NODE = "http://127.0.0.1:9200"


@pytest.mark.parametrize(("urls", "hosts", "name"), [
    ("http://127.0.0.1:9200", (NODE,), NAME),
    ("http://127.0.0.1", (NODE,), NAME),
    ("http://127.0.0.1/", (NODE,), NAME),
    ("http://127.0.0.1/news", (NODE,), "news"),
    ("http://127.0.0.1/news/", (NODE,), "news"),
    (" http://127.0.0.1/news , ", (NODE,), "news"),
    ("https://Search.Example/news", ("https://search.example:9200",), "news"),
    ("http://a:1,http://b:2/news,http://c", ("http://a:1", "http://b:2", "http://c:9200"), "news"),
    ("http://a/news,http://a:9200/news", ("http://a:9200",), "news"),
    ("http://[::1]:9201/news", ("http://[::1]:9201",), "news"),
    ("http://[fe80::1]/n-1_2.3", ("http://[fe80::1]:9200",), "n-1_2.3"),
    ("http://a/" + "n" * 100, ("http://a:9200",), "n" * 100),
])  # fmt: skip
def test_what_is_written_is_read(urls, hosts, name):
    place = ClusterPlace.of(urls)
    assert (place.hosts, place.name, place.login) == (hosts, name, None)


@pytest.mark.parametrize(("urls", "login"), [
    ("http://anna:secret@a/news", ("anna", "secret")),
    ("http://anna:se%40cr%3Aet%2F@a", ("anna", "se@cr:et/")),
    ("http://anna@a", ("anna", "")),
    ("http://a,http://anna:secret@b", ("anna", "secret")),
    ("http://anna:secret@a,http://anna:secret@b", ("anna", "secret")),
])  # fmt: skip
def test_a_login_may_stand_in_any_of_them(urls, login):
    place = ClusterPlace.of(urls)
    assert place.login == login
    assert not any("@" in host for host in place.hosts)


@pytest.mark.parametrize("urls", [
    "", " , ", "127.0.0.1:9200", "a/news", "ftp://a", "http://", "http:///news", "http://:9200/news",
    "http://a?x=1", "http://a/news?x=1", "http://a/news#x", "http://a:0x1/news", "http://a:99999/news",
    "http://a/news,http://b/sport", "http://anna:secret@a,http://bert:secret@b", "http://[::1/news",
    "http://a/news/sport", "http://a/Dateline", "http://a/NEWS", "http://a/_news", "http://a/-news",
    "http://a/+news", "http://a/.", "http://a/..", "http://a/.news", "http://a/ne ws", "http://a/ne*ws",
    "http://a/ne%2Aws", "http://a/ne:ws", "http://a/ne\\ws", 'http://a/ne"ws', "http://a/ne<ws",
    "http://a/ne|ws", "http://a/é", "http://a/" + "n" * 101, "http://a b/news", "http://a:0/news",
    "http://anna:secret/x@a/news", "http://anna:1/secret@a/news",
])  # fmt: skip
def test_what_opensearch_or_nobody_could_use_is_refused(urls):
    with pytest.raises(ValueError) as caught:
        ClusterPlace.of(urls)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "told", [str, repr, "{}".format, "{!r}".format, lambda p: repr([p]), lambda p: repr({p: p})]
)
def test_a_password_is_shown_by_nothing(told):
    place = ClusterPlace.of("https://anna:top-secret@a:1,https://b/news", ca="/etc/ca.pem", shards=3)
    assert "top-secret" not in told(place)
    assert "https://a:1" in told(place)
    assert "news" in told(place)


def test_a_place_that_was_read_is_equal_to_itself_wherever_it_comes(tmp_path):
    one, other = (ClusterPlace.of("http://anna:secret@a/news", shards=2) for _ in range(2))
    assert (one, hash(one)) == (other, hash(other))
    assert pickle.loads(pickle.dumps(one)) == one
    assert one != ClusterPlace.of("http://anna:other@a/news", shards=2)


def test_another_name_on_the_same_nodes_keeps_all_else():
    urls = "http://anna:se%40cret@a:1/news, http://b"
    assert ClusterPlace.renamed(urls, "sport") == "http://anna:se%40cret@a:1/sport,http://b/sport"
    place = ClusterPlace.of(ClusterPlace.renamed(urls, "sport"))
    assert (place.hosts, place.name) == (("http://a:1", "http://b:9200"), "sport")
    assert place.login == ("anna", "se@cret")


@pytest.mark.parametrize(
    "urls", ["http://anna:top-secret@a:99999/news", "http://anna:top-secret@a/News", "anna:top-secret@a"]
)
def test_a_setting_that_cannot_be_used_is_told_without_its_password(urls):
    with pytest.raises(SettingError) as caught:
        Settings.from_env({"DATELINE_ENGINE": "opensearch", "DATELINE_OPENSEARCH": urls})
    shown = f"{caught.value} {caught.value.value} {caught.value!r}"
    assert "DATELINE_OPENSEARCH" in shown
    assert "top-secret" not in shown
