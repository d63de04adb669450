"""Asks all other oracles of the set at the same time, and checks what they answer."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from oracle.context import Context
from oracle.domain.errors import InvalidInput, RefrainError, Unavailable
from oracle.domain.generation import Generation
from oracle.domain.order import Order
from oracle.domain.proposal import Answer
from oracle.domain.reservation import Reservation
from oracle.ports import Peer

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds for the answers to one question that needs no work at the other oracles."""

GRACE = 1.0
"""Seconds for the others once enough have answered."""

log = logging.getLogger(__name__)


def ask_all(
    peers: Sequence[Peer], question: Callable[[Peer], T], enough: int
) -> tuple[list[T], list[RefrainError]]:
    """The answers and the errors of those that answer within `PATIENCE` seconds.

    Args:
        enough: number of answers after which the others have only `GRACE` seconds left.
    """
    answers: list[T] = []
    errors: list[RefrainError] = []
    found, end = _started(peers, question), time.monotonic() + PATIENCE
    while len(answers) + len(errors) < len(peers):
        each = _next(found, end)
        if each is None:
            break
        if isinstance(each[1], RefrainError):
            errors.append(each[1])
        else:
            answers.append(each[1])
        if len(answers) >= enough:
            end = min(end, time.monotonic() + GRACE)
    return answers, errors


def stream(
    peers: Sequence[Peer], question: Callable[[Peer], T], patience: float
) -> Iterator[tuple[Peer, T | RefrainError]]:
    """Each answer or error as it comes, until all came or `patience` seconds are over."""
    found, end = _started(peers, question), time.monotonic() + patience
    for _ in peers:
        each = _next(found, end)
        if each is None:
            return
        yield each


Answers = queue.SimpleQueue[tuple[Peer, "T | RefrainError"]]


def _started(peers: Sequence[Peer], question: Callable[[Peer], T]) -> Answers[T]:
    found: Answers[T] = queue.SimpleQueue()
    for peer in peers:
        # Daemon threads: an oracle that never answers delays neither the others nor the exit.
        threading.Thread(target=_ask, args=(peer, question, found), daemon=True).start()
    return found


def _next(found: Answers[T], end: float) -> tuple[Peer, T | RefrainError] | None:
    try:
        return found.get(timeout=max(0.0, end - time.monotonic()))
    except queue.Empty:
        return None


def _ask(peer: Peer, question: Callable[[Peer], T], found: Answers[T]) -> None:
    try:
        found.put((peer, question(peer)))
    except RefrainError as error:
        found.put((peer, error))
    except Exception as error:
        # Each of them must give one answer, or the caller would wait for all of `patience`.
        log.exception("unexpected error when asking %s", peer.url)
        detail = f"the oracle could not be asked: {type(error).__name__}"
        found.put((peer, Unavailable(detail)))


def verified(context: Context, generation: Generation, answer: Answer) -> Answer | None:
    """The answer without claims that its signer did not sign; None when it is of no oracle.

    A ballot without a reservation is only a claim; one that cannot be is left out too.
    """
    signers = context.terms.oracle_set.signers
    if answer.signer not in signers or answer.ballot.leader >= len(signers):
        return None
    if not answer.ballot.is_timely(context.clock.now()):
        return None
    if answer.grants and _signer(context, generation, answer) != answer.signer:
        return None
    if answer.accepted and _voter(context, generation, answer) != answer.signer:
        return replace(answer, accepted=None, vote="")
    return answer


def _signer(context: Context, generation: Generation, answer: Answer) -> str:
    order = generation.order
    made = Reservation(generation.id, order.payer, order.nonce, answer.ballot, answer.until)
    try:
        return context.typed.reservation_signer(made, context.set_id, answer.signature)
    except InvalidInput:
        return ""


def _voter(context: Context, generation: Generation, answer: Answer) -> str:
    if answer.accepted is None:
        return ""
    made, set_id = answer.accepted.attestation, context.set_id
    try:
        return context.typed.attestation_signer(made, generation.id, set_id, answer.vote)
    except InvalidInput:
        return ""


def open_before(
    context: Context, payer: str, nonce: int, answers: Iterable[Answer]
) -> dict[str, int]:
    """The payer's open orders with lower nonces that any oracle named, and what each reserves.

    An order counts with the most that its payer allows, unless this oracle holds its price, and
    only with its payer's signature and an unused nonce.
    """
    ours = {each.id: each.price for each in context.store.open_orders(payer)}
    found: dict[str, int] = {}
    for order, signature in (each for answer in answers for each in answer.open):
        name = context.typed.order_hash(order)
        before = order.payer == payer and order.nonce < nonce
        if before and name not in found and _is_open(context, order, signature):
            found[name] = ours.get(name, order.max_price)
    return found


def _is_open(context: Context, order: Order, signature: str) -> bool:
    """Whether a named order may still be paid: not ended here, in time, signed, nonce unused."""
    known = context.store.known(context.typed.order_hash(order))
    last = order.deadline + context.ledger.max_lag()
    if (known is not None and known.ended) or last < context.ledger.closed_block().timestamp:
        return False
    try:
        signed = context.typed.order_signer(order, signature) == order.payer
    except InvalidInput:
        return False
    return signed and not context.ledger.nonce_used(order.payer, order.nonce)
