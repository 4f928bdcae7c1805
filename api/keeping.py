"""What is done with an index wherever it is kept, in a folder or on a cluster?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from api.options import archive_of
from api.settings import Settings
from index import agreement, upkeep
from index.archive import FILE
from index.errors import DatelineError
from index.ingests import IngestLog
from index.store import read_marker, writer_at_work


def where(settings: Settings) -> str:
    """Where the index is, for a person to read."""
    return str(settings.cluster or settings.index)


def look_at(settings: Settings) -> None:
    """See that there is an index.

    Raises:
        IndexMissingError: there is none.
        DatelineError: it cannot be looked at, for whatever reason it names.
    """
    place = settings.cluster
    if place is None:
        read_marker(settings.index)
        return
    from index.cluster.client import cluster_of  # only those who have a cluster need its client
    from index.cluster.indices import behind

    behind(cluster_of(place))


def running(settings: Settings, log: IngestLog) -> frozenset[int]:
    """Numbers of the runs of indexing that go on: one at most writes to a folder, several to a cluster."""
    if settings.cluster is not None:
        return log.beating()
    last = log.last_unended()
    return frozenset({last} if last is not None and writer_at_work(settings.index) else ())


def problems(settings: Settings) -> Iterator[str]:
    """Read the index and its archive through; what is wrong, a sentence each.

    Raises:
        DatelineError: there is no index that can be read.
    """
    if settings.cluster is None:
        return agreement.problems(settings.index, archive_of(settings))
    from index.cluster.upkeep import problems as of_cluster

    return of_cluster(settings.cluster, archive_of(settings))


def backup(settings: Settings, target: Path) -> int:
    """Write the index into a file, of one on a cluster the archive alone; returns the file's bytes.

    Raises:
        DatelineError: there is nothing here to be backed up.
    """
    if settings.cluster is None:
        return upkeep.backup(settings.index, target, settings.wait)
    file = settings.index / FILE
    if settings.archive or not file.exists():
        raise DatelineError(
            f"nothing to back up here: the index is on the cluster, whose snapshots keep it, and the archive "
            f"is {archive_of(settings).where}, which is backed up by its own means"
            if settings.archive
            else f"nothing to back up here: the index is on the cluster, and there is no archive {file}"
        )
    return upkeep.backup_archive(settings.index, target)


def restore(settings: Settings, source: Path) -> str:
    """Unpack a backup; returns what is to be done next.

    Raises:
        InputError: it is none.
        DatelineError: it cannot go where the settings say.
    """
    if settings.cluster is None:
        upkeep.restore(source, settings.index)
        return f"`dateline check --index {settings.index}` reads it through"
    if settings.archive:
        raise DatelineError(
            "a backup holds an archive in a file, and DATELINE_ARCHIVE names another database"
        )
    upkeep.restore_archive(source, settings.index)
    return f"`dateline reindex --index {settings.index}` builds the index on the cluster from it"
