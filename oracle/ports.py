"""The interfaces that the oracle's rules use. Adapters and the tests' fakes implement them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from oracle.chain_ports import Ledger as Ledger
from oracle.chain_ports import Sender as Sender
from oracle.content_ports import Pinner as Pinner
from oracle.content_ports import Withheld as Withheld
from oracle.domain.attestation import Attestation, OracleSet
from oracle.domain.block import Block as Block
from oracle.domain.call import Call
from oracle.domain.copies import Decision, Ruling
from oracle.domain.delivery import Delivery
from oracle.domain.generation import Generation
from oracle.domain.ledger_views import Account as Account
from oracle.domain.ledger_views import NodeStanding as NodeStanding
from oracle.domain.ledger_views import SetTerms as SetTerms
from oracle.domain.ledger_views import Settlement as Settlement
from oracle.domain.ledger_views import Standing as Standing
from oracle.domain.order import Order
from oracle.domain.ordered import Ordered
from oracle.domain.proposal import Answer as Answer
from oracle.domain.proposal import Proposed as Proposed
from oracle.domain.quote_request import QuoteRequest
from oracle.domain.reservation import Ballot, Reservation
from oracle.domain.seat import OpenOrder, Reservations, Seat
from oracle.domain.statement import Movement as Movement
from oracle.node_ports import GenerationNode as GenerationNode
from oracle.node_ports import Job as Job
from oracle.node_ports import NodeCopies as NodeCopies
from oracle.node_ports import NodeHoldings as NodeHoldings


class Typed(Protocol):
    """EIP-712 hashes and signers for one ledger on one chain; pure functions."""

    def order_hash(self, order: Order) -> str: ...
    def set_id(self, oracle_set: OracleSet) -> bytes: ...
    def order_signer(self, order: Order, signature: str) -> str: ...
    def quote_signer(self, asked: QuoteRequest, signature: str) -> str: ...
    def attestation_signer(
        self, attestation: Attestation, order: str, set_id: bytes, signature: str
    ) -> str: ...
    def attestation_hash(self, attestation: Attestation, order: str, set_id: bytes) -> bytes: ...
    def batch_signer(self, attestations: Sequence[bytes], signature: str) -> str: ...
    def reservation_signer(
        self, reservation: Reservation, set_id: bytes, signature: str
    ) -> str: ...
    def cancel_signer(self, order: str, signature: str) -> str: ...
    def delivery_signer(self, made: Delivery, signature: str) -> str: ...
    def decision_signer(self, decision: Decision, signature: str) -> str: ...
    def ruling_signer(self, decision: Decision, set_id: bytes, signature: str) -> str: ...
    def call_signer(self, made: Call, signature: str) -> str: ...
    def order_typed_data(self, order: Order) -> dict[str, Any]: ...


class Attester(Protocol):
    """This oracle's own key. The key never leaves the adapter."""

    address: str

    def sign(self, attestation: Attestation, order: str, set_id: bytes) -> str: ...
    def sign_batch(self, attestations: Sequence[bytes]) -> str:
        """Signs attestations that are settled together. `attestations` are their struct hashes."""

    def sign_reservation(self, reservation: Reservation, set_id: bytes) -> str: ...
    def sign_delivery(self, made: Delivery) -> str: ...
    def sign_ruling(self, decision: Decision, set_id: bytes) -> str: ...




FaultPoint = Callable[[str], None]
"""Called with the name of each fault point, so that a crash test can kill the process there."""


def no_fault(_point: str) -> None:
    """Does nothing: the fault point outside of crash tests."""


Check = Callable[[Reservations], None]
"""Raises when an order does not fit beside the payer's reservations."""


SeatRule = Callable[[Seat | None], Seat]
"""Gives the new seat, or raises Conflict and changes nothing."""

OrderRule = Callable[[Seat | None, Generation | None], Seat]
"""The same with the saved generation of an order; None when there is none."""

ReserveRule = Callable[[Seat | None, Sequence[OpenOrder]], Seat]
"""The same with the payer's open orders; it also raises Refused."""


class NonceOffers(Protocol):
    """Remembers which nonces quotes have offered."""

    def choose(self, payer: str, candidates: Sequence[int]) -> int:
        """One of the candidates (ascending); not the payer's last offer, if there is another."""


