"""Checks of one generation: the consent and the floor of every recording."""

from __future__ import annotations

from .amounts import entries
from .generation import Generation
from .report import Unreadable


def check_consent(gen: Generation) -> None:
    """Every recording that is requested or paid must have consent at generatedAt."""
    paid = entries(gen.attestation["entries"])
    for recording in sorted({*paid, *gen.asked} - {0}):
        with gen.report.reading(f"consent[{recording}]"):
            _check_consent(gen, recording, paid.get(recording, 0))


def _check_consent(gen: Generation, recording: int, weight: int) -> None:
    """Window, uses and largest share of one recording."""
    versions, place = gen.history.consents(recording, gen.seen), f"consent[{recording}]"
    if not versions:
        raise Unreadable(f"recording {recording} was not registered at that time")
    made = gen.attestation["generatedAt"]
    begun = [version for version in versions if version.since <= made]
    known = begun[-1] if begun else versions[0]
    good = known.since <= made < known.until
    gen.report.holds(f"{place} window", good, f"{known.since} to {known.until}",
                     f"a period with the time of generation {made}")
    use, most = gen.order["use"], known.share * 100
    gen.report.holds(f"{place} uses", known.uses & use == use, known.uses,
                     f"uses that include {use}")
    gen.report.holds(f"{place} share", weight <= most, most,
                     f"at least {weight}, the weight that was paid")


def check_floor(gen: Generation) -> None:
    """The royalty must reach the largest floor among the requested recordings.

    An upgrade counts what was paid before, or the floor of the lower tier if that is more.
    """
    seconds, tier = gen.manifest["request"]["length"], gen.order["tier"]
    most, number = _floor(gen, tier)
    royalty, *before = (sum(log.args["amounts"]) for log in gen.paid)
    less = 0
    if before:
        less = max(sum(before), _floor(gen, gen.lower)[0] * seconds)
    least = max(most * seconds - less, 0)
    why = f"at least {least}: {seconds} seconds at {most} of recording {number}, less {less}"
    gen.report.holds("royalty floor", royalty >= least, royalty, why, "chain")


def _floor(gen: Generation, tier: int) -> tuple[int, int]:
    """The largest floor at generatedAt, and its recording."""
    made, found = gen.attestation["generatedAt"], []
    for number in gen.asked:
        found.append((gen.history.floors(number, gen.seen, made)[tier], number))
    return max(found)
