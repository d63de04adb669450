"""What the oracles of the set answered to a leader, and what follows from it.

Only a reservation and a vote are signed. Everything else in an answer is a claim, which any oracle
can make, also in another one's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from oracle.context import Context
from oracle.domain.attestation import OracleSet
from oracle.domain.errors import Conflict, RefrainError, Refused
from oracle.domain.generation import UNPAID, Generation, Stage
from oracle.domain.proposal import Answer
from oracle.domain.reservation import Accepted, Ballot
from oracle.quorum import asking


@dataclass(frozen=True)
class Heard:
    """Verified answers by signer, this oracle's own among them, and the errors of the others.

    Args:
        silent: number of oracles that neither answered nor refused the order.
        now: seconds since 1970.
    """

    answers: Mapping[str, Answer]
    errors: Sequence[RefrainError]
    silent: int
    now: int

    def granted(self, ballot: Ballot) -> dict[str, Answer]:
        """The answers that reserve the order's nonce under a ballot, the longest lease first."""
        found = [
            (signer, each) for signer, each in self.answers.items()
            if each.grants and each.ballot == ballot and each.until >= self.now
        ]  # fmt: skip
        return dict(sorted(found, key=lambda item: -item[1].until))

    def over(self, ballot: Ballot) -> int:
        """How many reservations for a ballot were over when they came, by this oracle's clock."""
        return sum(
            each.grants and each.ballot == ballot and each.until < self.now
            for each in self.answers.values()
        )

    @property
    def hard(self) -> list[RefrainError]:
        """The refusals, which a second question does not change."""
        return _hard(self.errors)


def heard_of(
    context: Context,
    generation: Generation,
    own: Answer,
    answers: Sequence[Answer],
    errors: Sequence[RefrainError],
) -> Heard:
    """What was heard: this oracle's `own` answer, and the `answers` and `errors` of the others."""
    silent = len(context.peers) - len(answers) - len(_hard(errors))
    found = {own.signer: own, **_verified(context, generation, answers)}
    return Heard({**found, own.signer: own}, errors, silent, context.clock.now())


def _hard(errors: Iterable[RefrainError]) -> list[RefrainError]:
    return [each for each in errors if isinstance(each, Conflict | Refused)]


def _verified(
    context: Context, generation: Generation, answers: Iterable[Answer]
) -> dict[str, Answer]:
    """The answers by signer. What a signer signed stands before what is claimed in its name."""
    found: dict[str, Answer] = {}
    for each in answers:
        checked = asking.verified(context, generation, each)
        if checked is None:
            continue
        before = found.get(checked.signer)
        if before is None or _proven(checked) > _proven(before):
            found[checked.signer] = checked
    return found


def _proven(answer: Answer) -> tuple[bool, bool]:
    return answer.grants, answer.accepted is not None


def candidates(
    oracle_set: OracleSet, heard: Heard, granted: Mapping[str, Answer], oldest: int
) -> Iterator[Accepted]:
    """The attestations that may have t signatures and can still settle, the highest ballot first.

    One that too few oracles can have signed is left out, because a single liar may have made it up.

    Args:
        oldest: the earliest `generated_at` that can settle, seconds since 1970.
    """
    told = [each.accepted for each in heard.answers.values() if each.accepted]
    for made in sorted(told, key=lambda each: each.ballot, reverse=True):
        recent = made.attestation.generated_at >= oldest
        if recent and _may_settle(oracle_set, heard, granted, made):
            yield made


def _may_settle(
    oracle_set: OracleSet, heard: Heard, granted: Mapping[str, Answer], made: Accepted
) -> bool:
    """Whether t oracles may have signed.

    Those count that say so, those that signed another one later, those that did not promise to
    sign nothing below this ballot, and as many as may lie about it.
    """
    count = 0
    for signer in oracle_set.signers:
        own = heard.answers[signer].accepted if signer in heard.answers else None
        signed = own and (own.attestation == made.attestation or own.ballot > made.ballot)
        count += bool(signed) or signer not in granted
    return count >= oracle_set.threshold - oracle_set.liars


def verdict(oracle_set: OracleSet, heard: Heard, ballot: Ballot) -> Stage | None:
    """How the order ended at the oracle that led it in the highest round, if it ended there.

    It is only a claim, so it counts for nothing while the silent oracles could still reserve the
    order for `ballot`.
    """
    answers = heard.answers.values()
    reachable = len(heard.granted(ballot)) + heard.silent >= oracle_set.threshold
    if reachable or any(each.accepted for each in answers):
        return None
    top = max((each.ballot for each in answers if not each.grants), default=None)
    for each in answers:
        led = each.ballot == top and oracle_set.signers[top.leader] == each.signer
        if led and each.ended in UNPAID:
            return Stage(each.ended)
    return None
