"""Collects enough signatures: this oracle's own, then its peers', asked at the same time."""

from __future__ import annotations

from dataclasses import dataclass, field

from oracle.context import Context
from oracle.domain.attestation import OracleSet
from oracle.domain.errors import (
    Conflict,
    Inconsistent,
    NotFound,
    RefrainError,
    Unavailable,
    WrongBytes,
)
from oracle.ports import Peer, Typed
from oracle.quorum import asking
from oracle.quorum.proposals import Proposal, Vote

PATIENCE = 320.0
"""Seconds for all signatures: a peer gets the track rendered again before it signs."""

PASSING = (Unavailable, NotFound, WrongBytes, Conflict)
"""Errors that may pass: a store or chain that lags, or an order in work at another oracle."""

Answer = tuple[Peer, "Vote | RefrainError"]


@dataclass
class Votes:
    """The answers so far: signer to signature, and the reasons of peers that did not sign."""

    signatures: dict[str, str]
    refused: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)


def collect(context: Context, proposal: Proposal) -> dict[str, str]:
    """Exactly the threshold's number of signatures, signer to signature, signers ascending.

    Raises:
        Unavailable: too few peers signed, and others may sign later.
        Inconsistent: so many peers refuse that the threshold cannot be reached.
        Conflict, InvalidInput, Refused: this oracle itself may not sign.
    """
    votes, oracle_set = Votes(dict([proposal.own(context)])), context.terms.oracle_set
    needed = oracle_set.threshold
    for answer in asking.stream(context.peers if needed > 1 else [], proposal.ask, PATIENCE):
        _count(context.typed, oracle_set, proposal, votes, answer)
        if len(votes.signatures) == needed:
            break
    if len(votes.signatures) < needed:
        raise _too_few(votes, needed)
    return dict(sorted(votes.signatures.items(), key=lambda item: int(item[0], 16)))


def _count(
    typed: Typed, oracle_set: OracleSet, proposal: Proposal, votes: Votes, answer: Answer
) -> None:
    peer, found = answer
    try:
        if isinstance(found, RefrainError):
            raise found
        votes.signatures.setdefault(_verified(typed, oracle_set, proposal, found), found[1])
    except PASSING as error:
        votes.waiting.append(f"{peer.url}: {error}")
    except RefrainError as error:
        votes.refused.append(f"{peer.url}: {error}")


def _verified(typed: Typed, oracle_set: OracleSet, proposal: Proposal, found: Vote) -> str:
    signer = proposal.signer(typed, oracle_set, found[1])
    if signer != found[0] or signer not in oracle_set.signers:
        detail = "did not make this signature, or is not in the set"
        raise Inconsistent(detail, field="signer", value=found[0])
    return signer


def _too_few(votes: Votes, needed: int) -> RefrainError:
    have = len(votes.signatures)
    reasons = "; ".join(votes.refused + votes.waiting)
    detail = f"{have} of {needed} signatures: {reasons}"
    if have + len(votes.waiting) < needed:
        return Inconsistent(f"the oracles do not agree, {detail}")
    return Unavailable(detail)
