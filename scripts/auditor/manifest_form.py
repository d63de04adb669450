"""The form of a manifest: keys at every depth, and ranges (docs/formats/manifest.md).

Read like an oracle reads it, with code of its own; nothing that an oracle refuses may pass here.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

from .amounts import MILLION
from .json_text import canonical
from .report import Malformed, show
from .trace_form import Form, keys, several, whole
from .typed_data import PAYABLE, RULES, TIERS

MOST_REFERENCES, MOST_SIGNERS, LARGEST = 12, 64, 1 << 20
RATE, CHANNELS = 44_100, 2
INT32, INT64 = 2**32 - 1, 2**64 - 1


def like(pattern: str, wanted: str) -> Form:
    """Text of a pattern."""
    def check(value: Any, place: str) -> None:
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
            raise Malformed(f"{place} is {show(value, 40)}, must be {wanted}")
    return check


def decimal(value: Any, place: str) -> None:
    """A whole number below 2^256 in a string, without sign or leading zeros."""
    like("0|[1-9][0-9]{0,77}", "a whole number in a string")(value, place)
    if int(value) >= 2**256:
        raise Malformed(f"{place} is {show(value, 40)}, must be below 2^256")


def words(longest: int) -> Form:
    """Text of 1 to `longest` letters, not only blanks."""
    def check(value: Any, place: str) -> None:
        good = isinstance(value, str) and value.strip() and len(value) <= longest
        if not good or re.search("[\ud800-\udfff]", value):
            raise Malformed(f"{place} is {show(value, 40)}, must be text of 1 to {longest} letters")
    return check


DIGEST = like("[0-9a-f]{64}", "a sha256 in 64 lower-case hex digits")
WORD = like("0x[0-9a-f]{64}", "32 bytes in 0x-hex")
BYTES = like("0x([0-9a-f]{2})+", "bytes in 0x-hex")
SIGNATURE = like("0x[0-9a-f]{130}", "a signature of 65 bytes in 0x-hex")
ADDRESS = like("0x[0-9a-fA-F]{40}", "an address of 20 bytes in 0x-hex")
RULE, TIER = like("|".join(RULES), "a rule"), like("|".join(t for t, _ in TIERS.values()), "a tier")


def weights(least: int, most: int) -> Form:
    """Recordings in ascending order with weights above 0 that sum to 1,000,000."""
    pairs = several(keys(recording=whole(least, INT32), weight=whole(1, MILLION)), 1, most)

    def check(value: Any, place: str) -> None:
        pairs(value, place)
        listed = [item["recording"] for item in value]
        if listed != sorted(set(listed)) or sum(item["weight"] for item in value) != MILLION:
            raise Malformed(f"{place} must ascend and sum to {MILLION}")
    return check


def vectors(value: Any, place: str) -> None:
    """The payable vectors, and others that are known."""
    if not isinstance(value, dict):
        raise Malformed(f"{place} is {show(value, 40)}, must be an object")
    for rule in sorted({*PAYABLE} - {*value}):
        raise Malformed(f"{place}.{rule} is missing")
    for rule, items in value.items():
        RULE(rule, place)
        weights(0, MOST_REFERENCES + 1)(items, f"{place}.{rule}")


REQUEST = {
    "engine": like("mosaic", "an engine whose traces can be checked"), "length": whole(5, 120),
    "references": weights(1, MOST_REFERENCES), "rule": RULE, "tier": TIER,
}
REQUESTS = {1: keys(**REQUEST, prompt=words(500)),
            2: keys(**REQUEST, prompt_commitment=DIGEST, version=whole(2, 2))}


def request(value: Any, place: str) -> None:
    """A request of version 1, which holds its prompt, or of version 2."""
    first = isinstance(value, dict) and "version" not in value and "prompt" in value
    REQUESTS[1 if first else 2](value, place)


CONTENT = {"cid": words(100), "sha256": DIGEST}
FORM = keys(
    refrain_manifest=whole(1, 1), chain=keys(id=whole(1, INT64), ledger=ADDRESS),
    block=keys(number=whole(0, INT64), hash=WORD, timestamp=whole(0, INT64)), request=request,
    order=keys(payer=ADDRESS, request=WORD, **dict.fromkeys(
        ("nonce", "maxPrice", "tier", "use", "rule", "deadline"), decimal)),
    order_signature=SIGNATURE, generation=WORD, engine=keys(name=words(40), version=words(40)),
    references=several(keys(recording=whole(1, INT32), audio=DIGEST, metadata=WORD), 1,
                       MOST_REFERENCES),
    audio=keys(**CONTENT, frames=whole(1, INT32), rate=whole(RATE, RATE),
               channels=whole(CHANNELS, CHANNELS), samples=DIGEST),
    trace=keys(**CONTENT), vectors=vectors, rule=RULE, entries=BYTES, price=decimal,
    node=ADDRESS, node_fee=decimal,
    set=keys(threshold=whole(1, MOST_SIGNERS), signers=several(ADDRESS, 1, MOST_SIGNERS)),
)


def require_manifest(manifest: Any, size: int) -> None:
    """Raises Malformed, which names the first wrong field, unless the manifest has its form."""
    if size > LARGEST:
        raise Malformed(f"manifest has {size} bytes, may have {LARGEST}")
    FORM(manifest, "manifest")
    require_agreement(manifest)


def require_agreement(manifest: Any) -> None:
    """Raises Malformed unless the parts of a manifest fit each other."""
    asked, order = manifest["request"], manifest["order"]
    signers = [int(signer, 16) for signer in manifest["set"]["signers"]]
    ids = [item["recording"] for item in asked["references"]]
    paid = "".join(f"{item['recording']:08x}{item['weight']:08x}"
                   for item in manifest["vectors"].get(asked["rule"], []))
    tiers = {name: (str(number), str(use)) for number, (name, use) in TIERS.items()}
    digest = sha256(canonical(asked)).hexdigest()
    rules = {
        "order.request": order["request"] == f"0x{digest}",
        "references": [item["recording"] for item in manifest["references"]] == ids,
        "entries": manifest["entries"] == f"0x{paid}",
        "rule": manifest["rule"] == asked["rule"] == RULES[:int(order["rule"]) + 1][-1],
        "order.tier": (order["tier"], order["use"]) == tiers[asked["tier"]],
        "set": manifest["set"]["threshold"] <= len(signers)
        and signers == sorted(set(signers)),
    }
    for name, holds in rules.items():
        if not holds:
            raise Malformed(f"manifest.{name} contradicts the rest of the manifest")
