"""A small world for the audit: a real chain with a ledger, and pinned content made by hand.

One chain serves a whole module of tests. `settle` makes, signs and settles one generation. Its
hooks falsify the trace or the manifest *before* the oracles sign; the vectors stay those of the
correct trace. The tests themselves falsify pinned bytes, answers of the RPC and statements.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from scripts.solidity.anvil import local_chain
from scripts.solidity.ledger_fixture import ATTESTATION, ORDER, WINDOW, LedgerFixture, key
from tests.audit.content import Blocks, canonical, digest, raw_cid, trace, vector, vectors, wav

Falsify = Callable[[Any], None]
Track = tuple[dict[str, Any], bytes, dict[str, dict[int, int]]]
Engine = Callable[[list[dict[str, Any]], list[int], int], Track]
"""From references, weights and seed to trace, audio and vectors."""
PROMPT = "Dämmerung"
COLUMNS = [
    "kind", "block", "log_index", "transaction", "recording", "order", "manifest", "share",
    "amount", "to",
]


@dataclass(frozen=True)
class Made:
    """A generation that waits to be settled: what its payer and the oracles sign."""

    order: dict[str, Any]
    attestation: dict[str, Any]
    struct: bytes

    @property
    def id(self) -> str:
        return "0x" + self.struct.hex()


def wide(compact: bytes) -> str:
    """The 65 bytes of a signature that has its parity in the highest bit of s, as 0x-hex."""
    first, s = compact[:32], bytearray(compact[32:])
    parity = s[0] >> 7
    s[0] &= 0x7F
    return "0x" + (first + s + bytes([27 + parity])).hex()


def _unchanged(_: Any) -> None:
    return None


def first_version(request: dict[str, Any]) -> None:
    """Turns a request into one of version 1, which holds the prompt."""
    del request["version"], request["prompt_commitment"]
    request["prompt"] = PROMPT


RULES = ("realised", "declared", "audible", "responsibility", "shapley")


class World:
    """Three recordings of two artists, one of them shared by two payees; a funded payer."""

    fixture = LedgerFixture

    def __init__(self, url: str, folder: Path, audio: list[bytes] | None = None) -> None:
        self.url, self.folder = url, folder
        self.rig = self.fixture(url)
        self.blocks = Blocks(folder / "ipfs")
        self.payer, self.nonce = key("payer"), 0
        self.mara, self.teo, self.partner, self.node = self.rig.w3.eth.accounts[4:8]
        rig = self.rig
        rig.send(rig.ledger.functions.allowNode(self.node, True))
        rig.send(rig.splits.functions.create([self.mara, self.partner], [700_001, 299_999]))
        self.audio = audio or [b"the audio of recording %d" % i for i in (1, 2, 3)]
        self._register(self.mara, 0, split=1)
        self._register(self.mara, 1, maxShare=9_000)
        self._register(self.teo, 2, uses=5)
        rig.fund(self.payer.address, 500_000_000)
        self.samples = wav(5 * 44_100, 37)

    def _register(self, owner: str, index: int, **changes: Any) -> None:
        audio = hashlib.sha256(self.audio[index]).digest()
        metadata = hashlib.sha256(b"metadata %d" % index).digest()
        terms = {"split": 0, "consentFrom": 0, "consentUntil": 2**32 - 1, "uses": 15,
                 "maxShare": 10_000, "licence": "CC-BY-4.0", **changes}
        self.rig.send(self.rig.ledger.functions.register(terms, audio, metadata, ""), owner)

    def references(self, recordings: list[int]) -> list[dict[str, Any]]:
        """As a manifest names them; an id that is not registered gets somebody's audio."""
        logs = self.rig.ledger.events.Registered().get_logs(from_block=0)
        metadata = {log["args"]["first"] + place: "0x" + digest.hex()
                    for log in logs for place, digest in enumerate(log["args"]["metadata"])}
        return [
            {"recording": r, "audio": digest(self.audio[(r - 1) % 3]),
             "metadata": metadata.get(r, "0x")}
            for r in recordings
        ]

    def _order(self, request: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
        self.nonce += 1
        rule = RULES.index(request["rule"])
        plain = {"request": hashlib.sha256(canonical(request)).digest(), "rule": rule}
        return {**self.rig.order(self.payer.address, self.nonce, **plain), **changes}

    def settle(self, weights: dict[int, int] | None = None, rule: str = "realised",
               **changes: Any) -> str:
        """Settles one generation and returns its id; nothing falsified unless asked (see make)."""
        made = self.make(weights, rule, **changes)
        self.rig.send(self.rig.settlement(self.payer, made.order, made.attestation))
        return made.id

    def make(
        self, weights: dict[int, int] | None = None, rule: str = "realised", *,
        audio: bytes | None = None, in_trace: Falsify = _unchanged,
        in_manifest: Falsify = _unchanged, entries: dict[int, int] | None = None,
        order: dict[str, Any] | None = None, attestation: dict[str, Any] | None = None,
        engine: Engine | None = None, in_request: Falsify = _unchanged,
        write: Callable[[Any], bytes] = canonical, tier: str = "commercial",
    ) -> Made:
        """Orders and makes one generation and pins what belongs to it."""
        asked = weights or {1: 500_000, 2: 200_000, 3: 300_000}
        rig = self.rig
        request = {
            "version": 2, "engine": "mosaic", "length": 5, "rule": rule, "tier": tier,
            "references": [{"recording": r, "weight": w} for r, w in asked.items()],
            "prompt_commitment": digest(b"Refrain prompt\0" + bytes(32) + PROMPT.encode()),
        }
        in_request(request)
        bought = {"personal": {"tier": 0, "use": 1}, "commercial": {"tier": 1, "use": 5}}[tier]
        signed = self._order(request, {**bought, **(order or {})})
        struct = rig.ledger.functions.orderHash(signed).call()
        seed = int.from_bytes(struct[:8], "big")
        made, sound, found = (engine or self._by_hand)(
            self.references(list(asked)), list(asked.values()), seed
        )
        paid = {r: w for r, w in (entries or found[rule]).items() if w}
        stated = rig.attestation(self.node, paid, **(attestation or {}))
        by = dict(made["engine"])
        in_trace(made)
        self.blocks.put(write(made))
        manifest = self._manifest(request, signed, write(made), audio or sound, stated, struct)
        manifest |= {"engine": by, "vectors": {name: vector(w) for name, w in found.items()}}
        in_manifest(manifest)
        stated["manifest"] = bytes.fromhex(digest(write(manifest)))
        self.blocks.put(write(manifest))
        return Made(signed, stated, struct)

    def quorum(self, struct: bytes, attestation: dict[str, Any]) -> dict[str, Any]:
        """Two of the three oracles sign an attestation of an order."""
        message = {"set": self.rig.set, "order": struct, **attestation}
        by = [self.rig.sign("Attestation", ATTESTATION, message, o) for o in self.rig.oracles[:2]]
        signers = [oracle.address for oracle in self.rig.oracles]
        return {"threshold": 2, "signers": signers, "signatures": b"".join(by)}

    def upgrade(self, made: Made, order: dict[str, Any] | None = None,
                attestation: dict[str, Any] | None = None) -> Made:
        """Settles the difference to the commercial tier of a generation made before."""
        self.nonce += 1
        plain = {"request": made.struct, "tier": 1, "use": 5, **(order or {})}
        signed = self.rig.order(self.payer.address, self.nonce, **plain)
        struct = self.rig.ledger.functions.orderHash(signed).call()
        same = {key: made.attestation[key] for key in ("entries", "manifest")}
        stated = self.rig.attestation(self.node, {}, **same, **(attestation or {}))
        receipt = (made.order, made.attestation, self.quorum(made.struct, made.attestation), [])
        signature = self.rig.sign("Order", ORDER, signed, self.payer)
        quorum = self.quorum(struct, stated)
        call = self.rig.ledger.functions.upgrade(receipt, signed, signature, stated, quorum)
        self.rig.send(call)
        return Made(signed, stated, struct)

    def _by_hand(self, references: list[dict[str, Any]], asked: list[int], seed: int) -> Track:
        made = trace(references, seed, asked)
        return made, self.samples, vectors(made)

    def _manifest(
        self, request: dict[str, Any], order: dict[str, Any], content: bytes, audio: bytes,
        stated: dict[str, Any], struct: bytes,
    ) -> dict[str, Any]:
        rig, block = self.rig, self.rig.w3.eth.get_block("latest")
        names = {**order, "request": "0x" + order["request"].hex()}
        return {
            "refrain_manifest": 1,
            "chain": {"id": 31337, "ledger": rig.ledger.address},
            "block": {"number": block["number"], "hash": "0x" + block["hash"].hex(),
                      "timestamp": block["timestamp"]},
            "request": request,
            "order": {k: v if isinstance(v, str) else str(v) for k, v in names.items()},
            "order_signature": wide(rig.sign("Order", ORDER, order, self.payer)),
            "generation": "0x" + struct.hex(),
            "references": self.references([r["recording"] for r in request["references"]]),
            "audio": {
                "cid": self.blocks.put(audio), "sha256": digest(audio),
                "frames": (len(audio) - 44) // 4, "rate": 44_100, "channels": 2,
                "samples": digest(audio[44:]),
            },
            "trace": {"cid": raw_cid(content), "sha256": digest(content)},
            "rule": request["rule"], "entries": "0x" + stated["entries"].hex(),
            "price": str(stated["price"]), "node": self.node, "node_fee": str(stated["nodeFee"]),
            "set": {"threshold": 2, "signers": [oracle.address for oracle in rig.oracles]},
        }

    def withdraw(self, *recordings: int) -> None:
        """Pays out all that was credited so far: the dispute window passes first."""
        self.rig.pass_time(2 * WINDOW)
        self.rig.send(self.rig.ledger.functions.withdrawMany(list(recordings)))

    def statement(self, payee: str) -> Path:
        """The payee's statement as a CSV file, from web3's reading of the logs."""
        path = self.folder / f"{payee}.csv"
        with path.open("w", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(COLUMNS)
            out.writerows(sorted(self._rows(payee), key=lambda row: (row[1], row[2], row[4] or 0)))
        return path

    def _rows(self, payee: str) -> Iterator[list[Any]]:
        shares = {self.mara: {1: 700_001, 2: 1_000_000}, self.partner: {1: 299_999},
                  self.teo: {3: 1_000_000}}[payee]
        events = self.rig.ledger.events
        for log in events.Settled().get_logs(from_block=0):
            a, place = log["args"], [log["blockNumber"], log["logIndex"]]
            for recording, amount in zip(a["recordings"], a["amounts"], strict=True):
                if recording in shares:
                    names = ["0x" + a["order"].hex(), "0x" + a["manifest"].hex()]
                    yield ["credited", *place, "0x" + log["transactionHash"].hex(), recording,
                           *names, shares[recording], amount, ""]
        for log in events.Withdrawn().get_logs(from_block=0):
            if log["args"]["payee"] == payee:
                pairs = [(log["args"]["recording"], log["args"]["amount"])]
                yield from self._paid("withdrawn", log, pairs)
        for log in events.WithdrawnMany().get_logs(from_block=0):
            if log["args"]["payee"] == payee:
                pairs = zip(log["args"]["recordings"], log["args"]["amounts"], strict=True)
                yield from self._paid("withdrawn", log, pairs)
        for log in events.Parked().get_logs(from_block=0):
            if log["args"]["payee"] == payee:
                yield from self._paid("parked", log, [("", log["args"]["amount"])])
        for log in events.ParkedWithdrawn().get_logs(from_block=0):
            if log["args"]["payee"] == payee:
                pairs = [("", log["args"]["amount"])]
                yield from self._paid("collected", log, pairs, log["args"]["to"])

    @staticmethod
    def _paid(kind: str, log: Any, pairs: Any, to: str = "") -> Iterator[list[Any]]:
        place = [log["blockNumber"], log["logIndex"], "0x" + log["transactionHash"].hex()]
        for recording, amount in pairs:
            yield [kind, *place, recording, "", "", "", amount, to]


Kind = TypeVar("Kind", bound=World)


@contextmanager
def world(
    folder: Path, audio: list[bytes] | None = None, kind: type[Kind] = World  # type: ignore[assignment]
) -> Iterator[Kind]:
    with local_chain() as chain:
        yield kind(chain.url, folder, audio)
