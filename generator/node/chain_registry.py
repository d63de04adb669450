"""Reads from the chain who owns a recording and which audio file its owner registered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from oracle.adapters.chain import abi
from oracle.adapters.chain.catalogue_index import CatalogueIndex
from oracle.adapters.chain.event_scan import Scan
from oracle.adapters.chain.heads import Heads
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.rpc_types import Reverted
from oracle.domain.errors import Inconsistent, NotFound, Unavailable
from oracle.domain.secret import Secret
from oracle.domain.typed_data import SigningDomain

SECONDS = 8.0
"""The longest time to wait for one answer of the chain."""

DEEP = 128
"""Blocks on top of a registration before the node remembers it; no reorg should reach so deep."""

_NOBODY = "0x" + "0" * 40


@dataclass(frozen=True)
class Entry:
    """A registered recording: EIP-55 `owner`, `audio` the sha256 of its file (64 hex digits)."""

    recording: int
    owner: str
    audio: str


class Registry(Protocol):
    """Raises NotFound for a recording that is not registered, Unavailable without a chain."""

    def entry(self, recording: int) -> Entry: ...


class ChainRegistry:
    """The recordings of one ledger, read at the latest block.

    Args:
        rpc: URL of the chain's JSON-RPC; never printed, because it may hold a key.
        domain: the ledger. The node reads nothing from a URL that serves another chain.
        start: block at which the ledger's history begins.
        seconds: the longest time to wait for one answer.
        token: bearer token for the RPC.
    """

    def __init__(
        self, rpc: Secret, domain: SigningDomain, start: int, seconds: float = SECONDS,
        token: Secret | None = None,
    ) -> None:  # fmt: skip
        self._chain_id = domain.chain_id
        self._rpc = Rpc(rpc.reveal(), seconds, token.reveal() if token else "")
        self._ledger = abi.contract("ILedger", domain.ledger)
        self._heads = Heads(self._rpc, 0)
        self._registrations = Scan(
            self._rpc, self._heads, self._ledger, ("Registered",), start, self._index, DEEP
        )

    def genesis(self) -> str:
        """Hash of block 0, 64 hex digits: distinguishes chains that share an id.

        Raises:
            Inconsistent: the URL serves another chain than the deployment's.
        """
        found = self._rpc.chain_id()
        if found != self._chain_id:
            detail = f"serves another chain than {self._chain_id}"
            raise Inconsistent(detail, field="REFRAIN_RPC", value=found)
        return self._rpc.block(0).hash.removeprefix("0x")

    def entry(self, recording: int) -> Entry:
        """The present owner, and the audio as registered.

        Raises:
            Inconsistent: another chain, or a recording that has an owner but no registration.
        """
        self.genesis()
        owner = self._owner(recording)
        if owner == _NOBODY:
            raise NotFound("is not registered", field="recording", value=recording)
        audio = self._audio(recording)
        if audio is None:
            detail = "has an owner but no registration in the chain's logs"
            raise Inconsistent(detail, field="recording", value=recording)
        return Entry(recording, owner, audio)

    def _owner(self, recording: int) -> str:
        call = self._ledger.encode("recordings", recording)
        try:
            answer = self._rpc.call(self._ledger.address, call)
        except Reverted:
            raise Unavailable("the ledger refused recordings", value=recording) from None
        return str(self._ledger.result("recordings", answer)["owner"])

    def _audio(self, recording: int) -> str | None:
        """The sha256 of the registered file; None when no event up to the newest block has it."""
        with self._registrations.upto(self._heads.now()) as (closed, newest):
            found = closed.registered(recording) or newest.registered(recording)
        return found.audio if found else None

    def _index(self) -> CatalogueIndex:
        return CatalogueIndex(self._ledger)
