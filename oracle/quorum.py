"""Gathers enough signatures: this oracle's own, and those of its peers, asked side by side."""

from __future__ import annotations

import logging
import queue
import threading
from dataclasses import dataclass, field

from oracle.domain.errors import (
    Conflict,
    Inconsistent,
    NotFound,
    RefrainError,
    Unavailable,
    WrongBytes,
)
from oracle.motions import Motion, Vote
from oracle.ports import Peer
from oracle.world import World

log = logging.getLogger(__name__)

PASSING = (Unavailable, NotFound, WrongBytes, Conflict)
"""What may look otherwise later: a store that lags, a slow chain, another oracle's order."""

Answer = tuple[Peer, "Vote | RefrainError"]


@dataclass
class Votes:
    """What came in so far: signer to signature, and the sentences of those who did not sign."""

    signatures: dict[str, str]
    refused: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)


def collect(world: World, motion: Motion) -> dict[str, str]:
    """Exactly the threshold's number of signatures, signer to signature, signers ascending.

    Raises:
        Unavailable: too few answered, and others may yet.
        Inconsistent: so many refuse that the threshold cannot be reached.
        Conflict, InvalidInput, Refused: this oracle itself may not sign.
    """
    votes = Votes(dict([motion.own(world)]))
    needed = world.terms.oracle_set.threshold
    answers = _ask_all(world, motion)
    for _ in world.peers:
        if len(votes.signatures) == needed:
            break
        _count(world, motion, votes, answers.get())
    if len(votes.signatures) < needed:
        raise _too_few(votes, needed)
    return dict(sorted(votes.signatures.items(), key=lambda item: int(item[0], 16)))


def _ask_all(world: World, motion: Motion) -> queue.SimpleQueue[Answer]:
    # Daemon threads: a peer that never answers holds up neither the quorum nor the end.
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    if world.terms.oracle_set.threshold > 1:
        for peer in world.peers:
            threading.Thread(target=_ask, args=(peer, motion, answers), daemon=True).start()
    return answers


def _ask(peer: Peer, motion: Motion, answers: queue.SimpleQueue[Answer]) -> None:
    try:
        answers.put((peer, motion.ask(peer)))
    except RefrainError as error:
        answers.put((peer, error))
    except Exception as error:
        # Whatever broke there must still be counted here, or the count would wait for ever.
        log.exception("asking %s broke", peer.url)
        answers.put((peer, Unavailable(f"the peer could not be asked: {type(error).__name__}")))


def _count(world: World, motion: Motion, votes: Votes, answer: Answer) -> None:
    peer, found = answer
    try:
        if isinstance(found, RefrainError):
            raise found
        votes.signatures.setdefault(_verified(world, motion, found), found[1])
    except PASSING as error:
        votes.waiting.append(f"{peer.url}: {error}")
    except RefrainError as error:
        votes.refused.append(f"{peer.url}: {error}")


def _verified(world: World, motion: Motion, found: Vote) -> str:
    signer = motion.signer(world, found[1])
    if signer != found[0] or signer not in world.terms.oracle_set.signers:
        raise Inconsistent("is not who signed, or not of the set", field="signer", value=found[0])
    return signer


def _too_few(votes: Votes, needed: int) -> RefrainError:
    have = len(votes.signatures)
    sentences = "; ".join(votes.refused + votes.waiting)
    detail = f"{have} of {needed} signatures: {sentences}"
    if have + len(votes.waiting) < needed:
        return Inconsistent(f"the oracles do not agree, {detail}")
    return Unavailable(detail)
