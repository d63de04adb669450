"""Checks of one generation: its amounts, its dispute, its upgrade."""

from __future__ import annotations

from .amounts import cumulative, entries, money
from .books import read_call
from .generation import Generation
from .report import Unreadable
from .typed_data import set_id
from .vectors import declared


def check_amounts(gen: Generation) -> None:
    """Fees, entries and amounts must follow from the price and the terms of the set."""
    event, report, attestation = gen.event, gen.report, gen.attestation
    name = set_id(gen.quorum["threshold"], gen.quorum["signers"])
    active = gen.history.last("SetActivated", gen.log.place, set=name)
    if active is None:
        raise Unreadable(f"set {name} was never activated, so its fees are unknown")
    price, node_fee = attestation["price"], attestation["nodeFee"]
    protocol, node, _, _ = active.args["terms"]
    fee, most = price * protocol // 10_000, price * node // 10_000
    report.equal("protocolFee", event["protocolFee"], fee)
    report.holds("nodeFee cap", node_fee <= most, node_fee, f"at most {most}", "chain")
    weights = entries(attestation["entries"])
    report.equal("recordings", event["recordings"], list(weights))
    amounts = cumulative(price - node_fee - fee, list(weights.values()))
    report.equal("amounts", len(event["amounts"]), len(amounts))
    for said, amount, recording in zip(event["amounts"], amounts, weights, strict=False):
        report.equal(f"amount[{recording}]", said, amount)
    paid = sum(event["amounts"]) + event["nodeFee"] + event["protocolFee"]
    report.equal("sum", event["price"], paid)


def check_dispute(gen: Generation) -> None:
    """A freeze must name this attestation and come within the dispute window."""
    for log in gen.history.named["Frozen"]:
        if log.args["order"] == gen.event["order"] and gen.call:
            name = "0x" + gen.call.struct.hex()
            gen.report.equal("frozen attestation", log.args["attestation"], name)
            end = gen.attestation["generatedAt"] + gen.books.window
            now = gen.history.time(log.block)
            gen.report.holds("frozen in time", now < end, now, f"before {end}", "chain")


def check_upgrade(gen: Generation) -> None:
    """An upgrade pays a higher tier of a track that was settled before; nothing else changes."""
    report, name = gen.report, gen.original.args["original"] if gen.original else ""
    report.equal("upgrade request", name, gen.order["request"])
    settled = gen.history.settled.get(name)
    if settled is None or settled.place > gen.log.place:
        report.equal("upgrade original", name, "never settled before this")
        return
    _, before = read_call(gen.books, settled)
    given = gen.call.original if gen.call else None
    hashes = ["0x" + call.struct.hex() if call else "no receipt" for call in (before, given)]
    report.equal("upgrade original", name, before.id)
    report.equal("upgrade receipt", *hashes)
    gen.lower, tier = before.order["tier"], gen.order["tier"]
    report.holds("upgrade tier", tier > gen.lower, tier, f"above {gen.lower}", "order")
    for key in ("entries", "manifest"):
        report.equal(f"upgrade {key}", before.attestation[key], gen.attestation[key])
    report.line(f"     manifest, trace and audio: see generation {name}")


def print_table(gen: Generation) -> None:
    """Prints what each recording was asked for, weighs and earned."""
    asked = declared(gen.manifest["request"]) if "request" in gen.manifest else {}
    weights = entries(gen.attestation["entries"])
    amounts = dict(zip(gen.event["recordings"], gen.event["amounts"], strict=False))
    gen.report.line(f"     {'recording':>10}{'asked':>10}{'weight':>10}{'amount':>14}")
    for recording in sorted({*asked, *weights, *amounts}):
        row = (f"{asked.get(recording, 0):>10}{weights.get(recording, 0):>10}"
               f"{money(amounts.get(recording, 0)):>14}")
        gen.report.line(f"     {recording:>10}{row}")
    event, paid = gen.event, sum(gen.event["amounts"])
    gen.report.line(f"     price {money(event['price'])} = recordings {money(paid)} + node "
                    f"{money(event['nodeFee'])} + protocol {money(event['protocolFee'])}")
