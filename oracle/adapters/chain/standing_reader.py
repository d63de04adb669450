"""Reads everything that decides about one order: mostly one round trip, two at most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from oracle.adapters.chain.block_reads import BlockReads, View
from oracle.adapters.chain.contract import Contract
from oracle.adapters.chain.heads import Head
from oracle.adapters.chain.recording_reader import RecordingReader
from oracle.domain.block import Block
from oracle.domain.errors import Inconsistent
from oracle.domain.ledger_views import Account, NodeStanding, SetTerms, Standing

_UNUSABLE_FROM = 2**32 - 1
"""The ledger takes no nonce from this one on."""

MOST = 16
"""Newest blocks, sets and nodes of which the terms are kept."""

MOST_AWAITED = 64
"""Payers of the block before that are read together at a new block."""


@dataclass(frozen=True)
class _Shared:
    """What many orders have in common: block, set, and nodes that may make the track."""

    block: str
    set_id: bytes
    nodes: tuple[str, ...]


@dataclass(frozen=True)
class _Awaited:
    """The payers who are read together at a block, and those that have asked at it so far."""

    block: str
    together: tuple[str, ...]
    asked: dict[str, None] = field(default_factory=dict)


_Common = tuple[SetTerms, bool, dict[str, NodeStanding]]


class StandingReader:
    """Reads accounts, sets and nodes through the lens, and recordings beside them."""

    def __init__(
        self, reads: BlockReads, ledger: Contract, lens: Contract, recordings: RecordingReader
    ) -> None:
        self._reads = reads
        self._ledger = ledger
        self._lens = lens
        self._recordings = recordings
        self._lens_is_ours = False
        self._shared: dict[_Shared, _Common] = {}
        self._awaited = _Awaited("", ())

    def read(
        self,
        payer: str,
        nonces: Sequence[int],
        nodes: Sequence[str],
        set_id: bytes,
        ids: Sequence[int],
        block: Block,
        head: Head,
    ) -> Standing:
        """The standing as of the head's newest block, with the recordings as of `block`.

        Args:
            payer, nodes: EIP-55.

        Raises:
            Inconsistent: the lens of the deployment reads another ledger.
        """
        self._require_own_lens(head)
        newest = head.newest.hash
        shared = _Shared(newest, set_id, tuple(nodes))
        common = self._shared.get(shared)
        asked = self._shared_views(shared) if common is None else []
        # All in one batch; what reads them one by one afterwards finds the answers.
        together = self._read_with(newest, payer)
        accounts, *found = self._reads.read([
            View(newest, self._lens, "payers", (together,)), *asked,
            *self._recordings.views(ids, block),
        ])  # fmt: skip
        account = accounts[together.index(payer)]
        if common is None:
            common = self._keep(shared, found[: len(asked)])
        terms, paused, standings = common
        return Standing(
            newest=head.newest,
            block=block,
            account=_account(account),
            used=self._used(payer, nonces, account["nextNonce"], newest),
            terms=terms,
            paused=paused,
            nodes=standings,
            recordings=self._recordings.at(ids, block, head),
        )

    def _read_with(self, newest: str, payer: str) -> tuple[str, ...]:
        """The payers whose accounts are read together with this one's, which is among them.

        Payers that asked at the block before often ask again. One call reads all of them at a new
        block, so each of them then costs no request.
        """
        awaited = self._awaited
        if awaited.block != newest:
            # A copy in one step, because other threads add to it.
            before = [each for each in list(awaited.asked) if each != payer]
            self._awaited = awaited = _Awaited(newest, (payer, *before[: MOST_AWAITED - 1]))
        if len(awaited.asked) < MOST_AWAITED:
            awaited.asked[payer] = None
        return awaited.together if payer in awaited.together else (payer,)

    def _shared_views(self, shared: _Shared) -> list[View]:
        """The views that do not depend on the payer."""
        return [
            View(shared.block, self._lens, "sets", ((shared.set_id,),)),
            View(shared.block, self._ledger, "paused"),
            *(View(shared.block, self._lens, "nodes", ((node,),)) for node in shared.nodes),
        ]

    def _keep(self, shared: _Shared, found: Sequence[Any]) -> _Common:
        (summary,), paused, *nodes = found
        standings = {n: _node(view) for n, (view,) in zip(shared.nodes, nodes, strict=True)}
        kept = dict(list(self._shared.items())[-MOST:])
        kept[shared] = made = _terms(summary["terms"]), bool(paused), standings
        # One assignment, because other threads read it. What one of them added may be lost.
        self._shared = kept
        return made

    def _used(
        self, payer: str, nonces: Sequence[int], next_nonce: int, newest: str
    ) -> frozenset[int]:
        """Those that can no longer be used. A nonce from the account's next one on is unused."""
        late = [nonce for nonce in nonces if nonce < next_nonce]
        views = [View(newest, self._ledger, "isNonceUsed", (payer, nonce)) for nonce in late]
        used = [nonce for nonce, gone in zip(late, self._reads.read(views), strict=True) if gone]
        return frozenset([*used, *(nonce for nonce in nonces if nonce >= _UNUSABLE_FROM)])

    def _require_own_lens(self, head: Head) -> None:
        if self._lens_is_ours:
            return
        (found,) = self._reads.read([View(head.newest.hash, self._lens, "ledger")])
        if found != self._ledger.address:
            detail = f"must read the ledger {self._ledger.address}"
            raise Inconsistent(detail, field="deployment.lens", value=found)
        self._lens_is_ours = True


def _account(view: dict[str, Any]) -> Account:
    return Account(view["escrow"], view["nextNonce"], view["exitTime"])


def _terms(view: dict[str, Any]) -> SetTerms:
    fees = (view["protocolBps"], view["nodeCapBps"])
    return SetTerms(view["active"], *fees, view["until"], view["cap"])


def _node(view: dict[str, Any]) -> NodeStanding:
    return NodeStanding(view["allowed"], view["spent"])
