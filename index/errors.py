"""The one tree of errors. Each carries its data and says what, where and what to do."""

from __future__ import annotations

from pathlib import Path


class DatelineError(Exception):
    """Anything Dateline itself refuses or fails at; the message is fit for a person."""

    def __reduce__(self) -> tuple[object, ...]:
        """Cross processes with its data: the constructor's arguments are not those of `args`."""
        return _revived, (type(self), self.args, vars(self))


def _revived(kind: type[DatelineError], args: tuple[object, ...], data: dict[str, object]) -> DatelineError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(data)
    return error


class InputError(DatelineError):
    """One input could not be taken; the others can.

    Attributes:
        source: the file, folder, address or line that it is about.
        reason: what is wrong with it and what would help.
    """

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason


class UnsupportedInputError(InputError):
    """An input that holds no text Dateline reads: binary, empty, or of an unknown format."""


class StaleVersionError(InputError):
    """A document came of which something newer is known already; nothing is wrong with it.

    Attributes:
        id: of the document.
        state: that it has and keeps.
        version: that is held, or None.
    """

    def __init__(self, source: str, reason: str, id_: str, state: str, version: int | None) -> None:
        super().__init__(source, reason)
        self.id = id_
        self.state = state
        self.version = version


class IndexMissingError(DatelineError):
    """No index has been built at a path yet."""

    def __init__(self, path: Path | str) -> None:
        """`path` is a folder, or in words where an index on a cluster is."""
        option = f" --index {path}" if isinstance(path, Path) else ""
        super().__init__(f"no index at {path}; build one with `dateline index SOURCE{option}`")
        self.path = path


class IndexVersionError(DatelineError):
    """An index was written by a version of Dateline whose format this one does not read."""

    def __init__(self, path: Path | str, found: str, wanted: str) -> None:
        option = f" --index {path}" if isinstance(path, Path) else ""
        remedy = (
            f": move {path / 'dateline.json'} and {path / 'whoosh'} away (archive.sqlite3 stays) and"
            if isinstance(path, Path)
            else ", into an index of another name:"
        )
        super().__init__(
            f"the index at {path} has format {found}, this Dateline reads {wanted}; "
            f"build it anew from the archive with `dateline reindex{option}`, or, where the archive "
            f"has not its documents, from their sources{remedy} run `dateline index SOURCE{option}`"
        )
        self.path = path
        self.found = found
        self.wanted = wanted


class IndexLockedError(DatelineError):
    """Another process is writing to the index and did not finish in time."""

    def __init__(self, path: Path, waited_s: float) -> None:
        super().__init__(
            f"another writer holds the index at {path} (waited {waited_s:g} s); "
            "try again when it is done, or wait longer with `--wait SECONDS`"
        )
        self.path = path
        self.waited_s = waited_s


class IndexDamagedError(DatelineError):
    """A file of the index is missing or does not hold what was written to it."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path}: {reason}; build the index anew from the archive with `dateline reindex`, "
            "or restore a backup"
        )
        self.path = path
        self.reason = reason


class RebuildError(DatelineError):
    """An index cannot be built anew from the archive; the old one serves on."""

    def __init__(self, path: Path | str, reason: str, remedy: str) -> None:
        super().__init__(f"the index at {path} cannot be built anew: {reason}; {remedy}")
        self.path = path
        self.reason = reason


class ArchiveDamagedError(DatelineError):
    """The archive, which holds editors' decisions, does not hold what was written to it."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"the archive {where} is damaged ({reason}); put back the one of a backup, "
            "or move it away to go on without its decisions"
        )
        self.where = where
        self.reason = reason


class ArchiveVersionError(DatelineError):
    """An archive was written by a newer version of Dateline."""

    def __init__(self, where: str, found: str, wanted: str) -> None:
        super().__init__(
            f"the archive {where} has version {found}, this Dateline knows {wanted} and older; "
            "use the newer Dateline that wrote it"
        )
        self.where = where
        self.found = found
        self.wanted = wanted


