"""The steps of every pinner: compute the CID, store, read back, compare, then pin.

An adapter only moves bytes and is not trusted. This module computes the CID before the store gets
the data. The root that the store returns must be that CID, and every block is read back and hashed
before the tree is pinned. A store that is wrong or lies therefore costs a retry, and never a
signature of other content.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

from oracle.domain.cid import LIMIT, check, cid_of, decode, read
from oracle.domain.errors import InvalidInput, Unavailable, WrongBytes
from oracle.settings import Pinning


def folder_of(settings: Pinning) -> Path:
    """REFRAIN_PIN_FOLDER. Raises InvalidInput when it is not set."""
    if not settings.pin_folder:
        raise InvalidInput("must be set: the folder for the blocks", field="REFRAIN_PIN_FOLDER")
    return Path(settings.pin_folder)


class VerifyingPinner(ABC):
    """Implements the Pinner port with four operations of an adapter. Calls may be repeated."""

    def pin(self, data: bytes) -> str:
        """The CID of `data`, once it is stored, read back and pinned.

        Raises:
            InvalidInput: the data is larger than 256 MiB.
            WrongBytes: the store returned another root or other bytes.
            Unavailable: the store did not answer, or did not pin.
        """
        if len(data) > LIMIT:
            raise InvalidInput(f"must have at most {LIMIT} bytes", field="data", value=len(data))
        cid = cid_of(data)
        root = self._store(cid, data)
        if root != cid:
            raise WrongBytes(f"the store returned another root than {cid}", field="cid", value=root)
        self.fetch(cid)
        self._keep(cid)
        if not self.pinned(cid):
            raise Unavailable("is not pinned by the store", field="cid", value=cid)
        return cid

    def fetch(self, cid: str) -> bytes:
        """The whole file of a CID; every block is hashed here.

        Raises:
            InvalidInput: not a supported CID, or a file larger than 256 MiB.
            NotFound: the store does not have a block of it.
            WrongBytes: the store returned other bytes.
            Unavailable: the store did not answer.
        """
        return read(cid, self._block)

    def block(self, cid: str) -> bytes:
        """One block, hashed here. Raises as `fetch`."""
        decode(cid)
        return check(cid, self._block(cid))

    @abstractmethod
    def pinned(self, cid: str) -> bool:
        """Whether the store reports the whole tree as pinned. Raises InvalidInput, Unavailable."""

    @abstractmethod
    def _store(self, cid: str, data: bytes) -> str:
        """Puts the file into the store; returns the root that the store reports."""

    @abstractmethod
    def _block(self, cid: str) -> bytes:
        """The store's bytes for this block, not verified. `cid` was decoded before."""

    @abstractmethod
    def _keep(self, cid: str) -> None:
        """Pins the whole tree."""
