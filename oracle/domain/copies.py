"""Copies among recordings: what nodes find, what is ruled about a pair, and who is quarantined.

Two recordings that sound alike are both quarantined, so that whoever registers first has no veto,
until both owners agree or an arbiter decides. t oracles sign that decision, the ruling.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oracle.domain import fields
from oracle.domain.consent import Refusal
from oracle.domain.errors import InvalidInput
from oracle.domain.recording import Recording
from oracle.domain.typed_data import SigningDomain, typed_data

DECISION = "CopyDecision(uint256 recording,uint256 other,uint256 keep,uint256 time)"
"""What owners or an arbiter sign."""
RULING = "CopyRuling(bytes32 set,uint256 recording,uint256 other,uint256 keep,uint256 time)"
"""What the oracles sign then."""

FIRST, SECOND, BOTH = 1, 2, 3
"""Masks of the recordings of a pair that may be used; 0 for none."""

OWNERS, ARBITER = "owners", "arbiter"

TIMELY = 3_600
"""Seconds by which a decision's time may differ from an oracle's clock."""

MOST_COPIES = 100
"""Copies of one recording that a node tells, those with the lowest ids. A recording with so many
stays out of tracks until an arbiter finds it to be the original, because not all are known."""
MOST_TOLD = 1_000 * MOST_COPIES
LOUDEST = 1_000
FASTEST = 4_000_000
MOST_TONES = 192 * 4

_PAIR = ("recording", "other", "score", "seconds", "speed", "tones")
_DECISION = ("recording", "other", "keep", "time")


@dataclass(frozen=True)
class Copy:
    """Two recordings that sound alike, as a node says.

    Args:
        score: thousandths of the peaks that both have in the best 5 s.
        seconds: that both have.
        speed: millionths of the other's speed.
        tones: 1/192 octaves by which the recording is higher than the other.
    """

    recording: int
    other: int
    score: int
    seconds: int
    speed: int
    tones: int


@dataclass(frozen=True)
class Decision:
    """What is to hold for a pair; `recording` has the lower id.

    Args:
        keep: 1 the recording, 2 the other, 3 both may be used, 0 none.
        time: of the decision, seconds since 1970; a later one replaces an earlier one.
    """

    recording: int
    other: int
    keep: int
    time: int

    @property
    def pair(self) -> tuple[int, int]:
        return self.recording, self.other


@dataclass(frozen=True)
class Ruling:
    """A decision that t oracles have signed.

    Args:
        by: "owners" or "arbiter".
        papers: the signatures of the decision, 0x-hex: the owners' by ascending recording, or the
            arbiter's.
        signatures: the oracles' signatures of the ruling (0x-hex) by EIP-55 address.
    """

    decision: Decision
    by: str
    papers: tuple[str, ...]
    signatures: Mapping[str, str]

    def keeps(self, recording: int) -> bool:
        """Whether a recording of the pair may be used."""
        mask = FIRST if recording == self.decision.recording else SECOND
        return bool(self.decision.keep & mask)


def parse_copies(value: Any, place: str) -> list[Copy]:
    """Pairs from a node's JSON. Raises InvalidInput, which names the field."""
    listed = fields.listing(value, place, 0, MOST_TOLD)
    found = [_copy(item, f"{place}[{index}]") for index, item in enumerate(listed)]
    for number, count in Counter(copy.recording for copy in found).items():
        if count > MOST_COPIES:
            detail = f"names more than {MOST_COPIES} copies of recording {number}"
            raise InvalidInput(detail, field=place, value=count)
    return found


def _copy(value: Any, place: str) -> Copy:
    found = fields.mapping(value, place, _PAIR)
    if type(found["tones"]) is not int or abs(found["tones"]) > MOST_TONES:
        detail = f"must be -{MOST_TONES}..{MOST_TONES}"
        raise InvalidInput(detail, field=f"{place}.tones", value=found["tones"])
    most = (fields.UINT32_MAX, fields.UINT32_MAX, LOUDEST, fields.UINT32_MAX, FASTEST)
    least = (1, 1, 0, 0, 1)
    numbers = [
        fields.integer(found[name], f"{place}.{name}", low, high)
        for name, low, high in zip(_PAIR, least, most, strict=False)
    ]
    recording, other, score, seconds, speed = numbers
    return Copy(recording, other, score, seconds, speed, found["tones"])