class ArchiveUnreachableError(DatelineError):
    """The archive's database does not answer, or is held by another process for too long."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"the archive {where} cannot be used now ({reason}); try again, "
            "or see that its database runs and may be read and written"
        )
        self.where = where
        self.reason = reason


class DecisionError(DatelineError):
    """An editor's decision cannot be made, or would change nothing."""

    def __init__(self, action: str, reason: str) -> None:
        super().__init__(f"{action}: {reason}")
        self.action = action
        self.reason = reason


class AlertError(DatelineError):
    """An alert cannot be made, changed or sent as asked."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the alert {reason}")
        self.reason = reason


class SavedSearchError(DatelineError):
    """A search cannot be saved, or changed, as asked."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the search cannot be saved: {reason}")
        self.reason = reason


class SettingError(DatelineError):
    """A setting has a value that cannot be used."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        super().__init__(f"{name}={value!r} cannot be used: {wanted}")
        self.name = name
        self.value = value
        self.wanted = wanted


class ModelMissingError(DatelineError):
    """The model that finds names is not installed."""

    def __init__(self, model: str) -> None:
        super().__init__(f"the name model {model!r} is not installed; install it with `pip install {model}`")
        self.model = model


class NotFoundError(DatelineError):
    """An id names nothing in the index."""

    def __init__(self, what: str, id_: str, where: str = "") -> None:
        where = where or "in the index; it may have been removed or its source changed"
        super().__init__(f"no {what} {id_!r} {where}")
        self.what = what
        self.id = id_


class FetchError(DatelineError):
    """Another server could not be asked, or did not answer as it should.

    Attributes:
        origin: scheme, host and port of it; what stands behind them may be a secret.
        reason: what went wrong, without the address.
    """

    def __init__(self, origin: str, reason: str) -> None:
        super().__init__(f"{origin}: {reason}")
        self.origin = origin
        self.reason = reason


class AddressRefusedError(FetchError):
    """An address leads where the server does not go: a private network, an odd port, another protocol."""

    def __init__(self, origin: str, reason: str, remedy: str = "") -> None:
        super().__init__(origin, f"{reason}; {remedy}" if remedy else reason)


class FetchTimeoutError(FetchError):
    """Another server did not answer, or not completely, in time."""

    def __init__(self, origin: str, seconds: float) -> None:
        super().__init__(origin, f"no complete answer within {seconds:g} s")
        self.seconds = seconds


class FetchTooLargeError(FetchError):
    """Another server's answer is larger than is taken."""


class CursorError(DatelineError):
    """A cursor is not one of ours, or belongs to another query."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the cursor cannot be used: {reason}; start again without it")
        self.reason = reason


class CursorExpiredError(CursorError):
    """The place a cursor points at is gone since the index changed."""


class ClusterClientMissingError(DatelineError):
    """An index on a cluster is asked for, and the library that speaks to one is not installed."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"DATELINE_ENGINE=opensearch needs OpenSearch's client ({reason}); "
            "install it with `pip install 'dateline[opensearch]'`"
        )
        self.reason = reason


class ClusterUnreachableError(DatelineError):
    """No node of the OpenSearch cluster answers."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"no answer from OpenSearch at {where} ({reason}); is it running, and is the URL right?"
        )
        self.where = where
        self.reason = reason


class ClusterBusyError(DatelineError):
    """The OpenSearch cluster answers, but lacks a part of the index, or has too much to do."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"OpenSearch at {where} cannot answer completely now ({reason}); try again in a moment"
        )
        self.where = where
        self.reason = reason


class ClusterRefusedError(DatelineError):
    """The OpenSearch cluster does not take what it is asked: a version, a setting or a right may be wrong.

    Attributes:
        what: was asked.
        status: of HTTP that it answered.
        reason: in its words.
    """

    def __init__(self, what: str, status: int, reason: str) -> None:
        super().__init__(f"OpenSearch refused {what} ({status}: {reason}); see README, “On OpenSearch”")
        self.what = what
        self.status = status
        self.reason = reason


class ClusterBucketsError(ClusterRefusedError):
    """The OpenSearch cluster would have to count more values in one answer than it is set to."""

    def __init__(self, what: str, status: int, reason: str) -> None:
        super().__init__(what, status, f"{reason}; ask for fewer facets, or raise search.max_buckets there")
