"""What a lying oracle sends, answers and posts. It keeps its key, and it may lie to each other one.

Every lie here is one that the routes let through: a ballot that another oracle leads is refused by
them at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from oracle.domain.cid import decode, raw_cid
from oracle.domain.errors import NotFound, Refused
from oracle.domain.manifest import to_bytes
from oracle.domain.manifest_reader import parse_manifest
from oracle.domain.proposal import Answer, Proposed
from oracle.domain.reservation import Ballot
from tests.simulation.chain import Transaction
from tests.support.fake_chain import hash_of

if TYPE_CHECKING:
    from tests.simulation.world import World

RATE = 0.5
"""Part of a liar's messages that lie."""


def sent(
    world: World, source: int, target: int, method: str, args: tuple[Any, ...]
) -> tuple[Any, ...]:
    """The arguments that a call really carries."""
    if source not in world.liars or world.dice.random() > RATE or method not in _SENT:
        return args
    lie = world.dice.choice(_SENT[method])
    if lie is _another_block:
        world.torn.add(world.trio.typed.order_hash(args[0].order))
    world.tell(f"oracle {source} lies to oracle {target} in {method}: {lie.__name__[1:]}")
    return lie(world, *args)


def answered(world: World, source: int, target: int, method: str, result: Any) -> Any:
    """The answer that really comes back."""
    if source not in world.liars or world.dice.random() > RATE or method not in _ANSWERED:
        return result
    lie = world.dice.choice(_ANSWERED[method])
    world.tell(f"oracle {source} lies to oracle {target} about {method}: {lie.__name__[1:]}")
    return lie(world, result)


def _another_price(world: World, made: Proposed) -> tuple[Any, ...]:
    return (_proposing(made, price=made.attestation.price + 1),)


def _another_node(world: World, made: Proposed) -> tuple[Any, ...]:
    return (_proposing(made, node=world.trio.payer.address),)


def _another_track(world: World, made: Proposed) -> tuple[Any, ...]:
    return (_proposing(made, manifest=b"\x01" * 32),)


def _a_lower_ballot(world: World, made: Proposed) -> tuple[Any, ...]:
    return (replace(made, ballot=Ballot(1, made.ballot.leader)),)


def _a_higher_ballot(world: World, made: Proposed) -> tuple[Any, ...]:
    return (replace(made, ballot=Ballot(made.ballot.round + 3, made.ballot.leader)),)


def _another_block(world: World, made: Proposed) -> tuple[Any, ...]:
    """The same track under another block, which every check allows: two proposals in one round."""
    pinner = world.trio.pinner
    known = parse_manifest(pinner.fetch(raw_cid(made.attestation.manifest)))
    again = replace(known, block=world.chain.closed_block())
    attestation = again.attestation(decode(pinner.pin(to_bytes(again)))[1])
    return (replace(made, member=replace(made.member, attestation=attestation)),)


def _proposing(made: Proposed, **changes: Any) -> Proposed:
    changed = replace(made.attestation, **changes)
    return replace(made, member=replace(made.member, attestation=changed))


def _a_far_round(world: World, ordered: Any, ballot: Ballot) -> tuple[Any, ...]:
    return ordered, Ballot(ballot.round + 1_000, ballot.leader)


def _nothing_signed(world: World, answer: Answer) -> Answer:
    return replace(answer, accepted=None, vote="")


def _nothing_open(world: World, answer: Answer) -> Answer:
    return replace(answer, open=())


def _a_long_lease(world: World, answer: Answer) -> Answer:
    return replace(answer, signature="", until=world.clock.now() + 10**6)


def _an_end(world: World, answer: Answer) -> Answer:
    return replace(answer, signature="", ended="refused", accepted=None, vote="")


def _a_refusal(world: World, _result: Any) -> Any:
    raise Refused("does not like it")


def _another_signature(world: World, _result: tuple[str, str]) -> tuple[str, str]:
    return world.trio.terms.oracle_set.signers[0], "0x" + "11" * 64


def _nothing(world: World, _block: bytes) -> bytes:
    raise NotFound("is not here")


def _other_bytes(world: World, block: bytes) -> bytes:
    return block[::-1]


_SENT: dict[str, list[Callable[..., tuple[Any, ...]]]] = {
    "attest": [_another_price, _another_node, _another_track, _a_lower_ballot, _a_higher_ballot,
               _another_block, _another_block],
    "reserve": [_a_far_round],
}  # fmt: skip
_ANSWERED: dict[str, list[Callable[..., Any]]] = {
    "reserve": [_nothing_signed, _nothing_open, _a_long_lease, _an_end, _a_refusal],
    "attest": [_a_refusal, _another_signature],
    "block": [_nothing, _other_bytes],
    "cancel": [_a_refusal],
}


def post_any(world: World) -> None:
    """Somebody posts an attestation that has enough signatures, though its leader does not."""
    terms, typed = world.trio.terms, world.trio.typed
    enough = [
        (order, made, signatures)
        for (order, made), signatures in world.invariants.signatures.items()
        if len(signatures) >= terms.oracle_set.threshold
    ]
    if not enough:
        return
    order, made, signatures = world.dice.choice(enough)
    chosen = dict(sorted(signatures.items())[: terms.oracle_set.threshold])
    signed = world.invariants.orders[order]
    world.tell(f"somebody posts {order[:10]} with manifest {made.manifest.hex()[:8]}")

    def apply() -> Any:
        return world.chain.settle(typed, terms, signed, made, chosen)

    world.chain.sent += 1
    world.chain.broadcast(Transaction(hash_of(f"sent {world.chain.sent}"), -1, apply))