class Peer(Protocol):
    """Another oracle of the set. It checks everything itself; its answers are not verified here.

    Raises Unavailable when it does not answer, and otherwise the error that it returns.
    """

    url: str

    def reserve(self, ordered: Ordered, ballot: Ballot) -> Answer:
        """Its answer to a request for a reservation."""

    def attest(self, proposed: Proposed) -> tuple[str, str]:
        """Signer and signature of an attestation."""

    def attest_batch(self, members: Sequence[Proposed]) -> tuple[str, str]:
        """Signer and one signature of attestations that are settled together."""

    def cancel(self, ordered: Ordered, signature: str) -> str:
        """The address of the oracle that agrees to a cancellation that the payer signed."""

    def rule(
        self, decision: Decision, papers: Sequence[str], signatures: Mapping[str, str]
    ) -> tuple[str, str]:
        """Signer and signature of a ruling about copies; `signatures` by oracle, so far."""

    def block(self, generation: str, cid: str) -> bytes:
        """One block of a withheld file, not verified. Raises NotFound when it is not shared."""


class Store(Protocol):
    """The oracle's durable state. Raises Unavailable when it cannot write."""

    def require_writable(self) -> None:
        """Raises Unavailable unless the store can save something now."""

    def take(self, generation: Generation, check: Check) -> Generation:
        """Saves a new generation, or returns the saved one with its id.

        Args:
            check: called with the payer's `Reservations` before a new generation is saved.
        """

    def known(self, generation: str) -> Generation | None:
        """The generation with this id; None when there is none."""

    def save(self, generation: Generation) -> None: ...
    def save_all(self, generations: Sequence[Generation]) -> None:
        """Saves all of them or none."""
    def exchange(self, before: Generation, after: Generation) -> bool:
        """Saves a generation unless it changed since it was read as `before`; whether it did."""

    def load(self, generation: str) -> Generation:
        """Raises NotFound."""

    def unfinished(self) -> Sequence[str]:
        """Ids of the generations that have not ended, or settled in a block that is not final.

        The oldest comes first.
        """

    def reservations(self, payer: str) -> Reservations: ...
    def open_orders(self, payer: str) -> Sequence[OpenOrder]:
        """The payer's orders that have not ended here, also those that another oracle leads."""

    def seat(self, payer: str, nonce: int) -> Seat | None:
        """What this oracle has promised for a payer's nonce, if anything."""

    def change_seat(self, payer: str, nonce: int, rule: SeatRule) -> Seat:
        """Applies a rule to a seat under the write lock; saves and returns the new seat."""

    def change_order(self, generation: str, order: Order, rule: OrderRule) -> Seat:
        """As `change_seat` for a rule that looks at the order's generation under the same lock.

        Args:
            generation: its id.
        """

    def reserve(self, generation: Generation, rule: ReserveRule) -> Seat:
        """As `change_seat` for the order of a generation, which it saves when it is new."""

    def lend(self, generation: str, check: Check) -> None:
        """Saves that another oracle may have an order made, so that its track counts as unpaid.

        Args:
            check: called with the payer's `Reservations` before that, under the write lock.
        """

    def ruling(self, decision: Decision) -> Ruling | None:
        """The ruling about a decision's pair of copies, if any."""

    def rulings(self, recordings: Iterable[int]) -> Sequence[Ruling]:
        """All rulings about any of some recordings."""

    def save_ruling(self, ruling: Ruling) -> None:
        """Saves a ruling, unless a later one of its pair is known."""

    def prune(self, before: int) -> int:
        """Deletes generations that ended unpaid before a time; returns their number.

        Args:
            before: seconds since 1970.
        """


class BatchQueue(Protocol):
    """Generations that wait to be settled together.

    Args:
        most: largest number settled together; 1 settles each alone.
        lock: held while a batch is chosen and signed, so that no generation is in two batches.
    """

    most: int
    lock: threading.Lock

    def choose(self, generation: str, now: int) -> list[str]:
        """Adds a generation. Returns the ids to sign now, oldest first; empty when it waits."""

    def leave(self, generations: Iterable[str]) -> None:
        """Removes generations."""


class Clock(Protocol):
    """The time, and waiting."""

    def now(self) -> int:
        """Seconds since 1970."""

    def sleep(self, seconds: float) -> None: ...
