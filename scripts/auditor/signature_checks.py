"""Checks of one generation: its order, its attestation and who signed them."""

from __future__ import annotations

from itertools import pairwise

from eth_utils import to_bytes

from .books import read_call
from .generation import Generation
from .report import Untraced
from .signatures import quorum_items, signer
from .typed_data import TIERS, set_id


def read_transaction(gen: Generation) -> None:
    """The calldata of the settlement."""
    try:
        block, gen.call = read_call(gen.books, gen.log)
    except Untraced:
        gen.untraced = True
        raise
    gen.report.equal("transaction block", block, gen.log.block)
    call = gen.call
    gen.report.equal("upgraded", gen.original is not None, call.original is not None)
    gen.order, gen.attestation, gen.quorum = call.order, call.attestation, call.quorum


def check_order(gen: Generation) -> None:
    """The order must be the signed one, settled once, and it must permit this price."""
    order, report, name = gen.order, gen.report, gen.event["order"]
    if gen.call is not None:
        report.equal("order hash", name, gen.call.id)
        report.equal("payer", gen.event["payer"], order["payer"])
        _check_payer(gen, gen.call.orders or gen.call.order_struct)
    most, price = order["maxPrice"], gen.event["price"]
    report.holds("price", price <= most, price, f"at most {most}, as ordered", "chain")
    _, use = TIERS[order["tier"]]
    report.equal("order use", order["use"], use, "chain", "must be")
    report.equal("times settled", gen.history.times[name], 1, "chain", "must be")
    which = ("isNonceUsed(address,uint256)", "bool", order["payer"], order["nonce"])
    used = gen.books.chain.view(gen.books.ledger, *which)
    report.equal("nonce used", used, True, "chain", "must be")


def _check_payer(gen: Generation, struct: bytes) -> None:
    """The payer signs with a key or, if the payer is a contract, by ERC-1271."""
    payer, chain, signature = gen.order["payer"], gen.books.chain, gen.order_signature
    found = signer(gen.books.domain, struct, signature)
    if found != payer and gen.untraced and gen.history.within(gen.log, "Credited"):
        gen.report.skip("forwarded call", "order signature", "it may be over a list of orders")
        return
    if found != payer and chain.rpc("eth_getCode", payer, hex(chain.head)) != "0x":
        good = gen.books.signed_by(payer, struct, signature)
        gen.report.equal("order signature (ERC-1271)", good, True, "chain", "must be")
        return
    gen.report.equal("order signature", payer, found)


def check_attestation(gen: Generation) -> None:
    """The event must be the attested one, within its limits of time, by an allowed node."""
    attestation, event, report = gen.attestation, gen.event, gen.report
    for key in ("price", "node", "nodeFee", "manifest"):
        report.equal(key if key != "manifest" else "manifest digest",
                     event[key], attestation[key])
    made, deadline = attestation["generatedAt"], gen.order["deadline"]
    report.holds("deadline", made <= deadline, deadline, f"at least {made}", "order")
    lag = gen.books.chain.time(gen.log.block) - made
    most = gen.books.chain.view(gen.books.ledger, "maxLag()", "uint256")
    report.holds("lag", 0 <= lag <= most, f"at most {most} seconds", f"{lag} seconds", "chain",
                 "it took")
    allowed = gen.history.last("NodeAllowed", gen.log.place, node=attestation["node"])
    report.equal("node allowed", True, allowed is not None and allowed.args["allowed"])
    report.equal("paused", False, gen.books.money.settlements[gen.log.place][1])


def check_quorum(gen: Generation) -> None:
    """Enough members of the set must have signed, in ascending order."""
    quorum, report = gen.quorum, gen.report
    signers, threshold = quorum["signers"], quorum["threshold"]
    if gen.untraced:
        report.skip("forwarded call", "oracle signatures", "only the calldata has them")
    else:
        _check_signers(gen, signers, threshold)
    _check_set(gen, set_id(threshold, signers))


def _check_signers(gen: Generation, signers: list[str], threshold: int) -> None:
    """Every signature is of another member, in ascending order, and there are enough."""
    quorum, report, found = gen.quorum, gen.report, list[str]()
    for place, item in enumerate(quorum_items(to_bytes(hexstr=quorum["signatures"]))):
        with report.reading(f"oracle signature[{place}]"):
            who = _oracle(gen, *item)
            found.append(who)
            member = "a signer of the set" if who not in signers else who
            report.equal(f"oracle signature[{place}]", member, who, "the set")
    report.holds("oracle signatures", len(found) >= threshold, len(found),
                 f"at least {threshold}", "chain")
    order = [int(who, 16) for who in found if who in signers]
    ascending = all(first < second for first, second in pairwise(order))
    report.holds("oracle signers", ascending, found, "strictly ascending", "chain")


def _oracle(gen: Generation, contract: str, signature: bytes) -> str:
    """The oracle that signed: a key, or a contract that accepts the signature."""
    struct = gen.call.batch or gen.call.struct if gen.call else b""
    if not contract:
        return signer(gen.books.domain, struct, signature)
    good = gen.books.signed_by(contract, struct, signature)
    return contract if good else f"nobody: {contract} refuses"


def _check_set(gen: Generation, name: str) -> None:
    """The set must be active and not expired, its cap not exceeded."""
    active = gen.history.last("SetActivated", gen.log.place, set=name)
    removed = gen.history.last("SetRemoved", gen.log.place, set=name)
    if active is None:
        gen.report.equal("oracle set", name, "never activated before this")
        return
    gone = removed is not None and removed.place > active.place
    gen.report.equal("oracle set", name, f"{name} removed" if gone else name)
    _, _, until, cap = active.args["terms"]
    now, (spent, _) = (gen.history.time(gen.log.block),
                       gen.books.money.settlements[gen.log.place])
    gen.report.holds("oracle set until", now < until, until, f"after {now}", "chain")
    gen.report.holds("node cap", spent <= cap, spent, f"at most {cap} in a window", "chain")
