"""A manifest made by hand, and changes of it: in one place, at any depth."""

from __future__ import annotations

import copy
import hashlib
import random
from typing import Any

from tests.audit.content import canonical, digest, vector

WORD, ADDRESS = "0x" + "ab" * 32, "0x" + "Cd" * 20
ODD = (
    None, True, False, 0, 1, -1, 2, 5, 12, 2**32, 2**64, 2**63, 1_000_001, "", " ", "0", "1", "5",
    "00", "-1", "+1", "1e3", "x", "0x", "0xAB", "0x" + "00" * 32, "00" * 32, "AB" * 32, "mosaic",
    "realised", "shapley", "commercial", "x" * 501, "7" * 79, str(2**256), "\ud800", "é", [], {},
    [1], {"recording": 1, "weight": 0}, {"recording": 0, "weight": 1_000_000}, [[]],
)  # fmt: skip
"""Values that a reader may take for another one."""


def manifest(first: bool = False) -> dict[str, Any]:
    """A valid manifest, with a request of version 2 unless the first is asked for."""
    weights = {1: 500_000, 2: 200_000, 3: 300_000}
    request: dict[str, Any] = {
        "engine": "mosaic", "length": 5, "rule": "realised", "tier": "commercial",
        "references": vector(weights),
    }
    request |= {"prompt": "dusk"} if first else {"version": 2, "prompt_commitment": "1f" * 32}
    entries = "".join(f"{key:08x}{weight:08x}" for key, weight in weights.items())
    return {
        "refrain_manifest": 1, "chain": {"id": 31337, "ledger": ADDRESS},
        "block": {"number": 7, "hash": WORD, "timestamp": 1_800_000_000}, "request": request,
        "order": {
            "payer": ADDRESS, "nonce": "1", "maxPrice": "2000000", "tier": "1", "use": "5",
            "rule": "0", "deadline": "1900000000",
            "request": "0x" + hashlib.sha256(canonical(request)).hexdigest(),
        },
        "order_signature": "0x" + "5a" * 65, "generation": WORD,
        "engine": {"name": "mosaic", "version": "2"},
        "references": [{"recording": r, "audio": digest(b"%d" % r), "metadata": WORD}
                       for r in weights],
        "audio": {"cid": "bafy", "sha256": "00" * 32, "frames": 220_500, "rate": 44_100,
                  "channels": 2, "samples": "11" * 32},
        "trace": {"cid": "bafk", "sha256": "22" * 32},
        "vectors": {name: vector(weights) for name in (
            "realised", "declared", "audible", "responsibility", "shapley")},
        "rule": "realised", "entries": f"0x{entries}", "price": "1234567", "node": ADDRESS,
        "node_fee": "123456", "set": {"threshold": 2, "signers": [ADDRESS, "0x" + "ef" * 20]},
    }  # fmt: skip


def containers(value: Any) -> list[Any]:
    """Every object and list that is not empty, at any depth."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [value] if inner else []
    return found + [one for item in inner for one in containers(item)]


def altered(whole: Any, dice: random.Random) -> Any:
    """A copy that differs in one place: another value, a key more or less, an item twice."""
    made = copy.deepcopy(whole)
    holder = dice.choice(containers(made))
    key = dice.choice([*holder] if isinstance(holder, dict) else range(len(holder)))
    match dice.randrange(6):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[dice.choice(["", "extra", "version", "prompt", "recording"])] = dice.choice(ODD)
        case 1:
            holder.insert(key, copy.deepcopy(holder[key]))
        case 2 if type(holder[key]) is int:
            holder[key] += dice.choice((-1, 1))
        case 2 if isinstance(holder[key], str) and holder[key]:
            text, at = holder[key], dice.randrange(len(holder[key]))
            holder[key] = text[:at] + dice.choice("0aA x") + text[at + 1:]
        case _:
            holder[key] = copy.deepcopy(dice.choice(ODD))
    return made
