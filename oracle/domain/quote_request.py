"""The statement with which a payer asks to be told its reserved money (EIP-712 `Quote`).

The sum of a payer's unfinished orders is nobody else's business, so only its signature unlocks it.
"""

from __future__ import annotations

from dataclasses import dataclass

QUOTE = "Quote(address payer,bytes32 request,uint256 time)"

QUOTE_SECONDS = 300
"""Seconds by which a statement's time may differ from the oracle's clock."""


@dataclass(frozen=True)
class QuoteRequest:
    """What the payer signs.

    Args:
        payer: EIP-55 address.
        request: a request's digest, or the id of the generation to upgrade, 32 bytes.
        time: of signing, seconds since 1970.
    """

    payer: str
    request: bytes
    time: int
