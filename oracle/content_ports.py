"""The interfaces of what stores files: in public by CID, and in private for one generation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Pinner(Protocol):
    """Stores content by CID. `pin` computes the CID, stores, reads back and compares."""

    def pin(self, data: bytes) -> str: ...
    def fetch(self, cid: str) -> bytes: ...
    def block(self, cid: str) -> bytes: ...
    def pinned(self, cid: str) -> bool: ...


class Withheld(Protocol):
    """This oracle's private files of generations that are not settled finally.

    Nothing here is public: audio and trace are pinned after the settlement. `generation` is an
    order's hash, 0x-hex. Raises InvalidInput for any other id, and for anything that is no CID.
    """

    def put(self, generation: str, data: bytes) -> str:
        """The CID of `data`, once it survives a power cut. May be repeated."""

    def fetch(self, generation: str, cid: str) -> bytes:
        """A whole file. Raises NotFound, WrongBytes when it is damaged, Unavailable."""

    def block(self, generation: str, cid: str) -> bytes:
        """One block of a file. Raises as `fetch`."""

    def holds(self, generation: str, cid: str) -> bool:
        """Whether the file of this CID was put completely."""

    def drop(self, generation: str) -> None:
        """Deletes all files of a generation, if there are any."""

    def generations(self) -> Mapping[str, int]:
        """The ids that have files, each with the time of its newest one, seconds since 1970."""
