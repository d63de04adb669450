"""What an app asks for, from the words of a command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.cli import units
from oracle.cli.session import Session
from oracle.cli.units import MILLION, Malformed

if TYPE_CHECKING:
    from oracle.domain.request import Request


def request_of(
    do: Session, prompt: str, salt: str, length: str, references: list[str], tier: str,
    engine: str, rule: str,
) -> Request:  # fmt: skip
    """The request of a quote or an order, as the command line has it.

    Args:
        salt: 64 hex digits; the request holds its commitment with the prompt and neither of them.
    """
    from oracle.domain.prompt import commitment_of
    from oracle.domain.request import VERSION, parse_request

    listed = [{"recording": n, "weight": w} for n, w in _weights(do, references).items()]
    return parse_request({
        "version": VERSION, "engine": engine, "length": units.number(length, "--length"),
        "prompt_commitment": commitment_of(prompt, salt), "rule": rule, "tier": tier,
        "references": listed,
    })  # fmt: skip


def _weights(do: Session, references: list[str]) -> dict[int, int]:
    """Recording to millionths, which sum to 1,000,000."""
    from oracle.domain.attribution import largest_remainder

    if not any("=" in text for text in references):
        numbers = [units.number(text, "--reference") for text in references]
        return largest_remainder(dict.fromkeys(_once(numbers), 1))
    pairs = [units.pair(text, "--reference", "1=60%") for text in references]
    numbers = [units.number(name, "--reference") for name, _ in pairs]
    shares = [units.percent(share, MILLION, "--reference", do.raw) for _, share in pairs]
    if sum(shares) != MILLION:
        found = units.percent_text(sum(shares), MILLION)
        raise Malformed("the weights must sum to 100%", field="--reference", value=found)
    return dict(zip(_once(numbers), shares, strict=True))


def _once(numbers: list[int]) -> list[int]:
    for place, number in enumerate(numbers):
        if number in numbers[:place]:
            raise Malformed("is named twice", field="--reference", value=number)
    return numbers
