"""Why a batch skips a generation: the first reason that the ledger finds, from the books."""

from __future__ import annotations

from eth_utils import keccak

from .amounts import cumulative, entries
from .books import Books, read_call
from .calls import Call
from .events import Log
from .history import Consent
from .money import Shot

SKIPS = {"0x" + keccak(text=text)[:4].hex(): text.split("(")[0] for text in (
    "Escrow_NonceTooOld(uint256,uint256)", "Escrow_NonceUsed(uint256)",
    "Escrow_Short(uint256,uint256)", "Escrow_FeesFull(uint256,uint256)",
    "Escrow_PoolFull(uint256,uint256)", "Settlement_TooLate(uint256,uint256,uint256)",
    "Settlement_NoConsent(uint256,uint256,uint256,uint256)",
    "Settlement_UseNotPermitted(uint256,uint256,uint256)",
    "Settlement_ShareAboveMax(uint256,uint256,uint256)", "Nodes_NotAllowed(address)",
    "Nodes_CapReached(address,uint256,uint256)", "Nodes_Full(address,uint256)",
)}
"""The reasons that a ledger names, by the first four bytes of their hash."""
NONCES = 64
"""How far below the newest used nonce of a payer an order may be."""
MOST_HELD, MOST_MATURED = 2**48 - 1, 2**56 - 1
"""The most that fits in the ledger's words, smallest units."""
NOTHING = Consent(0, 0, 0, 0)


def reason_of(books: Books, log: Log, call: Call) -> str:
    """The reason to skip a call at an event Skipped; "no reason" if it could be settled."""
    now, made = books.history.time(log.block), call.attestation["generatedAt"]
    if made < now - books.chain.view(books.ledger, "maxLag()", "uint256"):
        return "Settlement_TooLate"
    shot = books.money.shots[log.place]
    return (_consent_reason(books, log, call) or _node_reason(books, log, call, shot)
            or _nonce_reason(books, log, call) or _account_reason(books, log, call, shot)
            or "no reason")


def _consent_reason(books: Books, log: Log, call: Call) -> str:
    """The ledger knows the newest consent of a recording and the one before it."""
    made, use = call.attestation["generatedAt"], call.order["use"]
    for recording, weight in entries(call.attestation["entries"]).items():
        if recording == 0:
            continue
        versions = [NOTHING, NOTHING, *books.history.consents(recording, log.place)]
        known = versions[-1] if made >= versions[-1].since else versions[-2]
        if not known.since <= made < known.until:
            return "Settlement_NoConsent"
        if known.uses & use != use:
            return "Settlement_UseNotPermitted"
        if weight > known.share * 100:
            return "Settlement_ShareAboveMax"
    return ""


def _node_reason(books: Books, log: Log, call: Call, shot: Shot) -> str:
    node, price = call.attestation["node"], call.attestation["price"]
    allowed = books.history.last("NodeAllowed", log.place, node=node)
    if allowed is None or not allowed.args["allowed"]:
        return "Nodes_NotAllowed"
    bucket = shot.node(node, books.money.epoch(books.history.time(log.block)))
    if bucket.spent + price > _terms(books, log, call)[3]:
        return "Nodes_CapReached"
    full = bucket.matured > MOST_MATURED or bucket.cur + call.attestation["nodeFee"] > MOST_HELD
    return "Nodes_Full" if full else ""


def _terms(books: Books, log: Log, call: Call) -> list[int]:
    """Fees, end and cap of the set that signed."""
    active = books.history.last("SetActivated", log.place, set=call.set)
    return list(active.args["terms"]) if active else [0] * 4


def _nonce_reason(books: Books, log: Log, call: Call) -> str:
    """By the nonces of all orders of the payer that were settled before."""
    payer, nonce = call.order["payer"], call.order["nonce"]
    before = [one for one in books.history.named["Settled"]
              if one.place < log.place and one.args["payer"] == payer]
    used = {read_call(books, one)[1].order["nonce"] for one in before}
    if used and nonce <= max(used) - NONCES:
        return "Escrow_NonceTooOld"
    return "Escrow_NonceUsed" if nonce in used else ""


def _account_reason(books: Books, log: Log, call: Call, shot: Shot) -> str:
    payer, price = call.order["payer"], call.attestation["price"]
    fee = price * _terms(books, log, call)[0] // 10_000
    weights = entries(call.attestation["entries"])
    amounts = cumulative(price - call.attestation["nodeFee"] - fee, list(weights.values()))
    pool = dict(zip(weights, amounts, strict=True)).get(0, 0)
    if price > shot.purses.get(("escrow", payer), 0):
        return "Escrow_Short"
    if fee + shot.purses.get(("protocol fees of", payer), 0) > MOST_HELD:
        return "Escrow_FeesFull"
    return "Escrow_PoolFull" if pool + shot.purses.get(("pool of", payer), 0) > MOST_HELD else ""
