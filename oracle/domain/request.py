"""A request: engine, length, prompt and the recordings that condition the track.

Requests are public for ever. Version 1 holds the prompt's text; version 2 holds a commitment to it
(`oracle.domain.prompt`). New orders are of version 2; manifests of version 1 are still read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oracle.domain import canonical, fields
from oracle.domain.attribution import MILLION, MOST_REFERENCES, RULES, Vector
from oracle.domain.consent import TIERS
from oracle.domain.errors import InvalidInput
from oracle.domain.prompt import LONGEST_PROMPT

ENGINES = ("mosaic",)
"""Engines whose traces the generation nodes can check."""

SHORTEST, LONGEST = 5, 120

VERSION = 2
"""The version of requests that are ordered now."""

_COMMON = ("engine", "length", "references", "rule", "tier")
KEYS = (*_COMMON, "prompt_commitment", "version")
KEYS_1 = (*_COMMON, "prompt")
"""The members of a request of version 1, which does not name its version."""


@dataclass(frozen=True)
class Reference:
    """A recording and its requested weight in millionths."""

    recording: int
    weight: int


@dataclass(frozen=True)
class Request:
    """A checked request.

    Args:
        engine: name of the engine that makes the track.
        length: seconds, 5 to 120.
        references: 1 to 12, ascending recording id, weights sum to 1,000,000.
        rule: name of the attribution vector that divides the money.
        tier: name of the use that is paid for.
        prompt_commitment: 64 hex digits, see `prompt.commitment_of`; empty in version 1.
        prompt: 1 to 500 characters in version 1; empty in version 2.
    """

    engine: str
    length: int
    references: tuple[Reference, ...]
    rule: str
    tier: str
    prompt_commitment: str = ""
    prompt: str = ""

    @property
    def version(self) -> int:
        """1 when the request holds the prompt's text, else 2."""
        return 1 if self.prompt else VERSION

    def to_json(self) -> dict[str, Any]:
        """The request as manifests contain it, references in ascending recording id."""
        listed = [{"recording": r.recording, "weight": r.weight} for r in self.references]
        common = {
            "engine": self.engine,
            "length": self.length,
            "references": listed,
            "rule": self.rule,
            "tier": self.tier,
        }
        if self.version == 1:
            return common | {"prompt": self.prompt}
        return common | {"prompt_commitment": self.prompt_commitment, "version": VERSION}

    def canonical(self) -> bytes:
        """The canonical JSON, which is hashed; the order of the references does not change it."""
        return canonical.dumps(self.to_json())

    def digest(self) -> bytes:
        """sha256 of the canonical text, 32 bytes: the order's `request`."""
        return hashlib.sha256(self.canonical()).digest()

    def weights(self) -> Vector:
        """Recording id to requested weight, ascending id."""
        return {r.recording: r.weight for r in self.references}


def parse_request(value: Any, field: str = "request") -> Request:
    """A request of version 1 or 2 from parsed JSON; every key of its version is required and no
    other is allowed.

    Raises:
        InvalidInput: names the field, such as ``request.references[1].weight``, and its value.
    """
    first = isinstance(value, dict) and "version" not in value and "prompt" in value
    found = fields.mapping(value, field, KEYS_1 if first else KEYS)
    return Request(
        engine=fields.choice(found["engine"], f"{field}.engine", ENGINES),
        length=fields.integer(found["length"], f"{field}.length", SHORTEST, LONGEST),
        references=_references(found["references"], f"{field}.references"),
        rule=fields.choice(found["rule"], f"{field}.rule", RULES),
        tier=fields.choice(found["tier"], f"{field}.tier", TIERS),
        **(_text(found, field) if first else _commitment(found, field)),
    )


def require_private(request: Request) -> None:
    """Raises InvalidInput for a request that would publish its prompt."""
    if request.version != VERSION:
        detail = f"must be {VERSION}: a request of version 1 would publish the prompt for ever"
        raise InvalidInput(detail, field="request.version", value=request.version)


def _text(found: Mapping[str, Any], field: str) -> dict[str, str]:
    return {"prompt": fields.text(found["prompt"], f"{field}.prompt", LONGEST_PROMPT)}


def _commitment(found: Mapping[str, Any], field: str) -> dict[str, str]:
    fields.integer(found["version"], f"{field}.version", VERSION, VERSION)
    place = f"{field}.prompt_commitment"
    return {"prompt_commitment": fields.digest(found["prompt_commitment"], place)}


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
