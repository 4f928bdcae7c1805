"""The child's side: files come in by standard input, what is in them goes out as JSON."""

from __future__ import annotations

import importlib
import json
import logging
import os
import resource
import select
import signal
import sys
import sysconfig
from contextlib import suppress
from typing import Any, BinaryIO

from index.confined.refusal import RefusalError

_MODULES = {
    name: f"index.confined.{name}" for name in ("pdf", "word", "feed", "markdown", "html", "fragment")
}
_FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.remove",
              "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "shutil.", "ftplib.", "smtplib.",
              "urllib.")  # fmt: skip

# Not empty while a document is read; what libraries do when they are imported is their own affair.
_reading: list[bool] = []


def main() -> None:
    """Answer until standard input ends, or nothing comes for long."""
    memory, idle = int(sys.argv[1]), int(sys.argv[2])
    logging.disable()
    # What a library prints must not get between the answers.
    out = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - of a device
        os.dup2(nowhere.fileno(), 1)
    _bound(memory)
    readers: dict[str, Any] = {}
    pipe = sys.stdin.buffer
    while select.select([pipe], [], [], idle)[0]:
        line = pipe.readline()
        if not line:
            return
        kind, size, seconds = json.loads(line)
        data = pipe.read(size)
        if kind not in readers:
            readers[kind] = importlib.import_module(_MODULES[kind])
        reply = _answer(readers[kind], data, seconds)
        del data
        _write(out, reply)
        if reply.get("over"):
            return


def _answer(reader: Any, data: bytes, seconds: float) -> dict[str, Any]:
    # Processor time, not the clock: a busy machine must not refuse a good file. The signal
    # ends the process whatever it is in the middle of, also inside a library's C.
    signal.setitimer(signal.ITIMER_PROF, seconds)
    _reading.append(True)
    try:
        return {"value": reader.extract(data)}
    except RefusalError as refusal:
        return {"refused": str(refusal), "unsupported": refusal.unsupported}
    except MemoryError:
        return _refused("needs more memory than a document may take; split it", over=True)
    except RecursionError:
        return _refused("damaged: it is nested too deeply, or refers to itself", over=True)
    except Exception as error:
        # Libraries raise whatever they like at a damaged file.
        told = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        return _refused(f"damaged, cannot be read ({told})")
    finally:
        _reading.clear()
        signal.setitimer(signal.ITIMER_PROF, 0)


def _refused(reason: str, *, over: bool = False) -> dict[str, Any]:
    return {"refused": reason, "unsupported": False, "over": over}


def _write(out: BinaryIO, reply: dict[str, Any]) -> None:
    data = json.dumps(reply).encode()
    out.write(b"%d\n" % len(data))
    out.write(data)
    out.flush()


def _bound(memory: int) -> None:
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)):
        with suppress(ValueError, OSError):  # a system may have a lower one already, or none to set
            resource.setrlimit(kind, (most, most))
    places = {*sys.path, *sysconfig.get_paths().values(), sys.prefix, sys.base_prefix}
    own = tuple(os.path.realpath(place) + os.sep for place in places if place)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if not _reading:
            return
        if event == "open":
            path = arguments[0]
            if isinstance(path, int):
                return
            if os.path.realpath(os.fsdecode(path)).startswith(own):
                return
            raise PermissionError("a document may open no file")
        if event.startswith(_FORBIDDEN):
            raise PermissionError("a document may reach nothing")

    sys.addaudithook(watch)


if __name__ == "__main__":
    main()
