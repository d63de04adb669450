"""What every pinner does the same way: compute, store, read back, compare, only then pin.

An adapter moves bytes and is believed in nothing. The CID is computed here before the store hears
of the data; the root that the store names must be that CID; every block is fetched again and
hashed; only then is the tree pinned. So a store that is wrong, or lies, costs a retry and never a
signature over something else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Protocol

from oracle.domain.cid import LIMIT, check, cid_of, decode, read
from oracle.domain.errors import InvalidInput, Unavailable, WrongBytes
from oracle.ports import Pinner


class BlockPinner(Pinner, Protocol):
    """A pinner that the gateway can serve from as well."""

    def block(self, cid: str) -> bytes: ...


class PinningSettings(Protocol):
    """What pinners read of the settings: REFRAIN_PIN_FOLDER and REFRAIN_IPFS_API."""

    @property
    def pin_folder(self) -> Path | None: ...
    @property
    def ipfs_api(self) -> str | None: ...


def folder_of(settings: PinningSettings) -> Path:
    """REFRAIN_PIN_FOLDER. Raises InvalidInput when it is not set."""
    if not settings.pin_folder:
        raise InvalidInput("say where to keep the blocks", field="REFRAIN_PIN_FOLDER")
    return Path(settings.pin_folder)


class VerifyingPinner(ABC):
    """The Pinner port over four movements of bytes. Every call may be repeated."""

    def pin(self, data: bytes) -> str:
        """The CID of `data`, once it is stored, read back and pinned.

        Raises:
            InvalidInput: more than 256 MiB.
            WrongBytes: the store named another root, or gave back other bytes.
            Unavailable: the store did not answer, or has not pinned what it said it would.
        """
        if len(data) > LIMIT:
            raise InvalidInput(f"more than {LIMIT} bytes", field="data", value=len(data))
        cid = cid_of(data)
        root = self._store(cid, data)
        if root != cid:
            raise WrongBytes(f"the store named another root than {cid}", field="cid", value=root)
        self.fetch(cid)
        self._keep(cid)
        if not self.pinned(cid):
            raise Unavailable("the store has not pinned", field="cid", value=cid)
        return cid

    def fetch(self, cid: str) -> bytes:
        """The whole file behind a CID, every block of it hashed here.

        Raises:
            InvalidInput: not a CID we use, or larger than 256 MiB.
            NotFound: a block of it is not to be had.
            WrongBytes: the store gave other bytes.
            Unavailable: the store did not answer.
        """
        return read(cid, self._block)

    def block(self, cid: str) -> bytes:
        """One block, hashed here. Raises as `fetch` does."""
        decode(cid)
        return check(cid, self._block(cid))

    @abstractmethod
    def pinned(self, cid: str) -> bool:
        """Whether the store says that it keeps the whole tree. Raises InvalidInput, Unavailable."""

    @abstractmethod
    def _store(self, cid: str, data: bytes) -> str:
        """Put the file into the store; the root as the store names it."""

    @abstractmethod
    def _block(self, cid: str) -> bytes:
        """Some bytes the store calls this block; nobody has looked at them. `cid` is decoded."""

    @abstractmethod
    def _keep(self, cid: str) -> None:
        """Pin the whole tree."""
