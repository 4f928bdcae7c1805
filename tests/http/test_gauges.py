"""What a monitor is told of the index, the archive and the disk."""

from datetime import UTC, datetime, timedelta

import pytest
from conftest import build_index
from prometheus_client.parser import text_string_to_metric_families

from api.app import create_app
from api.settings import Settings
from index.archive import Archive
from index.feeds import Feed, Feeds


def told(client) -> dict[str, float]:
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {
        sample.name + "".join(f"/{sample.labels[name]}" for name in sorted(sample.labels)): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gauges")
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    (folder / "news.jsonl").write_text(
        '{"id": "1", "headline": "Ferry sinks", "text": "The ferry sank off Ellery on May 3, 2016."}\n'
        '{"uri": "urn:x:2", "type": "text", "headline": "Later", "body_text": "The inquiry ends in May.",'
        f' "embargoed": "{later}"}}\n'
    )
    build_index(folder / "index", folder / "news.jsonl")
    return folder / "index"


def test_the_index_the_archive_and_the_disk(index):
    seen = told(create_app(Settings(index=index)).test_client())
    now = datetime.now(UTC).timestamp()
    assert (seen["dateline_index_up"], seen["dateline_archive_up"]) == (1, 1)
    assert (seen["dateline_documents"], seen["dateline_archive_unindexed_changes"]) == (1, 0)
    assert seen["dateline_embargoed_documents"] == 1
    assert now < seen["dateline_embargo_ends_timestamp_seconds"] < now + 86_500
    assert now - 300 < seen["dateline_changed_timestamp_seconds"] < now + 1
    assert 0 < seen["dateline_disk_free_bytes"] < seen["dateline_disk_bytes"]
    assert seen["dateline_info/whoosh/0.1.0"] == 1


def test_feeds_that_fail(index):
    archive = Archive(index)
    Feeds(archive).put(Feed("https://news.example/a.xml"))
    Feeds(archive).put(Feed("https://news.example/b.xml").failed("no answer", datetime.now(UTC)))
    seen = told(create_app(Settings(index=index)).test_client())
    assert [seen[f"dateline_feeds/{state}"] for state in ("well", "failing", "gone")] == [1, 1, 0]


def test_errors_by_kind(index):
    client = create_app(Settings(index=index)).test_client()
    before = told(client).get("dateline_problems_total/not-found/404", 0)
    assert client.get("/api/v1/articles/none").status_code == 404
    assert told(client)["dateline_problems_total/not-found/404"] == before + 1


def test_what_is_not_known_is_no_zero(tmp_path):
    seen = told(create_app(Settings(index=tmp_path / "none")).test_client())
    assert seen["dateline_index_up"] == 0
    assert "dateline_paragraphs" not in seen
    away = Settings(index=tmp_path / "none", archive="postgresql+psycopg://nobody@127.0.0.1:1/none")
    seen = told(create_app(away).test_client())
    assert seen["dateline_archive_up"] == 0
    assert "dateline_embargoed_documents" not in seen
    assert seen["dateline_disk_bytes"] > 0
