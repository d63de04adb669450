"""The app's signed request to spend."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Order:
    """The EIP-712 `Order`.

    Args:
        payer: EIP-55 address whose escrow pays.
        nonce: unused and at most 63 behind the payer's newest.
        request: sha256 of the request's canonical JSON, 32 bytes.
        max_price: the most the payer accepts, in the token's smallest units.
        tier: number of the tier paid for.
        use: mask of permitted uses that every recording must allow.
        rule: number of the attribution vector that divides the money.
        deadline: last second the order may be generated at, since 1970.
    """

    payer: str
    nonce: int
    request: bytes
    max_price: int
    tier: int
    use: int
    rule: int
    deadline: int
