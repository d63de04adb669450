"""A chain in memory with the ledger's rules."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from oracle.adapters.signing.typed import TypedData
from oracle.domain.attestation import Attestation, OracleSet, SettlementReceipt
from oracle.domain.attribution import decode_entries
from oracle.domain.block import Block
from oracle.domain.consent import check
from oracle.domain.errors import Inconsistent, NotFound, RefrainError, Refused, Unavailable
from oracle.domain.money import divide, fees
from oracle.domain.order import Order
from oracle.domain.recording import Recording
from oracle.domain.release import WATCHED
from oracle.domain.statement import Movement
from oracle.domain.terms import Terms
from oracle.ports import Account, NodeStanding, SetTerms, Settlement, Standing
from tests.support.samples import LEDGER, NOW

CHAIN = 31337


class Switch:
    """A service that can fail: every call raises `fault` when it is set."""

    fault: RefrainError | None = None

    def _answer(self) -> None:
        if self.fault:
            raise self.fault


class FakeLedger(Switch):
    """A chain with the rules of the ledger: blocks, versions of recordings, escrow, settlements."""

    def __init__(self) -> None:
        self.chain_id, self.address, self.block_seconds = CHAIN, LEDGER, 0
        self.blocks = [Block(0, hash_of("genesis"), NOW)]
        self.versions: dict[int, list[tuple[int, Recording]]] = {}
        self.escrow: dict[str, int] = {}
        self.used: dict[str, set[int]] = {}
        self.settled: dict[str, Settlement] = {}
        self.receipts: dict[str, SettlementReceipt] = {}
        self.sets: dict[OracleSet, SetTerms] = {}
        self.nodes: set[str] = set()
        self.arbiters: set[str] = set()
        self.rows: list[Movement] = []
        self.exits: dict[str, int] = {}
        self.spent: dict[str, int] = {}
        self.stopped = False
        self.lag = 86_400
        self.confirmations = 0
        self.final_depth: int | None = 0
        """Blocks below the newest that are not finalized; None for a node without that block."""
        self.finalized_above: int = 2**48
        """Largest amount that the confirmations make final."""
        self._paid: list[tuple[Settlement, str, int, str]] = []
        self._forks = 0
        self.undone = ""
        """What `require_finality` raises; empty while no final block was undone."""

    def mine(self, seconds: int = 12) -> Block:
        number, fork = len(self.blocks), f" of fork {self._forks}" if self._forks else ""
        made = Block(number, hash_of(f"block {number}{fork}"), self.blocks[-1].timestamp + seconds)
        self.blocks.append(made)
        return made

    def reorganise(self, depth: int) -> None:
        """Replaces the newest `depth` blocks by as many empty ones."""
        self._forks += 1
        del self.blocks[-depth:]
        last = len(self.blocks) - 1
        for number, known in self.versions.items():
            self.versions[number] = [one for one in known if one[0] <= last]
        for made, payer, nonce, node in [one for one in self._paid if one[0].block > last]:
            del self.settled[made.order]
            self.used[payer].discard(nonce)
            self.escrow[payer] += made.price
            self.spent[node] -= made.price
        self._paid = [one for one in self._paid if one[0].block <= last]
        for _ in range(depth):
            self.mine()

    def register(self, made: Recording) -> None:
        self.versions.setdefault(made.id, []).append((self.mine().number, made))

    def revoke(self, number: int) -> None:
        block = self.mine()
        known = self.versions[number][-1][1]
        until = min(known.consent_until, block.timestamp)
        changed = replace(known, consent_until=until, revoked_at=block.timestamp)
        self.versions[number].append((block.number, changed))

    def amend(self, number: int, **changes: Any) -> None:
        """Sets a new consent or other floors from the next block on."""
        block, known = self.mine(), self.versions[number][-1][1]
        old = known.consent_at(block.timestamp)
        past = replace(old, consent_until=min(old.consent_until, block.timestamp))
        if "floors" not in changes:
            begins = {"consent_from": block.timestamp, "version": known.version + 1, "past": past}
            changes = {"revoked_at": 0} | begins | changes
        self.versions[number].append((block.number, replace(known, **changes)))

    def is_arbiter(self, address: str) -> bool:
        self._answer()
        return address in self.arbiters

    def newest_block(self) -> Block:
        return self._below(0)

    def closed_block(self) -> Block:
        return self._below(self.confirmations)

    def _below(self, depth: int) -> Block:
        self._answer()
        return self.blocks[max(0, len(self.blocks) - 1 - depth)]

    def final_block(self, amount: int) -> Block:
        if amount <= self.finalized_above:
            return self.closed_block()
        if self.final_depth is None:
            raise Unavailable("the node names no finalized block")
        return self._below(self.final_depth)

    def finalized_block(self) -> Block:
        return self._below(WATCHED if self.final_depth is None else self.final_depth)

    def require_finality(self) -> None:
        if self.undone:
            raise Inconsistent(self.undone, field="finality")

    def max_lag(self) -> int:
        self._answer()
        return self.lag

    def standing(
        self,
        payer: str,
        nonces: Iterable[int],
        nodes: Iterable[str],
        oracle_set: OracleSet,
        recordings: Iterable[int],
        block: Block | None = None,
        fresh: bool = False,
    ) -> Standing:
        at = block or self.closed_block()
        return Standing(
            newest=self.blocks[-1],
            block=at,
            account=self.account(payer),
            used=frozenset(nonce for nonce in nonces if self.nonce_used(payer, nonce)),
            terms=self.set_terms(oracle_set),
            paused=self.paused(),
            nodes={n: NodeStanding(self.node_allowed(n), self.node_spent(n)) for n in nodes},
            recordings=self.recordings_at(recordings, at.number),
        )

    def block_at(self, number: int) -> Block:
        self._answer()
        if number >= len(self.blocks):
            raise NotFound("no such block", value=number)
        return self.blocks[number]

    def recording(self, recording: int, block: int | None = None) -> Recording | None:
        self._answer()
        last = len(self.blocks) if block is None else block
        known = [r for number, r in self.versions.get(recording, []) if number <= last]
        return known[-1] if known else None

    def recordings_at(self, numbers: Iterable[int], block: int) -> Mapping[int, Recording]:
        found = {number: self.recording(number, block) for number in numbers}
        return {number: known for number, known in found.items() if known}

    def recording_count(self) -> int:
        self._answer()
        return max(self.versions, default=0)

    def recordings(self, first: int, last: int) -> Sequence[Recording]:
        found = (self.recording(number) for number in range(first, last + 1))
        return [known for known in found if known]

    def account(self, payer: str) -> Account:
        self._answer()
        used = self.used.get(payer.lower(), set())
        exit_time = self.exits.get(payer.lower(), 0)
        return Account(self.escrow.get(payer.lower(), 0), max(used, default=-1) + 1, exit_time)

    def nonce_used(self, payer: str, nonce: int) -> bool:
        self._answer()
        return nonce in self.used.get(payer.lower(), set())

    def set_terms(self, oracle_set: OracleSet) -> SetTerms:
        self._answer()
        return self.sets.get(oracle_set, SetTerms(False, 0, 0, 0, 0))

    def node_allowed(self, node: str) -> bool:
        self._answer()
        return node.lower() in self.nodes

    def node_spent(self, node: str) -> int:
        self._answer()
        return self.spent.get(node.lower(), 0)

    def paused(self) -> bool:
        self._answer()
        return self.stopped

    def settlement(self, order: str) -> Settlement | None:
        found = self.settlement_seen(order)
        return found if found and found.block <= self.closed_block().number else None

    def receipt(self, order: str) -> SettlementReceipt | None:
        return self.receipts.get(order) if self.settlement(order) else None

    def settlement_seen(self, order: str) -> Settlement | None:
        self._answer()
        return self.settled.get(order)

    def statement(self, payee: str) -> Sequence[Movement]:
        self._answer()
        return list(self.rows)

    def settle(
        self,
        typed: TypedData,
        terms: Terms,
        order: Order,
        attestation: Attestation,
        signatures: Mapping[str, str],
    ) -> Settlement:
        """Acts as the contract does; raises Refused when the contract reverts."""
        self._answer()
        identity, set_id = typed.order_hash(order), typed.set_id(terms.oracle_set)
        require_quorum(terms.oracle_set, [
            typed.attestation_signer(attestation, identity, set_id, s) for s in signatures.values()
        ])
        return self.pay(identity, terms.oracle_set, order, attestation)

    def pay(
        self, identity: str, oracle_set: OracleSet, order: Order, attestation: Attestation
    ) -> Settlement:
        """Settles as the contract does after it has checked the quorum."""
        payer = order.payer.lower()
        require(not self.nonce_used(payer, order.nonce), "nonce")
        require(attestation.price <= min(order.max_price, self.escrow[payer]), "escrow")
        if self.stopped:
            raise Unavailable("settling is paused")
        node, cap = attestation.node.lower(), self.sets[oracle_set].cap
        if self.node_spent(node) + attestation.price > cap:
            raise Unavailable("the node has settled what its cap allows")
        vector = decode_entries(attestation.entries)
        for number, weight in vector.items():
            at = attestation.generated_at
            refusal = check(number, self.recording(number), order.use, at, weight, 0)
            require(refusal is None, str(refusal))
        bps = self.sets[oracle_set].protocol_bps
        royalty = fees(attestation.price, attestation.node_fee, bps).royalty
        amounts = divide(royalty, list(vector.values()))
        self.used.setdefault(payer, set()).add(order.nonce)
        self.escrow[payer] -= attestation.price
        self.spent[node] = self.node_spent(node) + attestation.price
        block = self.mine()
        made = Settlement(
            identity,
            hash_of(f"transaction {block.number}"),
            block.number,
            attestation.manifest,
            attestation.price,
            tuple(vector),
            amounts,
        )
        self.settled[identity] = made
        self._paid.append((made, payer, order.nonce, node))
        return made


def require_quorum(oracle_set: OracleSet, signers: Sequence[str]) -> None:
    """Raises Refused unless enough signers of the set signed, ascending."""
    require(list(signers) == sorted(set(signers), key=str.lower), "signers")
    require(set(signers) <= set(oracle_set.signers), "signers")
    require(len(signers) >= oracle_set.threshold, "threshold")


def require(condition: bool, what: str) -> None:
    if not condition:
        raise Refused(f"the ledger reverts: {what}")


def hash_of(text: str) -> str:
    return "0x" + hashlib.sha256(text.encode()).hexdigest()
