"""What an app asks for: an engine, a length, a text and the recordings that condition the track."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from oracle.domain import canonical, fields
from oracle.domain.attribution import MILLION, MOST_REFERENCES, RULES, Vector
from oracle.domain.consent import TIERS
from oracle.domain.errors import InvalidInput

ENGINES = ("mosaic",)
"""Engines whose traces the oracles can have replayed."""

SHORTEST, LONGEST = 5, 120
LONGEST_PROMPT = 500

KEYS = ("engine", "length", "prompt", "references", "rule", "tier")


@dataclass(frozen=True)
class Reference:
    """A recording and the weight asked for it, in millionths."""

    recording: int
    weight: int


@dataclass(frozen=True)
class Request:
    """A checked request.

    Args:
        engine: name of the engine that makes the track.
        length: seconds, 5 to 120.
        prompt: 1 to 500 characters.
        references: 1 to 12, ascending recording id, weights sum to 1,000,000.
        rule: name of the attribution vector that divides the money.
        tier: name of the use that is paid for.
    """

    engine: str
    length: int
    prompt: str
    references: tuple[Reference, ...]
    rule: str
    tier: str

    def to_json(self) -> dict[str, Any]:
        """The request as it stands in manifests, references in ascending recording id."""
        listed = [{"recording": r.recording, "weight": r.weight} for r in self.references]
        return {
            "engine": self.engine,
            "length": self.length,
            "prompt": self.prompt,
            "references": listed,
            "rule": self.rule,
            "tier": self.tier,
        }

    def canonical(self) -> bytes:
        """The text that is hashed; the same for every order the references were given in."""
        return canonical.dumps(self.to_json())

    def digest(self) -> bytes:
        """sha256 of the canonical text, 32 bytes: the order's `request`."""
        return hashlib.sha256(self.canonical()).digest()

    def weights(self) -> Vector:
        """Recording id to the weight asked for, ascending id."""
        return {r.recording: r.weight for r in self.references}


def parse_request(value: Any, field: str = "request") -> Request:
    """A request from parsed JSON; every key is required and no other is allowed.

    Raises:
        InvalidInput: naming the field, such as ``request.references[1].weight``, and its value.
    """
    found = fields.mapping(value, field, KEYS)
    prompt = fields.text(found["prompt"], f"{field}.prompt", LONGEST_PROMPT)
    return Request(
        engine=fields.choice(found["engine"], f"{field}.engine", ENGINES),
        length=fields.integer(found["length"], f"{field}.length", SHORTEST, LONGEST),
        prompt=prompt,
        references=_references(found["references"], f"{field}.references"),
        rule=fields.choice(found["rule"], f"{field}.rule", RULES),
        tier=fields.choice(found["tier"], f"{field}.tier", TIERS),
    )


def _references(value: Any, field: str) -> tuple[Reference, ...]:
    weights: Vector = {}
    for index, item in enumerate(fields.listing(value, field, 1, MOST_REFERENCES)):
        place = f"{field}[{index}]"
        pair = fields.mapping(item, place, ("recording", "weight"))
        key = fields.integer(pair["recording"], f"{place}.recording", 1, fields.UINT32_MAX)
        if key in weights:
            raise InvalidInput("is named twice", field=f"{place}.recording", value=key)
        weights[key] = fields.integer(pair["weight"], f"{place}.weight", 1, MILLION)
    if sum(weights.values()) != MILLION:
        raise InvalidInput(f"must sum to {MILLION}", field=field, value=sum(weights.values()))
    return tuple(Reference(key, weights[key]) for key in sorted(weights))
