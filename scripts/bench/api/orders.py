"""Signed orders and quotes, ready to be sent."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from oracle.adapters.chain.deployment import Deployment
from oracle.adapters.signing.file import FileKey
from oracle.adapters.signing.typed import TypedData
from oracle.domain import canonical
from oracle.domain.attribution import RULES
from oracle.domain.consent import TIERS
from oracle.domain.order import Order, order_json
from oracle.domain.prompt import commitment_of
from oracle.domain.request import parse_request

PROMPT, SALT = "warm and slow", "5a" * 32
TIER, RULE = "commercial", "realised"
SECONDS = 3_600
PRICE = 10_000_000


def request_json(references: Sequence[int]) -> dict[str, Any]:
    """A request for ten seconds of some recordings in equal parts."""
    share = 1_000_000 // len(references)
    weights = [1_000_000 - share * (len(references) - 1), *[share] * (len(references) - 1)]
    listed = [
        {"recording": number, "weight": weight}
        for number, weight in zip(references, weights, strict=True)
    ]
    return {
        "version": 2, "engine": "mosaic", "length": 10, "rule": RULE, "tier": TIER,
        "prompt_commitment": commitment_of(PROMPT, SALT), "references": listed,
    }  # fmt: skip


def order_body(deployment: Deployment, key: FileKey, nonce: int, asked: dict[str, Any]) -> bytes:
    """The body of a POST of an order that the payer has signed."""
    typed, tier = TypedData(deployment.chain_id, deployment.ledger), TIERS[TIER]
    order = Order(
        payer=key.address, nonce=nonce, request=parse_request(asked).digest(), max_price=PRICE,
        tier=tier.number, use=tier.use, rule=RULES[RULE], deadline=int(time.time()) + SECONDS,
    )  # fmt: skip
    signature = "0x" + key.sign(typed.order_digest(order)).hex()
    return canonical.dumps({
        "request": asked, "order": order_json(order), "signature": signature, "prompt": PROMPT,
        "salt": SALT,
    })  # fmt: skip


def quote_body(payer: str, asked: dict[str, Any]) -> bytes:
    """The body of a POST of a quote, without a signature."""
    return canonical.dumps({"request": asked, "payer": payer})
