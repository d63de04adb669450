"""Decides about a pair of copies: owners or an arbiter say what holds, and t oracles sign it.

Each oracle checks the signatures of the decision on its own, against the owners and the arbiters
on the chain. A ruling counts anywhere only with the signatures of the set's threshold.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from oracle.context import Context
from oracle.domain.attestation import OracleSet
from oracle.domain.copies import ARBITER, OWNERS, TIMELY, Decision, Ruling
from oracle.domain.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    RefrainError,
    Unauthorised,
    Unavailable,
)
from oracle.ports import Ledger, Store, Typed
from oracle.quorum import asking

log = logging.getLogger(__name__)

MOST_OWNED = 100
"""Rulings about one recording, up to which owners may add one. Each quote reads them all."""

Signatures = Mapping[str, str]


def rule(context: Context, decision: Decision, papers: Sequence[str]) -> Ruling:
    """Has a decision signed by the threshold, stores the ruling and tells the other oracles.

    Args:
        papers: the signatures of the decision (0x-hex, 65 bytes): of both owners in the order of
            the recordings, or of an arbiter.

    Raises:
        NotFound: a recording is not registered.
        Unauthorised: the papers are not those of both owners or of an arbiter, or not of now.
        Conflict: a later decision holds, or an arbiter's.
        Unavailable: fewer than t oracles agree now; asking again is safe.
    """
    by, own = _checked(context, decision, papers)
    votes, errors = asking.ask_all(
        context.peers, lambda peer: peer.rule(decision, papers, {}), enough=len(context.peers)
    )
    signatures = {context.attester.address: own} | _valid(
        context.typed, context.terms.oracle_set, decision, dict(votes)
    )
    _require_enough(context.terms.oracle_set.threshold, signatures, errors)
    ruling = Ruling(decision, by, tuple(papers), signatures)
    context.store.save_ruling(ruling)
    asking.ask_all(
        context.peers, lambda peer: peer.rule(decision, papers, signatures),
        enough=len(context.peers),
    )  # fmt: skip
    return ruling


def agree(
    context: Context, decision: Decision, papers: Sequence[str], signatures: Signatures
) -> tuple[str, str]:
    """This oracle's address and its signature of a ruling; stores it once t oracles have signed.

    Args:
        signatures: those that the oracle that asks has collected so far, by address.

    Raises:
        As `rule`.
    """
    oracle_set = context.terms.oracle_set
    known = _valid(context.typed, oracle_set, decision, signatures)
    by, own = _checked(context, decision, papers, ruled=len(known) >= oracle_set.threshold)
    known |= {context.attester.address: own}
    if len(known) >= oracle_set.threshold and signatures:
        context.store.save_ruling(Ruling(decision, by, tuple(papers), known))
    return context.attester.address, own


def _checked(
    context: Context, decision: Decision, papers: Sequence[str], ruled: bool = False
) -> tuple[str, str]:
    """Who decided, and this oracle's signature.

    Args:
        ruled: whether t oracles have signed already, so that this one only learns it, at any time.
    """
    by = _authority(context.ledger, context.typed, decision, papers)
    now, known = context.clock.now(), context.store.ruling(decision)
    again = ruled or (known is not None and known.decision == decision)
    if not again and abs(now - decision.time) > TIMELY:
        detail = f"must be within {TIMELY} seconds of this oracle's clock, {now}"
        raise Unauthorised(detail, field="time", value=decision.time)
    if known is None and by == OWNERS:
        _require_room(context.store, decision)
    elif known is not None and known.decision != decision:
        _require_later(known, decision, by)
    return by, context.attester.sign_ruling(decision, context.set_id)


def _require_room(store: Store, decision: Decision) -> None:
    for number in decision.pair:
        if len(store.rulings([number])) >= MOST_OWNED:
            detail = f"has {MOST_OWNED} rulings; an arbiter may decide about more"
            raise Conflict(detail, field="recording", value=number)


def _require_later(known: Ruling, decision: Decision, by: str) -> None:
    if known.by == ARBITER and by != ARBITER:
        detail = "an arbiter has decided; only an arbiter may decide again"
        raise Conflict(detail, field="other", value=decision.other)
    if decision.time <= known.decision.time:
        detail = f"must be after the ruling of {known.decision.time}"
        raise Conflict(detail, field="time", value=decision.time)


def _authority(
    ledger: Ledger, typed: Typed, decision: Decision, papers: Sequence[str]
) -> str:
    signers = [typed.decision_signer(decision, paper) for paper in papers]
    owners = [_owner(ledger, number) for number in decision.pair]
    if len(signers) == 1 and ledger.is_arbiter(signers[0]):
        return ARBITER
    if signers == owners:
        return OWNERS
    detail = f"must be by the owners {' and '.join(owners)} in this order, or by one arbiter"
    raise Unauthorised(detail, field="signatures", value=", ".join(signers))


def _owner(ledger: Ledger, recording: int) -> str:
    found = ledger.recording(recording)
    if found is None:
        raise NotFound("is not registered", field="recording", value=recording)
    return found.owner


def _valid(
    typed: Typed, oracle_set: OracleSet, decision: Decision, signatures: Signatures
) -> dict[str, str]:
    """Those of some signatures that oracles of the set made of the ruling."""
    set_id = typed.set_id(oracle_set)
    return {
        address: signature
        for address, signature in signatures.items()
        if address in oracle_set.signers
        and _signer(typed, set_id, decision, signature) == address
    }


def _signer(typed: Typed, set_id: bytes, decision: Decision, signature: str) -> str:
    try:
        return typed.ruling_signer(decision, set_id, signature)
    except InvalidInput:
        return ""


def _require_enough(
    threshold: int, signatures: Signatures, errors: Sequence[RefrainError]
) -> None:
    if len(signatures) >= threshold:
        return
    for error in errors:
        if isinstance(error, Conflict):
            raise error
        log.warning("another oracle does not sign a ruling: %s", error)
    detail = f"{len(signatures)} of {threshold} oracles agree now; ask again"
    raise Unavailable(detail, field="signatures", public=True)
