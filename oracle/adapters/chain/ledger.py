"""The ledger contract, read over JSON-RPC."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from eth_utils import to_checksum_address

from oracle.adapters.chain import abi
from oracle.adapters.chain.block_reads import BlockReads, View
from oracle.adapters.chain.deployment import Deployment
from oracle.adapters.chain.heads import Heads
from oracle.adapters.chain.recording_reader import RecordingReader
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.chain.rpc_types import Reverted
from oracle.adapters.chain.settlement_calls import SettlementCalls
from oracle.adapters.chain.settlement_index import SettlementIndex
from oracle.adapters.chain.standing_reader import StandingReader
from oracle.adapters.chain.statement_index import StatementIndex
from oracle.adapters.signing.typed import TypedData
from oracle.domain.attestation import OracleSet, SettlementReceipt
from oracle.domain.block import Block
from oracle.domain.errors import Inconsistent, InvalidInput, Unavailable
from oracle.domain.recording import Recording
from oracle.domain.release import WATCHED
from oracle.domain.statement import Movement
from oracle.ports import Account, SetTerms, Settlement, Standing

ARBITER = 3  # the role in the access manager, as `scripts/deploy` gives it


class ChainLedger:
    """Implements ports.Ledger. What belongs to a block is kept by the block's hash.

    Args:
        rpc: the chain's node.
        deployment: the contracts' addresses and first block.
        confirmations: blocks between the closed block and the newest one, 0 or more.

    Raises:
        Inconsistent: another chain, no contract at an address, or another signing domain.
        Unavailable: the node does not answer.
    """

    def __init__(self, rpc: Rpc, deployment: Deployment, confirmations: int) -> None:
        self.chain_id = deployment.chain_id
        self.address = deployment.ledger
        self.block_seconds = deployment.block_seconds
        self.contract = abi.contract("RoyaltyLedger", deployment.ledger)
        splits = abi.contract("RightsSplits", deployment.splits)
        self._rpc = rpc
        self._typed = TypedData(self.chain_id, self.address)
        self._heads = Heads(rpc, confirmations)
        self._reads = BlockReads(rpc)
        self._authority = abi.contract("AccessManager", deployment.authority)
        lens = abi.contract("RoyaltyLens", deployment.lens)
        start, heads = deployment.block, self._heads
        self._recordings = RecordingReader(
            rpc, heads, self._reads, self.contract, start, confirmations
        )
        self._standings = StandingReader(self._reads, self.contract, lens, self._recordings)
        self._settlements = SettlementIndex(rpc, heads, self.contract, start, confirmations)
        self._statements = StatementIndex(
            rpc, heads, self.contract, splits, start, confirmations
        )
        self._calls = SettlementCalls(rpc, self._typed, self.address)
        self._release = deployment.release
        self._max_lag = 0
        self._verify(deployment)

    def check_chain(self) -> None:
        """Raises Inconsistent unless the node serves the deployment's chain."""
        _same("chain id", self._rpc.chain_id(), self.chain_id)

    def is_arbiter(self, address: str) -> bool:
        """Whether the access manager gives an EIP-55 address the role of an arbiter now."""
        manager = self._authority
        answer = self._rpc.call(manager.address, manager.encode("hasRole", ARBITER, address))
        return bool(manager.result("hasRole", answer)[0])

    def newest_block(self) -> Block:
        """The newest block."""
        return self._heads.now().newest

    def closed_block(self) -> Block:
        """The newest block with the required number of confirmations."""
        return self._heads.now().closed

    def final_block(self, amount: int) -> Block:
        """The newest block in which a settlement of `amount`, smallest units, counts as final.

        Raises:
            Unavailable: the rule needs a finalized block, and the node names none.
        """
        if not self._release.needs_finalized(amount):
            return self.closed_block()
        found = self._heads.finalized()
        if found is None:
            detail = "names no finalized block, which this chain's release rule needs"
            raise Unavailable(detail, field="the node", value=self.chain_id)
        return found

    def finalized_block(self) -> Block:
        """The node's finalized block, or the block 64 below the newest where it names none."""
        found = self._heads.finalized()
        return found or self._heads.needed(max(0, self._heads.now().newest.number - WATCHED))

    def require_finality(self) -> None:
        """Raises Inconsistent when a reorganisation has undone a final block since the start."""
        self._heads.require_finality()

    def max_lag(self) -> int:
        """Longest time from a generation to its settlement, seconds; it never changes."""
        if not self._max_lag:
            self._max_lag = int(self._read("maxLag"))
        return self._max_lag

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
        """Everything that decides about one order; see ports.Ledger."""
        head = self._heads.now() if fresh else self._heads.recent()
        return self._standings.read(
            _address(payer, "payer"),
            list(nonces),
            [_address(node, "node") for node in nodes],
            self._typed.set_id(oracle_set),
            list(recordings),
            block or head.closed,
            head,
        )

    def block_at(self, number: int) -> Block:
        """A block by number; NotFound when the chain has no such block."""
        return self._rpc.block(number)

    def recording(self, recording: int, block: int | None = None) -> Recording | None:
        """The recording as of the end of a block (default: the newest); None when unknown."""
        head = self._heads.now()
        at = head.newest if block is None else self._heads.at(block)
        return self._recordings.at([recording], at, head).get(recording)

    def recordings_at(self, numbers: Iterable[int], block: int) -> dict[int, Recording]:
        """The recordings of these ids as of the end of a block, without unknown ids."""
        head = self._heads.now()
        return self._recordings.at(list(numbers), self._heads.at(block), head)

    def recording_count(self) -> int:
        """The number of registered recordings, which is also the highest id."""
        return int(self._read("recordingCount"))

    def recordings(self, first: int, last: int) -> Sequence[Recording]:
        """Recordings first..last, both included, as of the newest block, without unknown ids."""
        head = self._heads.now()
        (count,) = self._reads.read([View(head.newest.hash, self.contract, "recordingCount")])
        ids = range(max(first, 1), min(last, int(count)) + 1)
        return list(self._recordings.at(ids, head.newest, head).values())

    def account(self, payer: str) -> Account:
        """A payer's account as of the newest block."""
        address = _address(payer, "payer")
        found, exit_time = self._read("accounts", address), self._read("exitTime", address)
        return Account(found["escrow"], found["nextNonce"], exit_time)

    def nonce_used(self, payer: str, nonce: int) -> bool:
        """Whether the nonce can no longer be used: it is used, or too far below the newest."""
        return bool(self._read("isNonceUsed", _address(payer, "payer"), nonce))

    def set_terms(self, oracle_set: OracleSet) -> SetTerms:
        """The terms of an oracle set; all zero when the ledger does not know the set."""
        found = self._read("sets", self._typed.set_id(oracle_set))
        fees = (found["protocolBps"], found["nodeCapBps"])
        return SetTerms(found["active"], *fees, found["until"], found["cap"])

    def node_allowed(self, node: str) -> bool:
        """Whether the ledger allows payments to a node."""
        return bool(self._read("isNodeAllowed", _address(node, "node")))

    def node_spent(self, node: str) -> int:
        """The sum of prices settled through a node in this epoch."""
        return int(self._read("nodeSpent", _address(node, "node")))

    def paused(self) -> bool:
        """Whether the guardian has paused settlement."""
        return bool(self._read("paused"))

    def settlement(self, order: str) -> Settlement | None:
        """The settlement of an order in a closed, canonical block; None without one."""
        head = self._heads.now()
        return self._settlements.find(order, head, head.closed)

    def receipt(self, order: str) -> SettlementReceipt | None:
        """Everything signed about a settled order; see ports.Ledger."""
        found = self.settlement(order)
        if found is None:
            return None
        try:
            return self._calls.receipt(found.transaction, order)
        except InvalidInput:
            return None

    def settlement_seen(self, order: str) -> Settlement | None:
        """The settlement of an order in any block; a reorganisation may still undo it."""
        head = self._heads.now()
        return self._settlements.find(order, head, head.newest)

    def statement(self, payee: str) -> Sequence[Movement]:
        """A payee's rows up to the closed block. Only the first call reads the whole history."""
        head = self._heads.now()
        return self._statements.of(_address(payee, "payee"), head, head.closed)

    def _read(self, name: str, *args: Any, block: int | None = None) -> Any:
        try:
            data = self._rpc.call(self.address, self.contract.encode(name, *args), block)
        except Reverted as error:
            raise Inconsistent(f"the ledger reverted {name}", value=error.data.hex()) from None
        return self.contract.result(name, data)

    def _verify(self, deployment: Deployment) -> None:
        self.check_chain()
        for name in ("token", "splits", "ledger"):
            if not self._rpc.code(getattr(deployment, name)):
                raise Inconsistent("has no contract", field=f"deployment.{name}")
        _same("token", self._read("token"), deployment.token)
        _same("splits", self._read("splits"), deployment.splits)
        separator = self._read("domainSeparator").hex()
        _same("signing domain", separator, self._typed.separator.hex())


@lru_cache(maxsize=4_096)
def _address(text: str, field: str) -> str:
    try:
        return str(to_checksum_address(text))
    except (ValueError, TypeError) as error:
        raise InvalidInput("must be an address", field=field, value=text) from error


def _same(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise Inconsistent(f"the {what} must be {expected}", field="deployment", value=found)
