"""The interfaces of the chain: reading the ledger contract, and posting to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from oracle.domain.attestation import Attestation, Attested, OracleSet, SettlementReceipt
from oracle.domain.block import Block
from oracle.domain.ledger_views import Account, SetTerms, Settlement, Standing
from oracle.domain.order import Order
from oracle.domain.recording import Recording
from oracle.domain.statement import Movement


class Ledger(Protocol):
    """The ledger contract, for reading. Raises Unavailable when the chain does not answer.

    `standing` may share one look at the newest block among requests of the same quarter of a
    second; every other method looks at the chain again.
    """

    chain_id: int
    address: str
    block_seconds: int
    """Longest usual time between two blocks; 0 on a chain without regular blocks."""

    def newest_block(self) -> Block: ...
    def closed_block(self) -> Block:
        """The newest block with the oracle's own number of confirmations."""

    def final_block(self, amount: int) -> Block:
        """The newest block in which a settlement of this amount counts as final.

        Args:
            amount: the price, smallest units.

        Raises:
            Unavailable: the rule of the chain needs a finalized block, and the node names none.
        """

    def finalized_block(self) -> Block:
        """Settlements are watched until this block has passed them.

        The node's finalized block, or the block 64 below the newest where the node names none.
        """

    def require_finality(self) -> None:
        """Raises Inconsistent when a reorganisation has undone a final block since the start."""

    def max_lag(self) -> int:
        """Longest time from a generation to its settlement, seconds."""

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
        """Everything that decides about one order, in one or two round trips.

        Args:
            nonces: may these still be used?
            nodes: payees of generation nodes.
            recordings: ids.
            block: the recordings are read as of this block; None for the closed block.
            fresh: looks at the newest block now. The checks right before making, signing and
                posting ask so.
        """

    def block_at(self, number: int) -> Block: ...
    def recording(self, recording: int, block: int | None = None) -> Recording | None: ...
    def recordings_at(self, numbers: Iterable[int], block: int) -> Mapping[int, Recording]:
        """The recordings of these ids as of the end of a block, without unknown ids."""

    def is_arbiter(self, address: str) -> bool:
        """Whether an address may rule as an arbiter now."""

    def recording_count(self) -> int: ...
    def recordings(self, first: int, last: int) -> Sequence[Recording]: ...
    def account(self, payer: str) -> Account: ...
    def nonce_used(self, payer: str, nonce: int) -> bool: ...
    def set_terms(self, oracle_set: OracleSet) -> SetTerms: ...
    def node_allowed(self, node: str) -> bool: ...
    def node_spent(self, node: str) -> int:
        """The sum of prices settled through a node in this epoch, smallest units."""

    def paused(self) -> bool:
        """Whether the guardian has paused settlement."""

    def settlement(self, order: str) -> Settlement | None:
        """The settlement of this order in a closed block of the chain; None without one.

        After a reorganisation it is None again, until the settlement is in a closed block.
        """

    def receipt(self, order: str) -> SettlementReceipt | None:
        """Everything signed about a settled order, from the transaction that settled it.

        None before there is one, or when it called the ledger through another contract.
        """

    def settlement_seen(self, order: str) -> Settlement | None:
        """The settlement of this order in any block up to the newest one; None without one."""

    def statement(self, payee: str) -> Sequence[Movement]: ...


class Sender(Protocol):
    """Posts a settlement at most once; every call may be repeated.

    `post` saves nonce, signed bytes and hash before it sends anything; `outcome` sends the same
    bytes again when the chain has lost them.
    """

    def post(
        self,
        generation: str,
        order: Order,
        order_signature: str,
        attestation: Attestation,
        signatures: Mapping[str, str],
        original: SettlementReceipt | None = None,
    ) -> str:
        """The transaction's hash. `original`: for an upgrade, proof of the upgraded settlement."""

    def post_batch(
        self, batch: Sequence[str], members: Sequence[Attested], signatures: Mapping[str, str]
    ) -> str:
        """The hash of the transaction that settles generations together; `batch` are their ids."""

    def outcome(self, generation: str, batch: Sequence[str] = ()) -> Settlement | None:
        """The settlement; None until it is confirmed. `batch`: the ids it was posted with, if any.

        Raises:
            Inconsistent: the transaction ended without a settlement.
        """

    def require_funds(self) -> None:
        """Raises Unavailable unless the sender's account can pay for a settlement now."""
