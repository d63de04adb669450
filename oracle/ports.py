"""What the pipeline needs from the world. Adapters and fakes implement these, nothing else does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from oracle.domain.attestation import Attestation, Attested, OracleSet, Receipt
from oracle.domain.block import Block as Block
from oracle.domain.generation import Generation
from oracle.domain.order import Order
from oracle.domain.recording import Recording
from oracle.domain.statement import Movement as Movement


@dataclass(frozen=True)
class Account:
    """A payer's standing: `escrow` in the token's smallest units, `next_nonce` free to use.

    `exit_time` is from when the payer may take its escrow back, in seconds since 1970; 0 when it
    has not asked for it.
    """

    escrow: int
    next_nonce: int
    exit_time: int = 0


@dataclass(frozen=True)
class SetTerms:
    """What the ledger says of an oracle set: fees in 1/10,000, `until` in seconds since 1970.

    `cap` is the most that may be settled through one node in one epoch, smallest units.
    """

    active: bool
    protocol_bps: int
    node_cap_bps: int
    until: int
    cap: int


@dataclass(frozen=True)
class Settlement:
    """A `Settled` event: amounts in the token's smallest units, one per recording."""

    order: str
    transaction: str
    block: int
    manifest: bytes
    price: int
    recordings: tuple[int, ...]
    amounts: tuple[int, ...]


class Ledger(Protocol):
    """The contract, read at a block. Raises Unavailable when the chain does not answer."""

    chain_id: int
    address: str

    def closed_block(self) -> Block: ...
    def block_at(self, number: int) -> Block: ...
    def recording(self, recording: int, block: int | None = None) -> Recording | None: ...
    def recordings_at(self, numbers: Iterable[int], block: int) -> Mapping[int, Recording]:
        """The recordings of these ids as of the end of a block; unknown ones left out."""

    def recording_count(self) -> int: ...
    def recordings(self, first: int, last: int) -> Sequence[Recording]: ...
    def account(self, payer: str) -> Account: ...
    def nonce_used(self, payer: str, nonce: int) -> bool: ...
    def set_terms(self, set_id: bytes) -> SetTerms: ...
    def node_allowed(self, node: str) -> bool: ...
    def node_spent(self, node: str) -> int:
        """The sum of prices settled through a node in this epoch, smallest units."""

    def paused(self) -> bool:
        """Whether settling is stopped for now."""

    def settlement(self, order: str) -> Settlement | None:
        """The confirmed settlement of this order, or None when the chain has none yet."""

    def statement(self, payee: str) -> Sequence[Movement]: ...


class Typed(Protocol):
    """EIP-712 of our domain: pure functions of the chain id and the ledger's address."""

    def order_hash(self, order: Order) -> str: ...
    def set_id(self, oracle_set: OracleSet) -> bytes: ...
    def order_signer(self, order: Order, signature: str) -> str: ...
    def attestation_signer(
        self, attestation: Attestation, order: str, set_id: bytes, signature: str
    ) -> str: ...
    def attestation_hash(self, attestation: Attestation, order: str, set_id: bytes) -> bytes: ...
    def batch_signer(self, attestations: Sequence[bytes], signature: str) -> str: ...
    def order_typed_data(self, order: Order) -> dict[str, Any]: ...


class Attester(Protocol):
    """This oracle's own key. The key never leaves the adapter."""

    address: str

    def sign(self, attestation: Attestation, order: str, set_id: bytes) -> str: ...
    def sign_batch(self, attestations: Sequence[bytes]) -> str:
        """Signs attestations that are settled together, given by their struct hashes."""


class Sender(Protocol):
    """Posts a settlement at most once; every call may be repeated.

    `post` commits nonce, signed bytes and hash before any byte leaves the process; `outcome`
    re-sends the same bytes when the chain has lost them.
    """

    def post(
        self,
        generation: str,
        order: Order,
        order_signature: str,
        attestation: Attestation,
        signatures: Mapping[str, str],
        original: Receipt | None = None,
    ) -> str:
        """The hash of a transaction. `original`: of an upgrade, proof of what it upgrades."""

    def post_batch(
        self, batch: Sequence[str], members: Sequence[Attested], signatures: Mapping[str, str]
    ) -> str:
        """The hash of a transaction that settles generations together, `batch` their ids."""

    def outcome(self, generation: str, batch: Sequence[str] = ()) -> Settlement | None:
        """The settlement, None while it is on its way; `batch` as it was posted, if in one.

        Raises:
            Inconsistent: nothing is on its way any more, and nothing was settled.
        """


@dataclass(frozen=True)
class Job:
    """A generation node's job. `progress` 0..100; `state` queued, running, done or failed."""

    id: str
    state: str
    progress: int
    error: str | None
    vectors: Mapping[str, Any] | None


@dataclass(frozen=True)
class Reservations:
    """What a payer's orders under way hold: nonces and their sum of prices, smallest units.

    `newest` is the largest of the nonces, -1 without one; `waiting` counts the generations under
    way of all payers.
    """

    nonces: frozenset[int]
    newest: int
    amount: int
    waiting: int


Check = Callable[[Reservations], None]


class GenerationNode(Protocol):
    """A machine that makes tracks. `NotFound` when it does not know a job."""

    url: str

    def payee(self) -> str: ...
    def start(self, job: Mapping[str, Any]) -> Job: ...
    def job(self, generation: str) -> Job: ...
    def audio(self, generation: str) -> bytes: ...
    def trace(self, generation: str) -> bytes: ...
    def replay(self, trace: bytes) -> bytes: ...


class Pinner(Protocol):
    """Content by CID. `pin` computes the CID itself, stores, reads back and compares."""

    def pin(self, data: bytes) -> str: ...
    def fetch(self, cid: str) -> bytes: ...
    def pinned(self, cid: str) -> bool: ...


class Peer(Protocol):
    """Another oracle of the set; it checks everything itself and answers (signer, signature)."""

    url: str

    def attest(self, order: Order, signature: str, attestation: Attestation) -> tuple[str, str]: ...
    def attest_batch(self, members: Sequence[Attested]) -> tuple[str, str]: ...


class Store(Protocol):
    """What this oracle must not forget. Raises Unavailable when nothing can be written."""

    def take(self, generation: Generation, key: str, body: str, check: Check) -> Generation:
        """Saves a new generation under an idempotency key, or answers with the one there is.

        Args:
            key: the client's, unique to the payer.
            body: digest of what was asked; the same key with another one is a Conflict.
            check: called with the payer's `Reservations` before anything new is saved.
        """

    def recall(self, payer: str, key: str, body: str) -> Generation | None:
        """What was answered to this key before; a Conflict when it was asked something else."""

    def save(self, generation: Generation) -> None: ...
    def save_all(self, generations: Sequence[Generation]) -> None:
        """Saves all of them or none."""
    def load(self, generation: str) -> Generation:
        """Raises NotFound."""

    def unfinished(self) -> Sequence[str]:
        """Ids of the generations that have not ended, oldest first."""

    def reservations(self, payer: str) -> Reservations: ...
    def bind(self, order: str, attestation: Attestation) -> None:
        """Commits this oracle to one attestation of an order, before it signs.

        Raises:
            Conflict: it is committed to another one.
        """

    def bound(self, order: str) -> Attestation | None: ...


class Clock(Protocol):
    def now(self) -> int:
        """Seconds since 1970."""

    def sleep(self, seconds: float) -> None: ...
