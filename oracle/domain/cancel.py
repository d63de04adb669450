"""The statement with which a payer cancels an order before its track is made (EIP-712 `Cancel`)."""

from __future__ import annotations

from typing import Any

from oracle.domain.typed_data import SigningDomain, typed_data

CANCEL = "Cancel(bytes32 order)"


def cancel_typed_data(domain: SigningDomain, order: str) -> dict[str, Any]:
    """The statement for a wallet's `eth_signTypedData_v4`.

    Args:
        order: the order's struct hash, 0x-hex.
    """
    return typed_data(domain, CANCEL, {"order": order})
