"""Quotes: whether a request is permitted, its price, and how the price would be divided."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from oracle.context import Context
from oracle.domain import money
from oracle.domain.attribution import PAYABLE, RULES, Vector
from oracle.domain.block import Block
from oracle.domain.consent import TIERS, Refusal
from oracle.domain.errors import InvalidInput, Unauthorised, Unavailable
from oracle.domain.money import Fees
from oracle.domain.order import Order
from oracle.domain.quote_request import QUOTE_SECONDS, QuoteRequest
from oracle.domain.request import Request
from oracle.domain.terms import Floor, Price, Terms
from oracle.orders import conditions, nonces
from oracle.orders.conditions import Refusals
from oracle.orders.consent_checks import refusals_in, share_refusals_in
from oracle.orders.copies import refusals_for
from oracle.orders.originals import original_of
from oracle.orders.prices import fees_in, price_in, upgrade_price_in
from oracle.orders.upgrades import higher
from oracle.ports import Clock, Ledger, NodeCopies, Standing, Store


@dataclass(frozen=True)
class Asker:
    """Who asks for a quote.

    Args:
        payer: EIP-55 address that would pay.
        proven: whether the payer signed the question; only then is its reserved money told.
    """

    payer: str
    proven: bool = False


@dataclass(frozen=True)
class Quote:
    """An offer.

    Args:
        refusals: why it is not permitted; empty when it is.
        price: smallest units; `fees` are its parts.
        floor: the floor that decides the price; None when the price list does.
        use: mask of uses that the tier needs.
        split: (recording, weight, amount) by the requested weights; the finished track decides in
            the end. For an upgrade, by the track's own weights.
        typed_data: the order to sign with `eth_signTypedData_v4`; None when not permitted.
        expires: last second at which the track may be generated, since 1970.
        reserved: what the payer's unfinished orders reserve here, smallest units; None unless the
            payer signed the question.
    """

    refusals: tuple[Refusal, ...]
    price: int
    floor: Floor | None
    fees: Fees
    use: int
    split: tuple[tuple[int, int, int], ...]
    typed_data: dict[str, Any] | None
    expires: int
    reserved: int | None


def quote(context: Context, request: Request, asker: Asker) -> Quote:
    """The offer for a request.

    Raises:
        InvalidInput: the request's rule is not payable.
        Unavailable: the chain does not answer, settlement is paused, the set is not active, or the
            request is permitted and no nonce is free.
    """
    require_payable(request)
    seen = _seen(context, request, asker.payer, context.holdings.payees())
    price = price_in(seen, context.terms, request)
    refused = refusals_in(seen.recordings, request, seen.block)
    # Nodes are asked for recordings that consent permits only.
    usable = request.weights().keys() - {refusal.recording for refusal in refused}
    alike = _quarantined(context.ledger, context.store, context.copies, seen, usable)
    holdings = context.holdings.ask(usable)
    held = conditions.not_held(holdings, sorted(usable))
    apart = conditions.tempi_apart(holdings, request.engine, usable)
    offer = _Offer(context, seen, request, price, asker)
    refused += alike + held + apart + conditions.too_short(request)
    return offer.made(refused, request.digest(), request.weights())


def quote_upgrade(context: Context, original: str, tier: str, asker: Asker) -> Quote:
    """The offer for a higher tier of a settled generation, by the track's own weights.

    Raises:
        NotFound, Refused: this oracle cannot upgrade it.
        InvalidInput: the tier is not higher.
        Unavailable: as for `quote`.
    """
    before = original_of(context.ledger, context.pinner, context.store, original)
    request, weights = higher(before.request, tier), before.vectors[before.request.rule]
    seen = _seen(context, request, asker.payer, [before.payee])
    price = upgrade_price_in(seen, context.terms, before.request, request)
    refused = share_refusals_in(seen.recordings, weights, request, seen.block)
    offer = _Offer(context, seen, request, price, asker)
    return offer.made(refused, bytes.fromhex(original.removeprefix("0x")), weights)


def asker_of(context: Context, asked: QuoteRequest, signature: str) -> Asker:
    """Who asks, once the payer's signature of the question is verified.

    Raises:
        InvalidInput: the signature is malformed.
        Unauthorised: it is not the payer's, or its time is too far from this oracle's clock.
    """
    now = context.clock.now()
    if abs(now - asked.time) > QUOTE_SECONDS:
        detail = f"must be within {QUOTE_SECONDS} seconds of this oracle's clock, {now}"
        raise Unauthorised(detail, field="time", value=asked.time)
    signer = context.typed.quote_signer(asked, signature)
    if signer.lower() != asked.payer.lower():
        raise Unauthorised(f"is by {signer}, not by the payer", field="signature",
                           value=asked.payer)  # fmt: skip
    return Asker(asked.payer, proven=True)


def require_payable(request: Request) -> None:
    """Raises InvalidInput when the request's rule is not payable."""
    if request.rule not in PAYABLE:
        detail = f"is published only and divides no money; must be {' or '.join(PAYABLE)}"
        raise InvalidInput(detail, field="request.rule", value=request.rule)


