"""Checks of one generation: its manifest and its request."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

from eth_utils import to_bytes

from .amounts import MILLION
from .cids import RAW, cid_text
from .generation import Generation
from .json_text import canonical, parse
from .manifest_form import require_manifest
from .report import WrongBlock
from .signatures import widened
from .typed_data import ORDER, PAYABLE, RULES, TIERS
from .vectors import declared

OF_MANIFEST, OF_REQUEST = "manifest says", "request says"
_ALL = ("engine", "length", "references", "rule", "tier")
REQUEST_KEYS = {1: (*_ALL, "prompt"), 2: (*_ALL, "prompt_commitment", "version")}


def read_manifest(gen: Generation) -> None:
    """The pinned manifest: its hash and its form."""
    cid = cid_text(RAW, to_bytes(hexstr=gen.event["manifest"]))
    try:
        data = gen.books.content.block(cid)
    except WrongBlock as wrong:
        # A mismatch already; the other checks go on, so that they name the field that was changed.
        gen.report.wrong_block("manifest", wrong)
        data = wrong.data
    manifest = parse(data)
    same = canonical(manifest) == data
    gen.report.holds("manifest form", same, f"{len(data)} bytes", "canonical JSON", "manifest")
    gen.manifest = manifest
    require_manifest(manifest, len(data))


def check_manifest(gen: Generation) -> None:
    """Every field of the manifest must be that of the chain."""
    m, order, a = gen.manifest, gen.order, gen.attestation
    block = gen.books.chain.block(m["block"]["number"])
    seen = {"number": m["block"]["number"], "hash": block["hash"],
            "timestamp": int(block["timestamp"], 16)}
    texts = {name: value if kind in ("address", "bytes32") else str(value)
             for (kind, name) in ORDER for value in [order[name]]}
    rows = {
        "refrain_manifest": 1,
        "chain": {"id": gen.books.chain.id, "ledger": gen.books.ledger},
        "block": seen, "order": texts,
        "order_signature": signature_like(gen, m.get("order_signature")),
        "generation": gen.event["order"], "rule": RULES[order["rule"]],
        "entries": a["entries"], "price": str(a["price"]), "node": a["node"],
        "node_fee": str(a["nodeFee"]),
        "set": {key: gen.quorum[key] for key in ("threshold", "signers")},
    }
    for key, wanted in rows.items():
        gen.same(f"manifest.{key}", wanted, m.get(key), "chain", OF_MANIFEST)
    others = ["request", "engine", "references", "audio", "trace", "vectors"]
    gen.report.equal("manifest keys", sorted([*rows, *others]), sorted(m), "the format",
                     OF_MANIFEST)
    gen.report.equal("generatedAt", a["generatedAt"], seen["timestamp"])
    number = seen["number"]
    gen.report.holds("block.number", number < gen.log.block, number,
                     f"before {gen.log.block}", "manifest")


def signature_like(gen: Generation, found: Any) -> str:
    """The signature of the order in the length that the manifest has: a batch packs 65 in 64."""
    made = gen.order_signature
    return "0x" + (widened(made) if len(str(found)) == 2 + 2 * 65 else made).hex()


def _check_form(gen: Generation, request: dict[str, Any]) -> None:
    """Version 1 holds the prompt and no version; version 2 a commitment in the prompt's place."""
    version = request.get("version", 1)
    keys = REQUEST_KEYS.get(version, ())
    gen.report.equal("request keys", sorted(keys), sorted(request), "the format", OF_REQUEST)
    if version == 2:
        found = request["prompt_commitment"]
        good = re.fullmatch(r"[0-9a-f]{64}", str(found)) is not None
        gen.report.holds("request.prompt_commitment", good, found, "64 hex digits", "request")


def check_request(gen: Generation) -> None:
    """The request in the manifest must be the ordered one, and it must follow the rules."""
    m, report = gen.manifest, gen.report
    request, references = m["request"], m["references"]
    digest = "0x" + sha256(canonical(request)).hexdigest()
    report.equal("request digest", gen.order["request"], digest)
    _check_form(gen, request)
    report.equal("request.tier", TIERS[gen.order["tier"]][0], request["tier"], "chain", OF_REQUEST)
    report.equal("request.rule", RULES[gen.order["rule"]], request["rule"], "chain", OF_REQUEST)
    report.holds("request.rule pays", request["rule"] in PAYABLE, request["rule"],
                 f"one of {PAYABLE}", "request")
    report.equal("engine.name", request["engine"], m["engine"]["name"], "request", OF_MANIFEST)
    report.holds("request.length", 5 <= request["length"] <= 120, request["length"],
                 "5 to 120", "request")
    ids = [item["recording"] for item in request["references"]]
    report.equal("request.references", ids, sorted(set(ids)), "request")
    weights = sum(declared(request).values())
    report.equal("request weights", weights, MILLION, "request", "must be")
    named = [item["recording"] for item in references]
    report.equal("references", ids, named, "request", OF_MANIFEST)
    for item in references:
        audio, metadata = gen.history.recording(item["recording"])
        place = f"references[{item['recording']}]"
        report.equal(f"{place}.audio", audio, "0x" + item["audio"], "chain", OF_MANIFEST)
        report.equal(f"{place}.metadata", metadata, item["metadata"], "chain", OF_MANIFEST)
