"""How a reader in the child says that it takes a file or not."""

from __future__ import annotations


class RefusalError(Exception):
    """A file that is not taken; crosses to the parent as an InputError with the file's name.

    Attributes:
        unsupported: it holds no text that could be read, rather than being damaged.
    """

    def __init__(self, reason: str, *, unsupported: bool = False) -> None:
        super().__init__(reason)
        self.unsupported = unsupported
