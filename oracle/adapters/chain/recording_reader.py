"""Reads recordings as of a block: state from the contract, files and revocations from events."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from oracle.adapters.chain.block_reads import BlockReads, View
from oracle.adapters.chain.catalogue_index import (
    CATALOGUE,
    CatalogueIndex,
    Registered,
    revoking_block,
)
from oracle.adapters.chain.contract import Contract
from oracle.adapters.chain.event_scan import Scan
from oracle.adapters.chain.heads import Head, Heads
from oracle.adapters.chain.rpc import Rpc
from oracle.domain.block import Block
from oracle.domain.errors import Unavailable
from oracle.domain.recording import Consent, Recording

_ZERO_ADDRESS = "0x" + "0" * 40
VERSIONS = 256
"""The ledger counts the consents of a recording modulo this."""

MOST = 20_000
"""Recordings that are kept, by block and id: the last ones read; about 1 KB each."""

_MISSING = object()


class RecordingReader:
    """The recordings of one ledger. Only those that are asked for are looked at.

    Args:
        start: first block of the ledger's history.
        depth: least number of blocks on top of a block before its events are kept.
    """

    def __init__(
        self, rpc: Rpc, heads: Heads, reads: BlockReads, ledger: Contract, start: int, depth: int
    ) -> None:
        self._heads = heads
        self._reads = reads
        self._ledger = ledger

        def index() -> CatalogueIndex:
            return CatalogueIndex(ledger)

        self._events = Scan(rpc, heads, ledger, CATALOGUE, start, index, depth)
        self._versions: dict[int, int] = {}
        self._times: dict[int, int] = {}
        self._lock = threading.Lock()
        self._found: dict[tuple[str, int], Recording | None] = {}

    def views(self, ids: Sequence[int], block: Block) -> list[View]:
        """The views that `at` will read, for callers that ask more in the same batch."""
        return self._views([n for n in ids if (block.hash, n) not in self._found], block)

    def at(self, ids: Sequence[int], block: Block, head: Head) -> dict[int, Recording]:
        """The recordings as of the end of a block of this head's chain, without unknown ids.

        Raises:
            Unavailable: the chain does not answer, or its logs lack a registration.
        """
        found: dict[int, object] = {n: self._found.get((block.hash, n), _MISSING) for n in ids}
        missing = [number for number, known in found.items() if known is _MISSING]
        if missing:
            read = self._read(missing, block, head)
            found |= {number: read.get(number) for number in missing}
            self._keep({(block.hash, number): read.get(number) for number in missing})
        return {number: known for number, known in found.items() if isinstance(known, Recording)}

    def _keep(self, read: dict[tuple[str, int], Recording | None]) -> None:
        with self._lock:
            self._found |= read
            while len(self._found) > MOST:
                del self._found[next(iter(self._found))]

    def _views(self, ids: Sequence[int], block: Block) -> list[View]:
        states = [self._view("recordings", block, number) for number in ids]
        floors = [self._view("floors", block, number) for number in ids]
        # A version seldom changes, so this is mostly the right one.
        past = [self._past(block, number, self._versions.get(number, 0)) for number in ids]
        return states + floors + past

    def _read(self, ids: Sequence[int], block: Block, head: Head) -> dict[int, Recording]:
        found = self._reads.read(self._views(ids, block))
        views = dict(zip(ids, found, strict=False))
        floors = dict(zip(ids, found[len(ids) :], strict=False))
        states = {n: view for n, view in views.items() if view["owner"] != _ZERO_ADDRESS}
        if not states:
            return {}
        registered, ended = self._said(list(states), block, head)
        past = self._replaced(states, block)
        return {
            n: _recording(n, registered[n], view, ended.get(n, 0), past[n], tuple(floors[n]))
            for n, view in states.items()
        }

    def _said(
        self, ids: Sequence[int], block: Block, head: Head
    ) -> tuple[dict[int, Registered], dict[int, int]]:
        """The events' values by id, and when current consents were revoked, seconds since 1970."""
        registered, revoked = {}, {}
        with self._events.upto(head) as (closed, newest):
            for number in ids:
                if found := closed.registered(number) or newest.registered(number):
                    registered[number] = found
                changes = closed.changes(number) + newest.changes(number)
                revoked[number] = revoking_block(changes, block.number)
        if missing := [number for number in ids if number not in registered]:
            self._doubt(missing)
            raise Unavailable("the chain's logs are behind its state", value=block.number)
        return registered, {n: self._time(at) for n, at in revoked.items() if at is not None}

    def _doubt(self, missing: Sequence[int]) -> None:
        """Reads events again: all when kept blocks lack a registration, else the newest ones."""
        tip = self._events.tip
        views = [self._view("recordings", tip, number) for number in missing] if tip else []
        if any(view["owner"] != _ZERO_ADDRESS for view in self._reads.read(views)):
            self._events.forget()
        else:
            self._events.read_newest_again()

    def _time(self, block: int) -> int:
        """A block's time; of a block below the followed ones it is asked for once."""
        if known := self._heads.known(block):
            return known.timestamp
        if block not in self._times:
            self._times[block] = self._heads.needed(block).timestamp
        return self._times[block]

    def _replaced(
        self, states: Mapping[int, dict[str, Any]], block: Block
    ) -> dict[int, Consent | None]:
        versions = {number: int(view["version"]) for number, view in states.items()}
        self._versions |= versions
        views = [self._past(block, number, version) for number, version in versions.items()]
        words = self._reads.read(views)
        return {number: _consent(word) for number, word in zip(versions, words, strict=True)}

    def _past(self, block: Block, number: int, version: int) -> View:
        return self._view("pastConsent", block, number, (version - 1) % VERSIONS)

    def _view(self, name: str, block: Block, *args: int) -> View:
        return View(block.hash, self._ledger, name, args)


def _recording(
    number: int,
    registered: Registered,
    view: dict[str, Any],
    revoked_at: int,
    past: Consent | None,
    floors: tuple[int, ...],
) -> Recording:
    return Recording(
        id=number,
        owner=view["owner"],
        split=view["split"],
        consent_from=view["consentFrom"],
        consent_until=view["consentUntil"],
        uses=view["uses"],
        max_share=view["maxShare"],
        audio=registered.audio,
        metadata=registered.metadata,
        isrc=registered.isrc,
        revoked_at=revoked_at,
        version=view["version"],
        past=past,
        floors=floors,
    )


def _consent(word: int) -> Consent | None:
    """A replaced consent from the ledger's packed word (see RecordingWords); None for word 0."""
    fields = (word >> 168) % 2**32, (word >> 200) % 2**32, (word >> 232) % 2**8, word >> 240
    return Consent(*fields) if word else None
