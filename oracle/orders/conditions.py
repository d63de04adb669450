"""What must hold for an order besides consent: cost, caps, escrow, and what nodes say.

Each function returns refusals, so that a quote shows all of them and an order names each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from oracle.domain import tempi
from oracle.domain.block import Block
from oracle.domain.consent import Refusal
from oracle.domain.errors import Refused, Unavailable
from oracle.domain.holdings import Holdings, NodeHolding
from oracle.domain.order import Order
from oracle.domain.request import Request
from oracle.domain.shares_of_time import beats_in, without_room
from oracle.domain.terms import Terms
from oracle.orders.consent_checks import raise_refusals
from oracle.ports import NodeHoldings, Standing

HOLDERS = 2
"""Nodes with different payees that must hold a reference: one makes the track, another renders it
again before the oracles sign."""

Refusals = tuple[Refusal, ...]


def not_held(holdings: Holdings, recordings: Iterable[int]) -> Refusals:
    """The references that too few nodes hold, or of which that is not known now."""
    counts = {number: _holders(holdings.nodes, number) for number in recordings}
    return tuple(
        Refusal(number, "not_held", _too_few(count, holdings.silent))
        for number, count in counts.items()
        if count < HOLDERS
    )


def tempi_apart(holdings: Holdings, engine: str, recordings: Collection[int]) -> Refusals:
    """The references that the engine can play at no tempo that the others fit.

    The nodes that hold all references must all say so, because one of them may lie. Which reference
    is named follows from the tempi that the first of them tells.

    Args:
        recordings: of the request, those that may be used.
    """
    wanted = set(recordings)
    whole = [node.held for node in holdings.nodes if wanted <= node.held.keys()]
    if engine != tempi.ENGINE or not whole:
        return ()
    found = [_apart({number: held[number] for number in sorted(wanted)}) for held in whole]
    return found[0] if all(found) else ()


def _apart(bpms: Mapping[int, int]) -> Refusals:
    """Refusals by the tempi of all references, which ascend by recording."""
    numbers, values = list(bpms), list(bpms.values())
    return tuple(
        Refusal(numbers[index], "tempo", tempi.why(values, index))
        for index in tempi.misfits(values)
    )


def require_playable(nodes: NodeHoldings, request: Request) -> None:
    """Refuses references that too few nodes hold, or that can be played at no common tempo.

    Raises:
        Refused: names each of them.
        Unavailable: a node does not answer now, and may hold them.
    """
    recordings = request.weights().keys()
    holdings = nodes.ask(recordings)
    missing = not_held(holdings, recordings)
    if missing and holdings.silent:
        raise Unavailable("; ".join(refusal.detail for refusal in missing), public=True)
    raise_refusals(missing + tempi_apart(holdings, request.engine, recordings))


def too_short(request: Request) -> Refusals:
    """The references whose weight gives them less than one beat of the track."""
    fits = beats_in(request.length)
    detail = f"gets less than one of {fits} beats; {fits} references fit into {request.length} s"
    return tuple(Refusal(number, "too_short", detail) for number in without_room(request))


def require_deadline(terms: Terms, order: Order, block: Block) -> None:
    """Raises Refused for a deadline that has passed, or that is more than a day ahead.

    An order holds nonce, escrow and a place in the backlog until its deadline.
    """
    if order.deadline < block.timestamp:
        raise Refused("has passed", field="order.deadline", value=order.deadline)
    if order.deadline > block.timestamp + terms.latest:
        detail = f"must be at most {terms.latest} seconds ahead"
        raise Refused(detail, field="order.deadline", value=order.deadline)


def below_cost(terms: Terms, price: int) -> Refusals:
    """A price that would not pay for the settlement's gas."""
    if price >= terms.least_price:
        return ()
    detail = f"price {price} is below this oracle's least price {terms.least_price}"
    return (Refusal(None, "below_cost", detail),)


def cap_reached(seen: Standing, price: int) -> Refusals:
    """No node has room for the price below the set's cap for a node in this window.

    Nodes that the ledger does not allow have no room. Without any known node nothing is said.

    Args:
        seen: with the nodes that may make the track.
    """
    rooms = [seen.terms.cap - node.spent for node in seen.nodes.values() if node.allowed]
    if not seen.nodes or any(room >= price for room in rooms):
        return ()
    room = max([0, *rooms])
    detail = f"price {price} is above the {room} that the set's cap leaves in this window"
    return (Refusal(None, "cap_reached", detail),)


def escrow_short(seen: Standing, price: int, reserved: int) -> Refusals:
    """An escrow that does not cover the price and `reserved`, or that is being taken back."""
    if seen.account.exit_time:
        detail = "the payer has asked for its escrow back; cancelExit() reopens the account"
        return (Refusal(None, "escrow_short", detail),)
    if seen.account.escrow >= price + reserved:
        return ()
    besides = f" and {reserved} of unfinished orders" if reserved else ""
    detail = f"escrow {seen.account.escrow} must cover {price}{besides}"
    return (Refusal(None, "escrow_short", detail),)


def _holders(nodes: Iterable[NodeHolding], recording: int) -> int:
    return len({node.payee.lower() for node in nodes if recording in node.held})


def _too_few(count: int, silent: int) -> str:
    known = f"{count} of the generation nodes hold it, {HOLDERS} of different payees must"
    return f"{known}; {silent} do not answer now" if silent else known