def decision_of(value: Mapping[str, Any], place: str = "") -> Decision:
    """A decision from its JSON {recording, other, keep, time}; the lower id comes first.

    Raises:
        InvalidInput: names the field.
    """
    most = (fields.UINT32_MAX, fields.UINT32_MAX, BOTH, fields.UINT64_MAX)
    found = [
        fields.integer(value[name], f"{place}{name}", low, high)
        for name, low, high in zip(_DECISION, (1, 1, 0, 0), most, strict=True)
    ]
    if found[0] >= found[1]:
        detail = "must be above `recording`: the lower id comes first"
        raise InvalidInput(detail, field=f"{place}other", value=found[1])
    return Decision(*found)


def decision_json(decision: Decision) -> dict[str, int]:
    """The JSON that `decision_of` reads."""
    return {name: getattr(decision, name) for name in _DECISION}


def decision_typed_data(domain: SigningDomain, decision: Decision) -> dict[str, Any]:
    """The statement for a wallet's `eth_signTypedData_v4`."""
    return typed_data(domain, DECISION, dict(decision_json(decision)))


def quarantined(
    copies: Iterable[Copy], rulings: Sequence[Ruling], owners: Mapping[int, str]
) -> dict[int, Copy]:
    """The recordings that may not be used, each with the pair that decides.

    Args:
        copies: pairs that concern the recordings, in either order.
        rulings: all rulings about any of them.
        owners: owners by recording; a pair of one owner is nobody's quarrel.
    """
    found: dict[int, Copy] = {}
    listed: dict[int, list[Copy]] = {}
    for copy in copies:
        listed.setdefault(copy.recording, []).append(copy)
        if copy.recording in _held(copy, rulings, owners):
            found.setdefault(copy.recording, copy)
    return _crowded(listed, rulings) | found


def _crowded(
    listed: Mapping[int, Sequence[Copy]], rulings: Sequence[Ruling]
) -> dict[int, Copy]:
    """The recordings with so many copies that others may be hidden, each with the highest one."""
    last = {
        number: max(several, key=lambda copy: copy.other)
        for number, several in listed.items()
        if len(several) >= MOST_COPIES
    }
    return {
        number: copy for number, copy in last.items()
        if not _established(number, {copy.other}, rulings)
    }  # fmt: skip


def _held(copy: Copy, rulings: Sequence[Ruling], owners: Mapping[int, str]) -> set[int]:
    pair = {copy.recording, copy.other}
    ruled = [each for each in rulings if set(each.decision.pair) == pair]
    if ruled:
        return {number for number in pair if not ruled[0].keeps(number)}
    if owners.get(copy.recording) and owners.get(copy.recording) == owners.get(copy.other):
        return set()
    return {number for number in pair if not _established(number, pair - {number}, rulings)}


def _established(number: int, others: set[int], rulings: Sequence[Ruling]) -> bool:
    """Whether an arbiter found the recording to be the original before the other one came.

    Else each new copy would hold up the original again.
    """
    alone = (
        each for each in rulings
        if each.by == ARBITER and number in each.decision.pair
        and each.decision.keep in (FIRST, SECOND) and each.keeps(number)
    )  # fmt: skip
    return any(min(others) > max(each.decision.pair) for each in alone)


def refusal_of(recording: int, copy: Copy) -> Refusal:
    """Why a quarantined recording may not be used."""
    detail = (
        f"sounds like recording {copy.other} (score {copy.score} of {LOUDEST}); it is quarantined "
        "until both owners agree or an arbiter decides"
    )
    return Refusal(recording, "quarantined", detail)


def owners_of(known: Mapping[int, Recording]) -> dict[int, str]:
    """Owners by recording."""
    return {number: each.owner for number, each in known.items()}
