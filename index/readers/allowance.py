"""How much an input may unpack to: one account for all its layers, gzip in zip in gzip."""

from __future__ import annotations

from dataclasses import dataclass

from index.errors import InputError

MB = 1024 * 1024

# Real text is packed 3 to 30 times; only made-up data goes beyond 200 for long.
MAX_EXPANSION_RATIO = 200
MAX_EXPANSION_GRACE_BYTES = 8 * MB
MAX_EXPANDED_BYTES = 32 * 1024 * MB


@dataclass(slots=True)
class Allowance:
    """What was taken of an input as it lies or was sent, and what was unpacked out of that.

    Attributes:
        taken: bytes, still packed.
        given: bytes, of every layer.
    """

    taken: int = 0
    given: int = 0

    def spend(self, size: int, name: str) -> None:
        """Account for bytes that were unpacked.

        Raises:
            InputError: they are more than any real document unpacks to.
        """
        self.given += size
        if self.given > MAX_EXPANDED_BYTES:
            raise InputError(name, f"expands beyond {MAX_EXPANDED_BYTES // MB} MB; split it")
        if self.is_spent:
            raise InputError(name, f"expands more than {MAX_EXPANSION_RATIO} times; unpack it first")

    @property
    def is_spent(self) -> bool:
        """Whether nothing more may be unpacked."""
        return self.given > MAX_EXPANDED_BYTES or self.given > max(
            MAX_EXPANSION_GRACE_BYTES, MAX_EXPANSION_RATIO * self.taken
        )
