"""Checks that are repeated right before a track is made, signed or posted.

Between an order and these acts, other orders of its payer may settle, a node may reach its cap, and
time passes.
"""

from __future__ import annotations

from oracle.domain.block import Block
from oracle.domain.errors import Refused, Unavailable
from oracle.domain.generation import Generation
from oracle.domain.terms import Terms
from oracle.orders.consent_checks import require_permitted
from oracle.ports import Ledger

MAKING_SECONDS = 30
"""Time that must be left until the deadline when a track is begun."""


def before_making(ledger: Ledger, terms: Terms, generation: Generation, payee: str) -> None:
    """Checks an order before a node makes its track.

    Args:
        payee: EIP-55 address of the node.

    Raises:
        Refused: nonce, escrow, consent or deadline no longer allow it.
        Unavailable: the node or the set has reached its cap in this window.
    """
    closed = ledger.closed_block()
    if generation.order.deadline < closed.timestamp + MAKING_SECONDS:
        detail = f"leaves less than {MAKING_SECONDS} seconds to make the track"
        raise Refused(detail, field="order.deadline", value=generation.order.deadline)
    require_permitted(ledger, generation, closed)
    _require_spendable(ledger, generation)
    _require_staying(ledger, generation.order.payer, closed)
    require_cap(ledger, terms, generation, payee)


def before_signing(ledger: Ledger, terms: Terms, generation: Generation) -> None:
    """Checks an order before this oracle asks for signatures; raises as `before_making`."""
    _require_spendable(ledger, generation)
    require_cap(ledger, terms, generation, generation.payee)


def before_posting(ledger: Ledger, terms: Terms, generation: Generation) -> None:
    """Checks a signed order before it costs gas.

    Raises:
        Unavailable: it would revert now; it may settle later, until `generatedAt` plus `maxLag`.
    """
    try:
        _require_spendable(ledger, generation)
    except Refused as error:
        raise Unavailable(f"cannot settle now: {error}", public=True) from error
    if ledger.paused():
        raise Unavailable("the guardian has paused settlement on the ledger", public=True)
    require_cap(ledger, terms, generation, generation.payee)


def require_cap(ledger: Ledger, terms: Terms, generation: Generation, payee: str) -> None:
    """Raises Unavailable when the price does not fit below the set's cap for a node."""
    cap, left = room(ledger, terms, payee)
    if generation.price > left:
        detail = f"leaves {left} of {cap} in this window for the node {payee}"
        raise Unavailable(detail, field="cap", value=cap - left, public=True)


def room(ledger: Ledger, terms: Terms, payee: str) -> tuple[int, int]:
    """A set's cap for a node in a window, and what a node has left of it, in units of the token."""
    cap, spent = ledger.set_terms(terms.oracle_set).cap, ledger.node_spent(payee)
    return cap, max(0, cap - spent)


def _require_staying(ledger: Ledger, payer: str, closed: Block) -> None:
    """Raises Refused when the payer may take its escrow back before the track is settled.

    The delay of an exit is longer than the largest lag, so this concerns old orders only.
    """
    exit_time = ledger.account(payer).exit_time
    if exit_time and exit_time <= closed.timestamp + ledger.max_lag():
        detail = "may leave before the track is settled; the payer has asked for it back"
        raise Refused(detail, field="escrow", value=exit_time)


def _require_spendable(ledger: Ledger, generation: Generation) -> None:
    order = generation.order
    if ledger.nonce_used(order.payer, order.nonce):
        if ledger.settlement_seen(generation.id):
            detail = "is settled in a block that is not closed yet"
            raise Unavailable(detail, field="order", value=generation.id, public=True)
        raise Refused("is used by another settlement", field="order.nonce", value=order.nonce)
    escrow = ledger.account(order.payer).escrow
    if escrow < generation.price:
        raise Refused(f"must cover {generation.price}", field="escrow", value=escrow)
