"""Computes the attribution vector that divides the money from a trace, in whole numbers.

The audit has its own copy of this arithmetic; `docs/formats/manifest.md` states it in words.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any

from oracle.domain import fields
from oracle.domain.errors import InvalidInput
from oracle.domain.money import MILLION as MILLION

Vector = dict[int, int]
"""Recording id to weight in millionths, ascending id; 0 is the training pool."""

RULES = {"realised": 0, "declared": 1, "audible": 2, "responsibility": 3, "shapley": 4}
"""Name of each attribution vector to its number in orders."""

PAYABLE = ("realised", "declared", "audible")
"""Rules that anyone can recompute from the trace's integers. Only these may divide money."""

MOST_REFERENCES = 12
MOST_UNITS = 100_000
MOST_ENERGY = 2**63 - 1

_ENTRY = struct.Struct(">II")


def largest_remainder(scores: Mapping[int, int]) -> Vector:
    """Turns scores into weights by the largest-remainder method.

    Each weight is rounded down; the missing millionths go to the largest remainders, ties to
    lower ids.

    Args:
        scores: id to score, a whole number of 0 or more; at least one is above 0.

    Returns:
        Every id of `scores` in ascending order with its weight; sums to exactly 1,000,000.

    Raises:
        InvalidInput: no score is above 0, or a score is negative or not whole.
    """
    for key, score in scores.items():
        fields.integer(score, f"scores[{key}]", 0, fields.UINT256_MAX)
    total = sum(scores.values())
    if total == 0:
        raise InvalidInput("must hold a score above 0", field="scores", value=dict(scores))
    weights = {key: scores[key] * MILLION // total for key in sorted(scores)}
    by_remainder = sorted(weights, key=lambda key: (-(scores[key] * MILLION % total), key))
    for key in by_remainder[: MILLION - sum(weights.values())]:
        weights[key] += 1
    return weights


def without_zeros(vector: Mapping[int, int]) -> Vector:
    """The vector's items above 0 in ascending id, as manifests and entries contain them."""
    return {key: vector[key] for key in sorted(vector) if vector[key]}


def encode_entries(vector: Mapping[int, int]) -> bytes:
    """The attestation's entries: 8 bytes an item, big-endian u32 id (ascending) and u32 weight.

    Raises:
        InvalidInput: an id does not fit u32, or the weights do not sum to 1,000,000.
    """
    data = b"".join(_pack(key, weight) for key, weight in without_zeros(vector).items())
    decode_entries(data)
    return data


def decode_entries(data: bytes) -> Vector:
    """The vector of an attestation's entries.

    Raises:
        InvalidInput: the length is not a multiple of 8, the ids do not strictly ascend, a weight
            is 0, or the weights do not sum to 1,000,000.
    """
    if not data or len(data) % _ENTRY.size:
        raise InvalidInput("must have 8 bytes for each item", field="entries", value=len(data))
    vector: Vector = {}
    previous = -1
    for key, weight in _ENTRY.iter_unpack(data):
        if key <= previous:
            raise InvalidInput("must have strictly ascending ids", field="entries", value=key)
        if weight == 0:
            raise InvalidInput("must have weights above 0", field="entries", value=key)
        vector[key], previous = weight, key
    if sum(vector.values()) != MILLION:
        raise InvalidInput(f"must sum to {MILLION}", field="entries", value=sum(vector.values()))
    return vector


def items_of(vector: Mapping[int, int]) -> list[dict[str, int]]:
    """The vector as JSON: ``[{"recording": id, "weight": w}, ...]``, without zeros."""
    return [{"recording": key, "weight": w} for key, w in without_zeros(vector).items()]


def vector_from(items: Any, field: str) -> Vector:
    """A vector from its JSON, checked as strictly as in `decode_entries`.

    Raises:
        InvalidInput: names the wrong item.
    """
    listed = fields.listing(items, field, 1, MOST_REFERENCES + 1)
    vector: Vector = {}
    for index, item in enumerate(listed):
        place = f"{field}[{index}]"
        pair = fields.mapping(item, place, ("recording", "weight"))
        lowest = max(vector, default=-1) + 1
        key = fields.integer(pair["recording"], f"{place}.recording", lowest, fields.UINT32_MAX)
        vector[key] = fields.integer(pair["weight"], f"{place}.weight", 1, MILLION)
    if sum(vector.values()) != MILLION:
        raise InvalidInput(f"must sum to {MILLION}", field=field, value=sum(vector.values()))
    return vector


def vector_of(trace: Mapping[str, Any], rule: str) -> Vector:
    """The vector of a trace by a payable rule, without zeros.

    Args:
        trace: parsed JSON; the function reads `references`, and the lists that the rule names.
        rule: ``realised`` (the heard frames of each component, by `draws` and `frames_drawn`),
            ``declared`` (`prior`) or ``audible`` (each component's part of the loudness energy).

    Raises:
        InvalidInput: the rule is not payable, or a list of the trace is malformed.
    """
    if rule not in _VECTORS:
        raise InvalidInput("cannot be recomputed from a trace", field="rule", value=rule)
    return without_zeros(_VECTORS[rule](trace, _components(trace)))


def _components(trace: Mapping[str, Any]) -> list[int]:
    """The id of each component, by index; component 0 is the training pool."""
    listed = fields.listing(trace.get("references"), "trace.references", 1, MOST_REFERENCES)
    ids = [0]
    for index, item in enumerate(listed):
        place = f"trace.references[{index}].recording"
        number = item.get("recording") if isinstance(item, dict) else None
        ids.append(fields.integer(number, place, ids[-1] + 1, fields.UINT32_MAX))
    return ids


def _declared(trace: Mapping[str, Any], components: list[int]) -> Vector:
    size = len(components)
    prior = fields.listing(trace.get("prior"), "trace.prior", size, size)
    for index, weight in enumerate(prior):
        fields.integer(weight, f"trace.prior[{index}]", 0, MILLION)
    if sum(prior) != MILLION:
        raise InvalidInput(f"must sum to {MILLION}", field="trace.prior", value=sum(prior))
    return dict(zip(components, prior, strict=True))


def _realised(trace: Mapping[str, Any], components: list[int]) -> Vector:
    draws = fields.listing(trace.get("draws"), "trace.draws", 1, MOST_UNITS)
    frames = fields.listing(trace.get("frames_drawn"), "trace.frames_drawn", len(draws), len(draws))
    scores = dict.fromkeys(components, 0)
    for unit, (draw, heard) in enumerate(zip(draws, frames, strict=True)):
        fields.integer(draw, f"trace.draws[{unit}]", 0, len(components) - 1)
        fields.integer(heard, f"trace.frames_drawn[{unit}]", 0, fields.UINT32_MAX)
        scores[components[draw]] += heard
    return largest_remainder(scores)


def _audible(trace: Mapping[str, Any], components: list[int]) -> Vector:
    size = len(components)
    energies = fields.listing(trace.get("audible"), "trace.audible", size, size)
    for index, energy in enumerate(energies):
        fields.integer(energy, f"trace.audible[{index}]", 0, MOST_ENERGY)
    if not any(energies):
        raise InvalidInput("must hold an energy above 0", field="trace.audible", value=energies)
    return largest_remainder(dict(zip(components, energies, strict=True)))


_VECTORS: dict[str, Callable[[Mapping[str, Any], list[int]], Vector]] = {
    "realised": _realised, "declared": _declared, "audible": _audible,
}  # fmt: skip


def _pack(key: int, weight: int) -> bytes:
    fields.integer(key, "entries.recording", 0, fields.UINT32_MAX)
    fields.integer(weight, "entries.weight", 0, MILLION)
    return _ENTRY.pack(key, weight)
