"""A deployment file whose contracts other than the ledger do not exist."""

from __future__ import annotations

from typing import Any

NOWHERE = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"


def deployment_file(ledger: str, **changes: Any) -> dict[str, Any]:
    """A valid file for a ledger on the development chain; `changes` by key of the file."""
    base = {
        "chainId": 31337, "token": NOWHERE, "splits": NOWHERE, "ledger": ledger, "block": 0,
        "set": {"threshold": 1, "signers": [NOWHERE]}, "authority": NOWHERE, "timelock": NOWHERE,
        "modules": dict.fromkeys(("catalogue", "settlement", "oversight", "purse"), NOWHERE),
        "window": 9, "court": NOWHERE, "pool": NOWHERE, "lens": NOWHERE,
    }  # fmt: skip
    return {**base, **changes}
