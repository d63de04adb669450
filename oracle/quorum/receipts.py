"""Proves the original of an upgrade to the ledger: what was signed, with t signatures.

The oracle that collected the signatures has them. Every other one finds them in the transaction
that settled the original, or, where that called the ledger through another contract, asks the
oracles of the set to sign again what they have signed.
"""

from __future__ import annotations

from contextlib import suppress

from oracle.context import Context
from oracle.domain.attestation import OracleSet, SettlementReceipt
from oracle.domain.errors import RefrainError, Unavailable
from oracle.domain.generation import Generation
from oracle.domain.manifest_reader import parse_manifest
from oracle.domain.proposal import Proposed
from oracle.domain.reservation import Ballot
from oracle.orders.originals import original_of
from oracle.quorum import asking
from oracle.quorum.collecting import PATIENCE
from oracle.quorum.proposals import SingleAttestation

ABOVE = 1_000
"""Rounds above every ballot that an order of this oracle can have had."""


def receipt_of(context: Context, generation: Generation) -> SettlementReceipt | None:
    """The proof of an upgrade's original; None when it is not an upgrade.

    Raises:
        NotFound, Refused: as `original_of`.
        Unavailable: too few oracles sign again, or a service does not answer.
    """
    if not generation.original:
        return None
    before = original_of(context.ledger, context.pinner, context.store, generation.original)
    own = _own(context, before) if before.signatures else None
    if own is not None:
        return own
    found = context.ledger.receipt(before.id)
    if found is not None:
        return found
    made, signers = before.attested().attestation, context.terms.oracle_set
    return SettlementReceipt(before.order, made, signers, _signed_again(context, before))


def _own(context: Context, before: Generation) -> SettlementReceipt | None:
    """From the signatures that this oracle collected; None when it lacks a part of the batch."""
    signers = parse_manifest(context.pinner.fetch(before.manifest)).oracle_set
    made, batch = before.attested().attestation, _batch(context, before, signers)
    if len(batch) < len(before.batch):
        return None
    return SettlementReceipt(before.order, made, signers, before.signatures, batch)


def _batch(context: Context, before: Generation, signers: OracleSet) -> tuple[bytes, ...]:
    """The struct hashes of its batch's attestations, as far as they are here.

    It is empty when the generation was signed alone.
    """
    typed, set_id = context.typed, context.typed.set_id(signers)
    known = (context.store.known(each) for each in before.batch)
    return tuple(
        typed.attestation_hash(each.attestation, each.id, set_id)
        for each in known
        if each and each.attestation
    )


def _signed_again(context: Context, before: Generation) -> dict[str, str]:
    """Signatures of t oracles, each of which accepted this attestation before.

    It is settled, so proposing it under any ballot contradicts no oracle.
    """
    seat = context.store.seat(before.order.payer, before.order.nonce)
    ballot = Ballot((seat.ballot.round if seat else 0) + ABOVE, context.index)
    proposal = SingleAttestation(Proposed(before.attested(), ballot))
    oracle_set = context.terms.oracle_set
    signatures: dict[str, str] = {}
    with suppress(RefrainError):  # when this oracle did not sign it
        signatures.update([proposal.own(context)])
    for _, answer in asking.stream(context.peers, proposal.ask, PATIENCE):
        if len(signatures) == oracle_set.threshold:
            break
        if isinstance(answer, RefrainError):
            continue
        with suppress(RefrainError):  # when it is no signature at all
            signer = proposal.signer(context.typed, oracle_set, answer[1])
            if signer in oracle_set.signers:
                signatures[signer] = answer[1]
    if len(signatures) < oracle_set.threshold:
        detail = f"is proven by {len(signatures)} of {oracle_set.threshold} oracles"
        raise Unavailable(detail, field="original", value=before.id)
    return dict(sorted(signatures.items(), key=lambda item: int(item[0], 16)))