def _seen(context: Context, request: Request, payer: str, payees: list[str]) -> Standing:
    """What the ledger says of payer, set, recordings, and nodes that may make the track."""
    oracle_set = context.terms.oracle_set
    return context.ledger.standing(payer, [], payees, oracle_set, request.weights())


def _quarantined(
    ledger: Ledger, store: Store, copies: NodeCopies, seen: Standing, usable: Collection[int]
) -> Refusals:
    """Copies among the recordings. Without a node that answers, `not_held` refuses them all."""
    known = {number: seen.recordings[number] for number in usable}
    with suppress(Unavailable):
        return refusals_for(ledger, store, copies, known, seen.block.number)
    return ()


@dataclass(frozen=True)
class _Offer:
    """What a quote is made of."""

    context: Context
    seen: Standing
    request: Request
    price: Price
    asker: Asker

    def made(self, refusals: Refusals, named: bytes, weights: Vector) -> Quote:
        """The quote.

        Args:
            refusals: those found so far.
            named: what the order names: the request's digest, or the upgraded generation's id.
        """
        terms, amount, seen = self.context.terms, self.price.amount, self.seen
        fees = fees_in(seen, terms, amount)
        reserved, nonces_held = self._held()
        told = reserved if self.asker.proven else None
        refusals += (
            conditions.below_cost(terms, amount)
            + conditions.cap_reached(seen, amount)
            + conditions.escrow_short(seen, amount, told or 0)
        )
        amounts = money.divide(fees.royalty, list(weights.values()))
        expires = _expiry(self.context.clock, terms, seen.block)
        return Quote(
            refusals=refusals, price=amount, floor=self.price.floor, fees=fees,
            use=TIERS[self.request.tier].use,
            split=tuple(zip(weights, weights.values(), amounts, strict=True)),
            typed_data=None if refusals else self._to_sign(named, nonces_held, expires),
            expires=expires, reserved=told,
        )  # fmt: skip

    def _held(self) -> tuple[int, set[int]]:
        """Money and nonces that the payer's unfinished orders reserve."""
        context = self.context
        now, lag = context.clock.now(), context.ledger.max_lag()
        found = context.store.reservations(self.asker.payer).counted(now, lag)
        return sum(each.price for each in found), {each.nonce for each in found}

    def _to_sign(self, named: bytes, reserved: set[int], expires: int) -> dict[str, Any]:
        """The order's typed data; only a permitted request needs a free nonce."""
        context, tier = self.context, TIERS[self.request.tier]
        count, next_nonce = len(context.terms.oracle_set.signers), self.seen.account.next_nonce
        free = nonces.candidates(context.index, count, next_nonce, reserved)
        return context.typed.order_typed_data(Order(
            payer=self.asker.payer, nonce=context.nonce_offers.choose(self.asker.payer, free),
            request=named, max_price=self.price.amount, tier=tier.number, use=tier.use,
            rule=RULES[self.request.rule], deadline=expires,
        ))  # fmt: skip


def _expiry(clock: Clock, terms: Terms, block: Block) -> int:
    return max(clock.now(), block.timestamp) + terms.validity
