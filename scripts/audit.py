"""Recompute every payout of a Refrain ledger from the chain and IPFS alone.

    python scripts/audit.py --rpc URL --ledger 0x.. --ipfs URL_OR_FOLDER

This one file imports nothing of Refrain's: what is wrong there is not repeated here, and you can
read and copy it whole. Each field gets a verdict; a mismatch names the field and both values. The
last line is ``audit: N mismatches``, where N also counts what could not be read; the exit status
is 0 only when N is 0. docs/audit.md says what is checked and what has to be trusted.

Needs httpx, eth-abi, eth-account and eth-utils; numpy, scipy and soundfile for --references only.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
import re
import struct
import sys
from base64 import b32decode, b32encode
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from itertools import accumulate, pairwise, zip_longest
from pathlib import Path
from typing import Any, TextIO

import httpx
from eth_abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_account import Account
from eth_account.messages import SignableMessage
from eth_keys.exceptions import BadSignature, ValidationError
from eth_utils import keccak, to_bytes, to_checksum_address

MILLION = 1_000_000
TIERS = {0: ("personal", 1), 1: ("commercial", 5)}
RULES = ("realised", "declared", "audible", "responsibility", "shapley")
PAYABLE = ("realised", "declared")
SECP256K1_HALF = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


# ---- verdicts -----------------------------------------------------------------------------


class Unreadable(Exception):
    """What the audit needs could not be read; counted, and said why."""


class WrongBlock(Unreadable):
    """A block of content does not hash to its name."""

    def __init__(self, cid: str, found: str, data: bytes) -> None:
        super().__init__(f"block {cid} holds bytes of {found}")
        self.cid, self.found, self.data = cid, found, data


# Whatever the chain or a pinned file holds must end as a verdict, never as a traceback.
BROKEN = (
    Unreadable, LookupError, TypeError, ValueError, ArithmeticError, AttributeError, OSError,
    RecursionError, struct.error, DecodingError, EncodingError, BadSignature, ValidationError,
)


@dataclass(frozen=True)
class Verdict:
    """One field: what `source` says, what was recomputed, and whether they agree."""

    group: str
    field: str
    ok: bool
    source: str
    said: str
    recomputed: str


def show(value: Any, most: int = 160) -> str:
    """A value on one line: no control characters (a manifest's text is not ours), not too long."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    text = text if text.isprintable() else ascii(text)
    return text if len(text) <= most else f"{text[:most]}.. ({len(text)} characters)"


class Report:
    """Collects verdicts and writes one line each."""

    def __init__(self, outs: Sequence[TextIO]) -> None:
        self.outs, self.verdicts = outs, list[Verdict]()
        self.group = ""

    def line(self, text: str = "") -> None:
        for out in self.outs:
            print(text, file=out)

    def begin(self, group: str, title: str) -> None:
        self.group = group
        self.line(f"\n== {title}")

    def holds(self, name: str, good: bool, said: Any, found: Any, source: str = "chain",
              finder: str = "recomputed") -> bool:
        """A verdict: `source` says `said`; what the audit itself found is `found`."""
        name = f"{self.group} {name}" if self.group else name
        said, found = show(said), show(found)
        self.verdicts.append(Verdict(self.group, name, good, source, said, found))
        wrong = f"MISMATCH {name}: {source} says {said}, {finder} {found}"
        self.line(f"ok   {name}" if good else wrong)
        return good

    def equal(self, name: str, said: Any, found: Any, source: str = "chain",
              finder: str = "recomputed") -> bool:
        same = type(said) is type(found) and said == found
        return self.holds(name, same, said, found, source, finder)

    def unread(self, name: str, reason: str) -> None:
        name, reason = f"{self.group} {name}" if self.group else name, show(reason, 500)
        self.verdicts.append(Verdict(self.group, name, False, "nobody", "unreadable", reason))
        self.line(f"UNREADABLE {name}: {reason}")

    @contextmanager
    def reading(self, name: str) -> Iterator[None]:
        """Turns whatever goes wrong inside into a verdict on `name`."""
        try:
            yield
        except WrongBlock as wrong:
            self.wrong_block(name, wrong)
        except Unreadable as error:
            self.unread(name, str(error))
        except BROKEN as error:
            self.unread(name, f"malformed: {type(error).__name__}: {error}")

    def wrong_block(self, name: str, wrong: WrongBlock) -> None:
        self.holds(f"{name} block", False, wrong.cid, wrong.found, "the CID")

    @property
    def mismatches(self) -> int:
        return sum(not verdict.ok for verdict in self.verdicts)


def read_json(data: bytes, **hooks: Any) -> Any:
    """JSON that may be anybody's. Raises ValueError, or RecursionError where it is too deep."""
    # eth_account (py_ecc) raises the limit so far that deep nesting would end the process.
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000)
    try:
        return json.loads(data.decode(), **hooks)
    finally:
        sys.setrecursionlimit(limit)


# ---- the chain ----------------------------------------------------------------------------


class Refused(Unreadable):
    """The RPC answered, with an error."""


class Rpc:
    """Ethereum JSON-RPC over HTTP; anything but a result is Unreadable."""

    def __init__(self, url: str, timeout: float = 60.0) -> None:
        self.url, self.http = url, httpx.Client(timeout=timeout)

    def __call__(self, method: str, *params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        try:
            answer = self.http.post(self.url, json=body)
            found = read_json(answer.content)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
            raise Unreadable(f"RPC {method}: no answer ({type(error).__name__}: {error})") from None
        if not isinstance(found, dict):
            raise Unreadable(f"RPC {method}: answered with something that is not JSON-RPC")
        if found.get("error") is not None:
            raise Refused(f"RPC {method}: refused ({show(found['error'])})")
        if "result" not in found:
            raise Unreadable(f"RPC {method}: neither result nor error (HTTP {answer.status_code})")
        return found["result"]


def plain(value: Any) -> Any:
    """Decoded ABI values as people write them: 0x-hex bytes, EIP-55 addresses, lists."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, str) and re.fullmatch("0x[0-9a-f]{40}", value):
        return to_checksum_address(value)
    return value


@dataclass(frozen=True)
class EventType:
    """An event as Solidity declares it."""

    name: str
    arguments: tuple[tuple[str, bool, str], ...]

    @classmethod
    def parse(cls, declaration: str) -> EventType:
        name, inside = declaration.rstrip(")").split("(", 1)
        words = [part.split() for part in inside.split(",")]
        return cls(name, tuple((w[0], "indexed" in w, w[-1]) for w in words))

    @cached_property
    def topic(self) -> str:
        types = ",".join(kind for kind, _, _ in self.arguments)
        return "0x" + keccak(text=f"{self.name}({types})").hex()

    def decode(self, topics: Sequence[str], data: str) -> dict[str, Any]:
        indexed = [(kind, name) for kind, is_topic, name in self.arguments if is_topic]
        rest = [(kind, name) for kind, is_topic, name in self.arguments if not is_topic]
        values = decode([kind for kind, _ in rest], to_bytes(hexstr=data))
        found = {name: plain(value) for (_, name), value in zip(rest, values, strict=True)}
        for (kind, name), topic in zip(indexed, topics[1:], strict=True):
            found[name] = plain(decode([kind], to_bytes(hexstr=topic))[0])
        return found


LEDGER_EVENTS = tuple(map(EventType.parse, (
    "Registered(uint32 indexed recording, address indexed owner, uint32 split, uint32 consentFrom,"
    " uint32 consentUntil, uint8 uses, uint16 maxShare, bytes32 audio, bytes32 metadata,"
    " string isrc)",
    "Revoked(uint32 indexed recording, uint256 at)",
    "SetActivated(bytes32 indexed set, uint256 threshold, address[] signers, uint16 protocolBps,"
    " uint16 nodeCapBps, uint64 until)",
    "SetRemoved(bytes32 indexed set)",
    "NodeAllowed(address indexed node, bool allowed)",
    "Funded(address indexed payer, address indexed from, uint256 amount)",
    "Settled(bytes32 indexed order, address indexed payer, address indexed node, bytes32 manifest,"
    " uint256 price, uint256 nodeFee, uint256 protocolFee, uint32[] recordings,"
    " uint256[] amounts)",
    "Withdrawn(uint32 indexed recording, address indexed payee, uint256 amount)",
    "Parked(uint32 indexed recording, address indexed payee, uint256 amount)",
    "ParkedWithdrawn(address indexed payee, uint256 amount)",
    "NodeWithdrawn(address indexed node, uint256 amount)",
    "Exited(address indexed payer, uint256 amount)",
    "Swept(address indexed payer, uint256 protocolFees, uint256 pool)",
)))
SPLIT_EVENTS = (
    EventType.parse("SplitCreated(uint32 indexed split, address[] payees, uint32[] shares)"),
)


@dataclass(frozen=True)
class Log:
    """One decoded event and where it stands."""

    name: str
    block: int
    index: int
    transaction: str
    args: dict[str, Any]


class Chain:
    """One chain as one RPC tells it, read up to `head`."""

    def __init__(self, rpc: Rpc, confirmations: int) -> None:
        self.rpc = rpc
        self.id = int(rpc("eth_chainId"), 16)
        self.head = int(rpc("eth_blockNumber"), 16) - confirmations
        self._blocks: dict[int, dict[str, Any]] = {}

    def block(self, number: int) -> dict[str, Any]:
        if number not in self._blocks:
            found = self.rpc("eth_getBlockByNumber", hex(number), False)
            if not isinstance(found, dict) or int(found["number"], 16) != number:
                raise Unreadable(f"block {number}: the RPC has none")
            self._blocks[number] = found
        return self._blocks[number]

    def time(self, number: int) -> int:
        return int(self.block(number)["timestamp"], 16)

    def view(self, to: str, call: str, outputs: str, *arguments: Any) -> Any:
        """Calls `name(types)` at the head; one output gives a value, several a list."""
        data = keccak(text=call)[:4] + encode(re.findall(r"\w+", call)[1:], arguments)
        try:
            raw = self.rpc("eth_call", {"to": to, "data": "0x" + data.hex()}, hex(self.head))
        except Refused as error:
            raise Unreadable(f"{call} of {to}: {error}") from None
        if raw == "0x":
            raise Unreadable(f"{call}: {to} answers nothing; is it that contract?")
        values = plain(decode(outputs.split(","), to_bytes(hexstr=raw)))
        return values if len(values) > 1 else values[0]

    def logs(self, address: str, types: Sequence[EventType], first: int) -> list[Log]:
        known = {kind.topic: kind for kind in types}
        found = []
        for raw in self._raw_logs(address, first, self.head):
            kind = known.get(raw["topics"][0]) if raw["topics"] else None
            if raw["address"].lower() != address.lower() or raw.get("removed"):
                raise Unreadable(f"eth_getLogs answers with a log of {raw['address']}")
            if kind is not None:
                args = kind.decode(raw["topics"], raw["data"])
                place = int(raw["blockNumber"], 16), int(raw["logIndex"], 16)
                found.append(Log(kind.name, *place, raw["transactionHash"], args))
        return sorted(found, key=lambda log: (log.block, log.index))

    def _raw_logs(self, address: str, first: int, last: int) -> list[dict[str, Any]]:
        """Many nodes limit a range or an answer: halve it until they take it."""
        span = {"address": address, "fromBlock": hex(first), "toBlock": hex(last)}
        try:
            return list(self.rpc("eth_getLogs", span))
        except Refused:
            if first >= last:
                raise
            middle = (first + last) // 2
            left = self._raw_logs(address, first, middle)
            return left + self._raw_logs(address, middle + 1, last)


@dataclass
class Recording:
    """A recording as its events tell it; times in seconds since 1970, `until` excluded."""

    owner: str
    split: int
    since: int
    until: int
    uses: int
    max_share: int
    audio: str
    metadata: str
    block: int
    revoked: list[tuple[int, int]]

    def until_as_of(self, block: int) -> int:
        """The end of consent as a reader of that block saw it.

        Blocks may share a second, so a revocation can bear the time of a track made before it.
        """
        return min([self.until, *(at for number, at in self.revoked if number <= block)])


class History:
    """Everything the ledger's events say, in order."""

    def __init__(self, logs: Sequence[Log], split_logs: Sequence[Log]) -> None:
        self.logs = logs
        self.recordings: dict[int, Recording] = {}
        self.splits: dict[int, list[tuple[str, int]]] = {}
        for log in split_logs:
            pairs = zip(log.args["payees"], log.args["shares"], strict=True)
            self.splits[log.args["split"]] = list(pairs)
        for log in logs:
            a = log.args
            if log.name == "Registered":
                self.recordings[a["recording"]] = Recording(
                    a["owner"], a["split"], a["consentFrom"], a["consentUntil"], a["uses"],
                    a["maxShare"], a["audio"], a["metadata"], log.block, [],
                )
            elif log.name == "Revoked":
                self.recordings[a["recording"]].revoked.append((log.block, a["at"]))

    def named(self, *names: str) -> list[Log]:
        return [log for log in self.logs if log.name in names]

    def last(self, name: str, before: Log, **match: Any) -> Log | None:
        """The newest event of that name before another event, with these arguments."""
        place = (before.block, before.index)
        for log in reversed(self.named(name)):
            fits = all(log.args[key] == value for key, value in match.items())
            if fits and (log.block, log.index) < place:
                return log
        return None

    def sets(self) -> dict[str, list[Any]]:
        """The sets ever activated: active, fees and end; a removed one is [False]."""
        found = {}
        for log in self.named("SetActivated", "SetRemoved"):
            terms = [log.args.get(key) for key in ("protocolBps", "nodeCapBps", "until")]
            found[log.args["set"]] = [False] if log.name == "SetRemoved" else [True, *terms]
        return found

    def recording(self, number: int) -> Recording:
        if number not in self.recordings:
            raise Unreadable(f"recording {number} was never registered")
        return self.recordings[number]

    def holders(self, recording: int) -> list[tuple[str, int]]:
        """Payees and their millionths; without a table everything is the owner's."""
        found = self.recording(recording)
        return self.splits[found.split] if found.split else [(found.owner, MILLION)]


# ---- what was signed ----------------------------------------------------------------------

ORDER = (
    ("address", "payer"), ("uint256", "nonce"), ("bytes32", "request"), ("uint256", "maxPrice"),
    ("uint256", "tier"), ("uint256", "use"), ("uint256", "rule"), ("uint256", "deadline"),
)
ATTESTATION = (
    ("bytes32", "set"), ("bytes32", "order"), ("uint256", "price"), ("address", "node"),
    ("uint256", "nodeFee"), ("uint256", "generatedAt"), ("bytes", "entries"),
    ("bytes32", "manifest"),
)
QUORUM = (("uint256", "threshold"), ("address[]", "signers"), ("bytes", "signatures"))
DOMAIN = (
    ("string", "name"), ("string", "version"), ("uint256", "chainId"),
    ("address", "verifyingContract"),
)
Fields = Sequence[tuple[str, str]]


def tuple_type(fields: Fields) -> str:
    return "(" + ",".join(kind for kind, _ in fields) + ")"


SETTLE_TYPES = [tuple_type(ORDER), "bytes", tuple_type(ATTESTATION[2:]), tuple_type(QUORUM)]
SETTLE = "0x" + keccak(text=f"settle({','.join(SETTLE_TYPES)})")[:4].hex()


def struct_hash(name: str, fields: Fields, values: Mapping[str, Any]) -> bytes:
    """EIP-712 hashStruct: strings and bytes go in by their keccak."""
    kind = keccak(text=f"{name}({','.join(' '.join(pair) for pair in fields)})")
    words = [encode(["bytes32"], [kind])]
    for type_name, key in fields:
        value = values[key]
        if type_name in ("string", "bytes"):
            raw = value.encode() if type_name == "string" else to_bytes(hexstr=value)
            type_name, value = "bytes32", keccak(raw)
        elif type_name == "bytes32":
            value = to_bytes(hexstr=value)
        words.append(encode([type_name], [value]))
    return keccak(b"".join(words))


def domain_hash(chain_id: int, ledger: str) -> bytes:
    values = {"name": "Refrain", "version": "1", "chainId": chain_id, "verifyingContract": ledger}
    return struct_hash("EIP712Domain", DOMAIN, values)


def set_id(threshold: int, signers: Sequence[str]) -> str:
    return "0x" + keccak(encode(["uint256", "address[]"], [threshold, signers])).hex()


def signer(domain: bytes, struct: bytes, signature: bytes) -> str:
    """Who signed; a malleable signature (high s, v other than 27 or 28) is nobody's."""
    if len(signature) != 65:
        return f"nobody: {len(signature)} bytes"
    if int.from_bytes(signature[32:64], "big") > SECP256K1_HALF:
        return "nobody: s is high"
    if signature[64] not in (27, 28):
        return f"nobody: v is {signature[64]}"
    try:
        message = SignableMessage(b"\x01", domain, struct)
        return str(Account.recover_message(message, signature=signature))
    except (BadSignature, ValidationError, ValueError):
        return "nobody: no key gives this"


def entries(packed: str) -> dict[int, int]:
    """8 bytes each: recording, weight. Raises where the contract would have refused them."""
    found = list(struct.iter_unpack(">II", to_bytes(hexstr=packed)))
    if any(first[0] >= second[0] for first, second in pairwise(found)):
        raise Unreadable("entries: recordings are not strictly ascending")
    if sum(weight for _, weight in found) != MILLION or any(not w for _, w in found):
        raise Unreadable("entries: weights are not positive with the sum 1,000,000")
    return dict(found)


# ---- IPFS ---------------------------------------------------------------------------------

RAW, DAG_PB = 0x55, 0x70
CHUNK, WIDTH, LARGEST, MOST_BLOCKS = 1 << 20, 1024, 2 << 20, 512


def cid_text(codec: int, digest: bytes) -> str:
    packed = bytes([1, codec, 0x12, 0x20]) + digest
    return "b" + b32encode(packed).decode().lower().rstrip("=")


def cid_parts(cid: str) -> tuple[int, bytes]:
    """Codec and digest of a CIDv1, base32, sha2-256, raw or dag-pb; nothing else is used here."""
    body = cid[1:].upper()
    packed = b32decode(body + "=" * (-len(body) % 8))
    codec, digest = packed[1] if len(packed) == 36 else -1, packed[4:]
    if codec not in (RAW, DAG_PB) or cid_text(codec, digest) != cid:
        raise Unreadable(f"{show(cid)} is no CIDv1 in base32 of a raw or dag-pb block by sha2-256")
    return codec, digest


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def message(data: bytes) -> Iterator[tuple[int, Any]]:
    """The fields of a protobuf message: varints and byte strings, all that dag-pb needs."""
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            value |= (data[at] & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if data[at - 1] < 0x80:
                return value

    while at < len(data):
        key = number()
        value: Any = number()
        if key & 7 == 2:
            at, value = at + value, data[at:at + value]
        elif key & 7:
            raise Unreadable(f"dag-pb: wire type {key & 7}")
        yield key >> 3, value
    if at != len(data):
        raise Unreadable("dag-pb: a field runs past the end")


def node_block(children: Sequence[tuple[bytes, int, int]]) -> bytes:
    """A UnixFS file node over (CID bytes, bytes of file, bytes of DAG)."""
    links = b""
    for cid, _, weight in children:
        link = b"\x0a" + varint(len(cid)) + cid + b"\x12\x00\x18" + varint(weight)
        links += b"\x12" + varint(len(link)) + link
    sizes = [size for _, size, _ in children]
    data = b"\x08\x02\x18" + varint(sum(sizes)) + b"".join(b"\x20" + varint(s) for s in sizes)
    return links + b"\x0a" + varint(len(data)) + data


def blocks_of(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The blocks of a file by the profile unixfs-v1-2025 (IPIP-499), the root last."""
    row = []
    for start in range(0, max(len(data), 1), CHUNK):
        chunk = data[start:start + CHUNK]
        digest = sha256(chunk).digest()
        yield cid_text(RAW, digest), chunk
        row.append((bytes([1, RAW, 0x12, 0x20]) + digest, len(chunk), len(chunk)))
    while len(row) > 1:
        above = []
        for start in range(0, len(row), WIDTH):
            children = row[start:start + WIDTH]
            block = node_block(children)
            digest = sha256(block).digest()
            yield cid_text(DAG_PB, digest), block
            size, weight = sum(c[1] for c in children), sum(c[2] for c in children)
            above.append((bytes([1, DAG_PB, 0x12, 0x20]) + digest, size, weight + len(block)))
        row = above


def cid_of(data: bytes) -> str:
    *_, (root, _) = blocks_of(data)
    return root


class Content:
    """Blocks by CID from a gateway, a folder of blocks or a folder of files; each is re-hashed."""

    def __init__(self, source: str) -> None:
        self.source, self.folder = source, Path(source)
        self.gateway = re.match("https?://", source) is not None
        self.http = httpx.Client(timeout=60.0, follow_redirects=True)

    @cached_property
    def files(self) -> dict[bytes, tuple[Path, int, int] | bytes]:
        """Every block that the files of a plain folder are made of, by digest."""
        found: dict[bytes, tuple[Path, int, int] | bytes] = {}
        for path in sorted(p for p in self.folder.rglob("*") if p.is_file()):
            at = 0
            for cid, block in blocks_of(path.read_bytes()):
                codec, digest = cid_parts(cid)
                found[digest] = (path, at, len(block)) if codec == RAW else block
                at += len(block)
        return found

    def _from_gateway(self, cid: str) -> bytes:
        url = f"{self.source.rstrip('/')}/ipfs/{cid}"
        accept = {"Accept": "application/vnd.ipld.raw"}
        parts = bytearray()
        try:
            with self.http.stream("GET", url, params={"format": "raw"}, headers=accept) as answer:
                if answer.status_code != 200:
                    raise Unreadable(f"block {cid}: {url} answers {answer.status_code}")
                for part in answer.iter_bytes():
                    parts += part
                    if len(parts) > LARGEST:
                        raise Unreadable(f"block {cid}: {url} sends more than {LARGEST} bytes")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreadable(f"block {cid}: {url}: {type(error).__name__}: {error}") from None
        return bytes(parts)

    def _from_folder(self, cid: str, digest: bytes) -> bytes:
        if (self.folder / "blocks").is_dir():
            path = self.folder / "blocks" / digest.hex()[:2] / digest.hex()
            if path.is_file():
                return path.read_bytes()
        elif digest in self.files:
            found = self.files[digest]
            if isinstance(found, bytes):
                return found
            path, start, size = found
            return path.read_bytes()[start:start + size]
        raise Unreadable(f"block {cid} (sha256 {digest.hex()}) is not in {self.folder}")

    def block(self, cid: str) -> bytes:
        codec, digest = cid_parts(cid)
        data = self._from_gateway(cid) if self.gateway else self._from_folder(cid, digest)
        if sha256(data).digest() != digest:
            raise WrongBlock(cid, cid_text(codec, sha256(data).digest()), data)
        return data

    def file(self, cid: str) -> bytes:
        """The whole file under a CID, at most MOST_BLOCKS; the same bytes must give that CID."""
        parts, waiting, count = [], [cid], 0
        while waiting:
            name, count = waiting.pop(), count + 1
            if count > MOST_BLOCKS:
                raise Unreadable(f"{cid} has more than {MOST_BLOCKS} blocks")
            block = self.block(name)
            if cid_parts(name)[0] == RAW:
                parts.append(block)
            else:
                links = [dict(message(value)) for key, value in message(block) if key == 2]
                waiting += [cid_text(link[1][1], link[1][4:]) for link in reversed(links)]
        data = b"".join(parts)
        if cid_of(data) != cid:
            raise Unreadable(f"{cid}: the file's bytes give {cid_of(data)} by the profile")
        return data


def canonical(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def parse(data: bytes) -> dict[str, Any]:
    """A JSON object of integers, strings, lists and objects without repeated keys."""
    def refuse(text: str) -> Any:
        raise Unreadable(f"JSON: {text} is no integer")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise Unreadable("JSON: a key stands twice")
        return dict(pairs)

    found = read_json(data, parse_float=refuse, parse_constant=refuse, object_pairs_hook=unique)
    if not isinstance(found, dict):
        raise Unreadable("JSON: not an object")
    return found


# ---- vectors ------------------------------------------------------------------------------

Vector = dict[int, int]


def apportion(scores: Mapping[int, int]) -> Vector:
    """Integer scores to weights that sum to 1,000,000: largest remainder, ties to the lower id."""
    total = sum(scores.values())
    if total <= 0 or min(scores.values()) < 0:
        raise Unreadable(f"no weights follow from scores that sum to {total}")
    weights = {key: score * MILLION // total for key, score in scores.items()}
    first = sorted(scores, key=lambda key: (-(scores[key] * MILLION % total), key))
    for key in first[: MILLION - sum(weights.values())]:
        weights[key] += 1
    return {key: weights[key] for key in sorted(weights) if weights[key]}


def components(trace: Mapping[str, Any]) -> list[int]:
    """The recording of each component; component 0, no reference, is entry 0, the pool."""
    return [0, *(reference["recording"] for reference in trace["references"])]


def realised(trace: Mapping[str, Any]) -> Vector:
    scores = dict.fromkeys(components(trace), 0)
    for draw, frames in zip(trace["draws"], trace["frames_drawn"], strict=True):
        scores[components(trace)[draw]] += frames
    return apportion(scores)


def audible(trace: Mapping[str, Any]) -> Vector:
    return apportion(dict(zip(components(trace), trace["audible"], strict=True)))


def frames_laid(trace: Mapping[str, Any]) -> list[int]:
    """Per component the frames its edits fill, up to the layer's next edit, averaged over layers.

    Silent units count nothing in `frames_drawn`, so this is the most that may be counted; a unit's
    frames are rounded once, hence a frame a unit more.
    """
    laid = [0] * len(components(trace))
    layers = sorted({edit["layer"] for edit in trace["edits"]})
    for layer in layers:
        row = sorted((e["start"], e["component"]) for e in trace["edits"] if e["layer"] == layer)
        for (start, component), (end, _) in pairwise([*row, (trace["frames"], 0)]):
            laid[component] += end - start
    return [frames // len(layers) + trace["draws"].count(j) for j, frames in enumerate(laid)]


def declared(request: Mapping[str, Any]) -> Vector:
    return {item["recording"]: item["weight"] for item in request["references"] if item["weight"]}


BACKGROUND, MOST_REFERENCES = 0.05, 12


def explained(trace: Mapping[str, Any]) -> list[tuple[int, float, dict[int, float]]]:
    """Per audible unit its frames, log b and log q_j of every component that was asked for.

    b = 0.05 p_0 and q_j = 0.95 w_j p_j; in logarithms, for likelihoods may be tiny.
    """
    prior = [math.log(w / MILLION * (1 - BACKGROUND)) if w else None for w in trace["prior"]]
    return [
        (frames, row[0] / 1e6 + math.log(BACKGROUND),
         {j: w + x / 1e6 for j, (w, x) in enumerate(zip(prior, row, strict=True)) if w is not None})
        for frames, row in zip(trace["frames_drawn"], trace["log_likelihood"], strict=True)
        if frames
    ]


def log_sum(logs: Sequence[float]) -> float:
    top = max(logs)
    return top + math.log(math.fsum(math.exp(x - top) for x in logs))


def from_floats(trace: Mapping[str, Any], shares: Mapping[int, float]) -> Vector:
    names, total = components(trace), math.fsum(shares.values())
    return apportion({names[j]: max(round(x / total * 10**9), 0) for j, x in shares.items()})


def responsibility(trace: Mapping[str, Any]) -> Vector:
    """Mean over audible frames of q_j / (b + sum q), scaled to sum 1 over the components."""
    logs = [(j, math.log(frames) + q - log_sum([b, *players.values()]))
            for frames, b, players in explained(trace) for j, q in players.items()]
    top = max(x for _, x in logs)
    shares: dict[int, float] = defaultdict(float)
    for j, x in logs:
        shares[j] += math.exp(x - top)
    return from_floats(trace, shares)


def log_worth(x: float) -> float:
    """log(log(1 + e^x)) without overflow or loss."""
    return x if x < -37 else math.log(x) if x > 37 else math.log(math.log1p(math.exp(x)))


def shapley(trace: Mapping[str, Any]) -> Vector:
    """Of v(S) = mean over audible frames of log(1 + q_S / b) / log(1 + q_N / b), all subsets."""
    units = explained(trace)
    players = list(units[0][2])
    count = len(players)
    if count > MOST_REFERENCES:
        raise Unreadable(f"{count} references; a request has at most {MOST_REFERENCES}")
    worth = [0.0] * 2**count
    for frames, b, logs in units:
        top = max(logs.values())
        ratio = [math.exp(logs[j] - top) for j in players]
        sums = [0.0] * 2**count
        for s in range(1, 2**count):
            sums[s] = sums[s & (s - 1)] + ratio[(s & -s).bit_length() - 1]
        whole = log_worth(top - b + math.log(sums[-1]))
        for s in range(1, 2**count):
            if sums[s]:
                worth[s] += frames * math.exp(log_worth(top - b + math.log(sums[s])) - whole)
    chance = [1 / (count * math.comb(count - 1, size)) for size in range(count)]
    return from_floats(trace, {
        j: math.fsum((worth[s | 1 << i] - worth[s]) * chance[s.bit_count()]
                     for s in range(2**count) if not s >> i & 1)
        for i, j in enumerate(players)
    })


# Each method from the request and the trace, and by how many millionths an entry may differ: two
# of them end in floats, whose last digit is nobody's fault.
VECTORS: dict[str, tuple[Callable[[Any, Any], Vector], int]] = {
    "declared": (lambda request, trace: declared(request), 0),
    "realised": (lambda request, trace: realised(trace), 0),
    "audible": (lambda request, trace: audible(trace), 0),
    "responsibility": (lambda request, trace: responsibility(trace), 1),
    "shapley": (lambda request, trace: shapley(trace), 1),
}


# ---- one generation -----------------------------------------------------------------------


@dataclass
class Books:
    """What every part of the audit reads from and writes to."""

    chain: Chain
    ledger: str
    splits: str
    history: History
    content: Content
    report: Report
    references: Path | None = None

    @cached_property
    def domain(self) -> bytes:
        return domain_hash(self.chain.id, self.ledger)


def wav(data: bytes) -> dict[str, Any]:
    """What a 44-byte header of 16-bit PCM and the samples after it say."""
    riff, size, wave, fmt, length, kind, channels, rate, second, frame, bits, tag, body = (
        struct.unpack_from("<4sI4s4sIHHIIHH4sI", data)
    )
    fixed = (riff, wave, fmt, tag, length, kind, bits) == (
        b"RIFF", b"WAVE", b"fmt ", b"data", 16, 1, 16)
    sizes = (frame, second, size, body) == (
        2 * channels, 2 * channels * rate, len(data) - 8, len(data) - 44)
    if not fixed or not sizes or body % frame:
        raise Unreadable("no 44-byte header of a 16-bit PCM WAV that fits its length")
    return {"frames": body // frame, "rate": rate, "channels": channels,
            "samples": sha256(data[44:]).hexdigest()}


def cumulative(total: int, parts: Sequence[int]) -> list[int]:
    """Parts of a total by floor(total * upTo / 1e6) - floor(total * before / 1e6)."""
    edges = [total * upto // MILLION for upto in accumulate(parts, initial=0)]
    return [second - first for first, second in pairwise(edges)]


class Generation:
    """One settled order, recomputed step by step; a step without its input is named, not run."""

    def __init__(self, books: Books, settled: Log) -> None:
        self.books, self.log, self.report = books, settled, books.report
        self.event = settled.args
        self.order: dict[str, Any] = {}
        self.order_signature = ""
        self.attestation: dict[str, Any] = {}
        self.quorum: dict[str, Any] = {}
        self.manifest: dict[str, Any] = {}
        self.trace: dict[str, Any] = {}
        self.audio = b""

    def run(self) -> None:
        name = self.event["order"]
        self.report.begin(f"generation {name[:10]}..", f"generation {name}")
        self.step("transaction", self.read_transaction)
        self.step("order", self.check_order, self.order)
        self.step("attestation", self.check_attestation, self.attestation)
        self.step("quorum", self.check_quorum, self.quorum)
        self.step("amounts", self.check_amounts, self.attestation)
        self.step("manifest", self.read_manifest)
        self.step("manifest", self.check_manifest, self.manifest, self.order)
        self.step("request", self.check_request, self.manifest, self.order)
        self.step("consent", self.check_consent, self.manifest, self.attestation)
        self.step("trace", self.read_trace, self.manifest)
        self.step("trace", self.check_trace, self.trace)
        if self.trace.get("edits"):
            self.step("edits", self.check_edits, self.trace)
        self.step("vectors", self.check_vectors, self.trace)
        self.step("weights", self.check_weights, self.trace, self.attestation)
        self.step("audio", self.check_audio, self.manifest)
        if self.books.references is not None:
            self.step("references", self.check_render, self.trace, self.audio)
        self.step("table", self.table, self.attestation)

    def step(self, name: str, check: Callable[[], None], *needs: Any) -> None:
        if all(needs):
            with self.report.reading(name):
                check()
        else:
            self.report.line(f"     {name} not checked: what it needs could not be read (above)")

    def read_transaction(self) -> None:
        found = self.books.chain.rpc("eth_getTransactionByHash", self.log.transaction)
        if not isinstance(found, dict):
            raise Unreadable(f"the RPC has no transaction {self.log.transaction}")
        data = found["input"]
        self.report.equal("transaction block", int(found["blockNumber"], 16), self.log.block)
        if str(found["to"]).lower() != self.books.ledger.lower() or data[:10] != SETTLE:
            raise Unreadable(f"{self.log.transaction} is no direct call of settle")
        order, signature, attestation, quorum = decode(SETTLE_TYPES, to_bytes(hexstr=data)[4:])
        self.order = self._named(ORDER, order)
        self.order_signature = plain(signature)
        self.attestation = self._named(ATTESTATION[2:], attestation)
        self.quorum = self._named(QUORUM, quorum)

    @staticmethod
    def _named(fields: Fields, values: Sequence[Any]) -> dict[str, Any]:
        return {name: plain(value) for (_, name), value in zip(fields, values, strict=True)}

    def check_order(self) -> None:
        order, report = self.order, self.report
        struct = struct_hash("Order", ORDER, order)
        report.equal("order hash", self.event["order"], "0x" + struct.hex())
        report.equal("payer", self.event["payer"], order["payer"])
        self._check_payer(struct)
        most, price = order["maxPrice"], self.event["price"]
        report.holds("price", price <= most, price, f"at most {most}, as ordered", "chain")
        _, use = TIERS[order["tier"]]
        report.equal("order use", order["use"], use)
        same = [log for log in self.books.history.named("Settled")
                if log.args["order"] == self.event["order"]]
        report.equal("times settled", len(same), 1)
        which = ("isNonceUsed(address,uint256)", "bool", order["payer"], order["nonce"])
        report.equal("nonce used", self.books.chain.view(self.books.ledger, *which), True)

    def _check_payer(self, struct: bytes) -> None:
        """By the payer's key, or by the payer's contract (ERC-1271) where it is one."""
        payer, signature = self.order["payer"], to_bytes(hexstr=self.order_signature)
        chain = self.books.chain
        found = signer(self.books.domain, struct, signature)
        if found != payer and chain.rpc("eth_getCode", payer, hex(chain.head)) != "0x":
            digest = keccak(b"\x19\x01" + self.books.domain + struct)
            call = "isValidSignature(bytes32,bytes)"
            magic = chain.view(payer, call, "bytes4", digest, signature)
            self.report.equal("order signature (ERC-1271)", magic, "0x1626ba7e")
            return
        self.report.equal("order signature", payer, found)

    def check_attestation(self) -> None:
        attestation, event, report = self.attestation, self.event, self.report
        for key in ("price", "node", "nodeFee", "manifest"):
            report.equal(key if key != "manifest" else "manifest digest",
                         event[key], attestation[key])
        made, deadline = attestation["generatedAt"], self.order["deadline"]
        report.holds("deadline", made <= deadline, deadline, f"at least {made}", "order")
        lag = self.books.chain.time(self.log.block) - made
        most = self.books.chain.view(self.books.ledger, "maxLag()", "uint256")
        report.holds("lag", 0 <= lag <= most, most, f"{lag} seconds, at most this", "chain")
        allowed = self.books.history.last("NodeAllowed", self.log, node=attestation["node"])
        good = allowed is not None and allowed.args["allowed"]
        report.equal("node allowed", True, good)

    def check_quorum(self) -> None:
        quorum, report = self.quorum, self.report
        signers, threshold = quorum["signers"], quorum["threshold"]
        values = dict(self.attestation, order=self.event["order"], set=set_id(threshold, signers))
        struct = struct_hash("Attestation", ATTESTATION, values)
        signatures = to_bytes(hexstr=quorum["signatures"])
        parts = [signatures[at:at + 65] for at in range(0, len(signatures), 65)]
        found = [signer(self.books.domain, struct, part) for part in parts]
        for place, who in enumerate(found):
            member = "a signer of the set" if who not in signers else who
            report.equal(f"oracle signature[{place}]", member, who, "the set")
        report.holds("oracle signatures", len(found) >= threshold, len(found),
                     f"at least {threshold}", "chain")
        order = [int(who, 16) for who in found if who in signers]
        ascending = all(first < second for first, second in pairwise(order))
        report.holds("oracle signers", ascending, found, "strictly ascending", "chain")
        self._check_set(values["set"])

    def _check_set(self, name: str) -> None:
        active = self.books.history.last("SetActivated", self.log, set=name)
        removed = self.books.history.last("SetRemoved", self.log, set=name)
        if active is None:
            self.report.equal("oracle set", name, "never activated before this")
            return
        gone = removed is not None and (removed.block, removed.index) > (active.block, active.index)
        self.report.equal("oracle set", name, f"{name} removed" if gone else name)
        until, now = active.args["until"], self.books.chain.time(self.log.block)
        self.report.holds("oracle set until", now < until, until, f"after {now}", "chain")

    def check_amounts(self) -> None:
        event, report, attestation = self.event, self.report, self.attestation
        name = set_id(self.quorum["threshold"], self.quorum["signers"])
        terms = self.books.history.last("SetActivated", self.log, set=name)
        if terms is None:
            raise Unreadable(f"set {name} was never activated, so its fees are unknown")
        price, node_fee = attestation["price"], attestation["nodeFee"]
        fee = price * terms.args["protocolBps"] // 10_000
        cap = price * terms.args["nodeCapBps"]
        report.equal("protocolFee", event["protocolFee"], fee)
        report.holds("nodeFee cap", node_fee * 10_000 <= cap, node_fee,
                     f"at most {cap // 10_000}", "chain")
        weights = entries(attestation["entries"])
        report.equal("recordings", event["recordings"], list(weights))
        amounts = cumulative(price - node_fee - fee, list(weights.values()))
        report.equal("amounts", len(event["amounts"]), len(amounts))
        for said, amount, recording in zip(event["amounts"], amounts, weights, strict=False):
            report.equal(f"amount[{recording}]", said, amount)
        paid = sum(event["amounts"]) + event["nodeFee"] + event["protocolFee"]
        report.equal("sum", event["price"], paid)

    def read_manifest(self) -> None:
        cid = cid_text(RAW, to_bytes(hexstr=self.event["manifest"]))
        try:
            data = self.books.content.block(cid)
        except WrongBlock as wrong:
            # Already a mismatch; read on all the same, so that the field that was changed is named.
            self.report.wrong_block("manifest", wrong)
            data = wrong.data
        manifest = parse(data)
        same = canonical(manifest) == data
        self.report.holds("manifest form", same, f"{len(data)} bytes", "canonical JSON", "manifest")
        self.manifest = manifest

    def check_manifest(self) -> None:
        m, order, a = self.manifest, self.order, self.attestation
        block = self.books.chain.block(m["block"]["number"])
        seen = {"number": m["block"]["number"], "hash": block["hash"],
                "timestamp": int(block["timestamp"], 16)}
        texts = {name: value if kind in ("address", "bytes32") else str(value)
                 for (kind, name) in ORDER for value in [order[name]]}
        rows = {
            "refrain_manifest": 1,
            "chain": {"id": self.books.chain.id, "ledger": self.books.ledger},
            "block": seen, "order": texts, "order_signature": self.order_signature,
            "generation": self.event["order"], "rule": RULES[order["rule"]],
            "entries": a["entries"], "price": str(a["price"]), "node": a["node"],
            "node_fee": str(a["nodeFee"]),
            "set": {key: self.quorum[key] for key in ("threshold", "signers")},
        }
        for key, wanted in rows.items():
            self._same(f"manifest.{key}", wanted, m.get(key))
        others = ["request", "engine", "references", "audio", "trace", "vectors"]
        self.report.equal("manifest keys", sorted([*rows, *others]), sorted(m), "the format")
        self.report.equal("generatedAt", a["generatedAt"], seen["timestamp"])
        number = seen["number"]
        self.report.holds("block.number", number < self.log.block, number,
                          f"before {self.log.block}", "manifest")

    def _same(self, name: str, said: Any, found: Any, source: str = "chain") -> None:
        """Field by field, so that a mismatch names the smallest one."""
        if isinstance(said, dict) and isinstance(found, dict):
            for key in sorted({*said, *found}):
                self._same(f"{name}.{key}", said.get(key), found.get(key), source)
        else:
            self.report.equal(name, said, found, source)

    def check_request(self) -> None:
        m, report = self.manifest, self.report
        request, references = m["request"], m["references"]
        digest = "0x" + sha256(canonical(request)).hexdigest()
        report.equal("request digest", self.order["request"], digest)
        report.equal("request.tier", TIERS[self.order["tier"]][0], request["tier"])
        report.equal("request.rule", RULES[self.order["rule"]], request["rule"])
        report.holds("request.rule pays", request["rule"] in PAYABLE, request["rule"],
                     f"one of {PAYABLE}", "request")
        report.equal("engine.name", request["engine"], m["engine"]["name"], "request")
        report.holds("request.length", 5 <= request["length"] <= 120, request["length"],
                     "5 to 120", "request")
        ids = [item["recording"] for item in request["references"]]
        report.equal("request.references", ids, sorted(set(ids)), "request")
        report.equal("request weights", sum(declared(request).values()), MILLION, "request")
        report.equal("references", ids, [item["recording"] for item in references], "request")
        for item in references:
            known = self.books.history.recording(item["recording"])
            place = f"references[{item['recording']}]"
            report.equal(f"{place}.audio", known.audio, "0x" + item["audio"])
            report.equal(f"{place}.metadata", known.metadata, item["metadata"])

    def check_consent(self) -> None:
        """Of every recording asked for or paid: at generatedAt, as of the block that was read."""
        paid = entries(self.attestation["entries"])
        asked = [item["recording"] for item in self.manifest["references"]]
        for recording in sorted({*paid, *asked} - {0}):
            with self.report.reading(f"consent[{recording}]"):
                self._check_consent(recording, paid.get(recording, 0))

    def _check_consent(self, recording: int, weight: int) -> None:
        known, made = self.books.history.recording(recording), self.attestation["generatedAt"]
        place, block = f"consent[{recording}]", self.manifest["block"]["number"]
        until = known.until_as_of(block)
        good = known.since <= made < until and known.block <= block
        self.report.holds(f"{place} window", good, f"{known.since} to {until}",
                          f"generated at {made}", "chain")
        use, most = self.order["use"], known.max_share * 100
        self.report.holds(f"{place} uses", known.uses & use == use, known.uses,
                          f"all of {use} needed", "chain")
        self.report.holds(f"{place} share", weight <= most, most,
                          f"{weight}, at most this", "chain")

    def read_trace(self) -> None:
        named = self.manifest["trace"]
        data = self.books.content.file(named["cid"])
        self.report.equal("trace.sha256", named["sha256"], sha256(data).hexdigest(), "manifest")
        trace = parse(data)
        same = canonical(trace) == data
        self.report.holds("trace form", same, f"{len(data)} bytes", "canonical JSON", "trace")
        self.trace = trace

    def check_trace(self) -> None:
        trace, m, report = self.trace, self.manifest, self.report
        report.equal("trace version", trace["refrain_trace"], 1, "trace")
        self._same("trace.engine", m["engine"], trace["engine"], "manifest")
        seed = str(int(self.event["order"][2:18], 16))
        report.equal("trace.seed", seed, trace["seed"])
        asked = declared(m["request"])
        named = {item["recording"]: item["audio"] for item in m["references"]}
        found = {item["recording"]: item["audio"] for item in trace["references"]}
        report.equal("trace.references", list(named.items()), list(found.items()), "manifest")
        report.equal("trace.prior", [0, *asked.values()], trace["prior"], "request")
        units, size = len(trace["draws"]), len(trace["references"]) + 1
        for key in ("frames_drawn", "log_likelihood", "strength"):
            report.equal(f"trace.{key} units", units, len(trace[key]), "trace")
        rows = {len(row) for row in trace["log_likelihood"]} | {len(trace["audible"])}
        report.equal("trace components", [size], sorted(rows), "trace")
        drawn = all(0 <= draw < size for draw in trace["draws"])
        least = min([0, *trace["frames_drawn"], *trace["audible"]])
        report.holds("trace.draws", drawn and least == 0, "a component and frames a unit",
                     "components in range, no frames below 0", "trace")

    def check_edits(self) -> None:
        """What was laid into the track is what was drawn, and no more of it was counted."""
        trace, report = self.trace, self.report
        off = [number for number, edit in enumerate(trace["edits"])
               if edit["component"] != trace["draws"][edit["unit"]]]
        report.equal("trace.edits drawn", off, [], "trace")
        counted, laid = [0] * len(components(trace)), frames_laid(trace)
        for draw, frames in zip(trace["draws"], trace["frames_drawn"], strict=True):
            counted[draw] += frames
        for recording, said, most in zip(components(trace), counted, laid, strict=True):
            report.holds(f"trace.frames[{recording}]", said <= most, said,
                         f"at most {most} from the edits", "trace")

    def check_vectors(self) -> None:
        """The sure ones exactly; the two that come from likelihoods to one millionth."""
        self.report.equal("vectors", sorted(RULES), sorted(self.manifest["vectors"]), "manifest")
        for name, (vector, slack) in VECTORS.items():
            with self.report.reading(f"vectors.{name}"):
                self._check_vector(name, vector(self.manifest["request"], self.trace), slack)

    def _check_vector(self, name: str, vector: Vector, slack: int) -> None:
        items = self.manifest["vectors"][name]
        said = {item["recording"]: item["weight"] for item in items}
        listed = [item["recording"] for item in items]
        self.report.equal(f"vectors.{name} order", listed, sorted(set(listed)), "manifest")
        self.report.equal(f"vectors.{name} sum", sum(said.values()), MILLION, "manifest")
        for recording in sorted({*said, *vector}):
            first, second = said.get(recording, 0), vector.get(recording, 0)
            near = f"{second} (give or take {slack})" if slack else second
            self.report.holds(f"vectors.{name}[{recording}]", abs(first - second) <= slack,
                              first, near, "manifest")

    def check_weights(self) -> None:
        """What was paid, against the rule's vector recomputed from the trace."""
        rule = RULES[self.order["rule"]]
        vector, slack = VECTORS[rule]
        if slack:
            raise Unreadable(f"the order pays by {rule}, which has no exact integer form")
        due = vector(self.manifest["request"], self.trace)
        paid = entries(self.attestation["entries"])
        for recording in sorted({*paid, *due}):
            self.report.equal(f"weight[{recording}]", paid.get(recording, 0), due.get(recording, 0))

    def check_audio(self) -> None:
        named = self.manifest["audio"]
        data = self.books.content.file(named["cid"])
        found = {**wav(data), "cid": named["cid"], "sha256": sha256(data).hexdigest()}
        self._same("audio", named, found, "manifest")
        seconds = self.manifest["request"]["length"]
        self.report.equal("audio length", seconds * found["rate"], found["frames"], "request")
        if self.trace:
            self.report.equal("trace.frames", found["frames"], self.trace["frames"], "audio")
            self.report.equal("trace.rate", found["rate"], self.trace["rate"], "audio")
        self.audio = data

    def check_render(self) -> None:
        """The trace rendered again from the references' files, against the pinned samples."""
        folder = self.books.references
        if folder is None:
            return
        self._same("trace.separation", SEPARATION, self.trace["separation"], "docs/mosaic.md")
        largest, differing = compare_render(self.trace, folder, self.audio[44:])
        found = f"largest difference {largest} of 32768, {differing} samples differ"
        self.report.line(f"     {found}")
        wanted = f"it is within {RENDER_SLACK} of 32768"
        self.report.holds("render", largest <= RENDER_SLACK, wanted, found, "audio")

    def table(self) -> None:
        asked = declared(self.manifest["request"]) if self.manifest else {}
        weights = entries(self.attestation["entries"])
        amounts = dict(zip(self.event["recordings"], self.event["amounts"], strict=False))
        self.report.line(f"     {'recording':>10}{'asked':>10}{'weight':>10}{'amount':>14}")
        for recording in sorted({*asked, *weights, *amounts}):
            row = (f"{asked.get(recording, 0):>10}{weights.get(recording, 0):>10}"
                   f"{money(amounts.get(recording, 0)):>14}")
            self.report.line(f"     {recording:>10}{row}")
        event, paid = self.event, sum(self.event["amounts"])
        self.report.line(f"     price {money(event['price'])} = recordings {money(paid)} + node "
                         f"{money(event['nodeFee'])} + protocol {money(event['protocolFee'])}")


def money(amount: int) -> str:
    return f"{amount // MILLION}.{amount % MILLION:06}"


# ---- the ledger ---------------------------------------------------------------------------


def check_registry(books: Books) -> None:
    """The state the events add up to, against the state the contract answers."""
    view, ledger, report = books.chain.view, books.ledger, books.report
    known = books.history.recordings
    report.equal("recordings", view(ledger, "recordingCount()", "uint256"), len(known))
    for number, recording in known.items():
        with report.reading(f"recording {number}"):
            said = view(ledger, *RECORDING, number)
            until = recording.until_as_of(books.chain.head)
            rebuilt = [recording.owner, recording.split, recording.since, until,
                       recording.uses, recording.max_share]
            report.equal(f"recording {number} consent", said[:6], rebuilt)
    for number, holders in books.history.splits.items():
        with report.reading(f"split {number}"):
            said = view(books.splits, "table(uint32)", "address[],uint32[]", number)
            rebuilt = [list(part) for part in zip(*holders, strict=True)]
            report.equal(f"split {number}", said, rebuilt)
    for name, terms in books.history.sets().items():
        with report.reading(f"set {name}"):
            said = view(ledger, "sets(bytes32)", "bool,uint16,uint16,uint64", to_bytes(hexstr=name))
            report.equal(f"set {name}", said if said[0] else [False], terms)
    for log in {log.args["node"]: log for log in books.history.named("NodeAllowed")}.values():
        node = log.args["node"]
        with report.reading(f"node {node}"):
            said = view(ledger, "isNodeAllowed(address)", "bool", node)
            report.equal(f"node {node} allowed", said, log.args["allowed"])


def balances(history: History) -> dict[tuple[str, Any], int]:
    """What the events leave standing: (pocket, whose) to an amount."""
    left: dict[tuple[str, Any], int] = defaultdict(int)
    for log in history.logs:
        a = log.args
        if log.name == "Settled":
            left["escrow", a["payer"]] -= a["price"]
            left["protocol fees of", a["payer"]] += a["protocolFee"]
            left["node", a["node"]] += a["nodeFee"]
            for recording, amount in zip(a["recordings"], a["amounts"], strict=True):
                where = ("recording", recording) if recording else ("pool of", a["payer"])
                left[where] += amount
        elif log.name in MOVES:
            for pocket, key, sign, amount in MOVES[log.name]:
                left[pocket, a[key]] += sign * a[amount]
    return left


MOVES = {
    "Funded": [("escrow", "payer", 1, "amount")],
    "Exited": [("escrow", "payer", -1, "amount")],
    "Swept": [("protocol fees of", "payer", -1, "protocolFees"), ("pool of", "payer", -1, "pool")],
    "Withdrawn": [("recording", "recording", -1, "amount")],
    "Parked": [("recording", "recording", -1, "amount"), ("parked for", "payee", 1, "amount")],
    "ParkedWithdrawn": [("parked for", "payee", -1, "amount")],
    "NodeWithdrawn": [("node", "node", -1, "amount")],
}
ACCOUNT = ("accounts(address)", "uint256,uint256,uint256,uint256")
RECORDING = ("recordings(uint32)", "address,uint32,uint32,uint32,uint8,uint16,uint256")
POCKETS: dict[str, tuple[str, str, int | None]] = {
    "escrow": (*ACCOUNT, 0), "protocol fees of": (*ACCOUNT, 1), "pool of": (*ACCOUNT, 2),
    "recording": (*RECORDING, 6),
    "node": ("nodeBalance(address)", "uint256", None),
    "parked for": ("parked(address)", "uint256", None),
}


def check_conservation(books: Books, token: str) -> None:
    """Every pocket of the ledger: in minus out by events is what it holds, and it is all there."""
    report, left = books.report, balances(books.history)
    for (pocket, whose), amount in sorted(left.items(), key=lambda item: str(item[0])):
        with report.reading(f"{pocket} {whose}"):
            call, kind, place = POCKETS[pocket]
            said = books.chain.view(books.ledger, call, kind, whose)
            report.equal(f"{pocket} {whose}", said if place is None else said[place], amount)
    with report.reading("token balance"):
        held = books.chain.view(token, "balanceOf(address)", "uint256", books.ledger)
        owed = sum(left.values())
        report.holds("token balance", held >= owed, held, f"at least {owed}", "chain")


def payouts(history: History) -> Iterator[tuple[Log, int, list[tuple[str, int]]]]:
    """Per payout its first event, what the recording had, and who got (or was parked) what."""
    standing: dict[int, int] = defaultdict(int)
    group: list[Log] = []
    for log in [*history.logs, None]:
        same = log is not None and group and log.name in ("Withdrawn", "Parked") and (
            log.transaction, log.args["recording"]
        ) == (group[0].transaction, group[0].args["recording"])
        if group and not same:
            recording = group[0].args["recording"]
            paid = [(part.args["payee"], part.args["amount"]) for part in group]
            yield group[0], standing[recording], paid
            standing[recording], group = 0, []
        if log is not None and log.name in ("Withdrawn", "Parked"):
            group.append(log)
        elif log is not None and log.name == "Settled":
            for number, amount in zip(log.args["recordings"], log.args["amounts"], strict=True):
                standing[number] += amount


def check_payouts(books: Books) -> None:
    """Each payout against the recording's table: cumulative rounding of all it had."""
    for log, standing, paid in payouts(books.history):
        recording = log.args["recording"]
        name = f"payout of recording {recording} in {log.transaction[:10]}.."
        with books.report.reading(name):
            holders = books.history.holders(recording)
            amounts = cumulative(standing, [share for _, share in holders])
            due = [[who, part] for (who, _), part in zip(holders, amounts, strict=True) if part]
            books.report.equal(name, [list(pair) for pair in paid if pair[1]], due)


# ---- statements ---------------------------------------------------------------------------

COLUMNS = ("kind", "block", "log_index", "transaction", "recording", "order", "manifest",
           "share", "amount")


def movements(history: History, payee: str) -> Iterator[tuple[str, ...]]:
    """A payee's statement from the events alone, as rows of text."""
    for log in history.named("Settled", "Withdrawn", "Parked"):
        a, place = log.args, (str(log.block), str(log.index), log.transaction)
        if log.name != "Settled":
            if a["payee"] == payee:
                kind = log.name.lower()
                yield (kind, *place, str(a["recording"]), "", "", "", str(a["amount"]))
            continue
        for recording, amount in zip(a["recordings"], a["amounts"], strict=True):
            share = dict(history.holders(recording)).get(payee) if recording else None
            if share:
                text = (str(recording), a["order"], a["manifest"], str(share), str(amount))
                yield ("credited", *place, *text)


def check_statement(books: Books, path: Path) -> None:
    payee = to_checksum_address(path.stem)
    name = f"statement {payee}"

    def same(place: str, said: Any, due: Any) -> None:
        books.report.equal(f"{name} {place}", said, due, "file", "chain says")

    found = [tuple(row) for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8")))]
    rows, due = found[1:], list(movements(books.history, payee))
    same("header", found[:1], [COLUMNS])
    same("rows", len(rows), len(due))
    if len(rows) != len(due):
        for extra in (Counter(due) - Counter(rows)).elements():
            same("row missing", "nothing", extra)
        for extra in (Counter(rows) - Counter(due)).elements():
            same("row too many", extra, "nothing")
        return
    for number, (row, wanted) in enumerate(zip(rows, due, strict=True), 1):
        for column, said, right in zip_longest(COLUMNS, row, wanted):
            same(f"row {number} {column}", said, right)


# ---- references: the track rendered again (docs/mosaic.md, Render) ------------------------

RENDER_SLACK = 2
RATE, BLOCK, HOP, SPAN = 44_100, 1024, 512, 2048
STEPS = {-3: 861, -2: 912, -1: 967, 0: 1024, 1: 1085, 2: 1149, 3: 1218}
SEPARATION = {
    "rate": RATE, "highpass_hertz": 25, "window": SPAN, "hop": HOP, "layer_bits": 23,
    "median_frames": 17, "median_bins": 31, "fade_bits": 24,
    "resample": {"method": "sinc_interp_hann", "lowpass_filter_width": 24,
                 "rolloff_hundredths": 95},
    "resampler": {"taps": 32, "phases": 1024, "kernel_bits": 22, "kaiser_beta": 6,
                  "cutoff_hundredths": 90, "steps": {str(n): step for n, step in STEPS.items()}},
}
"""The constants of this page's render, as a trace made with them says."""


def decoded(path: Path) -> Any:
    """Steps 1 to 3: float64 of shape (2, frames) at 44,100 Hz, high-passed at 25 Hz."""
    import numpy as np
    import soundfile
    from scipy.signal import lfilter

    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    x = samples.astype(np.float64).T
    rest = x[2:].mean(axis=0) if len(x) > 2 else None
    x = x[[0, 0]] if len(x) == 1 else x[:2] if rest is None else (x[:2] + rest) / 2
    k = math.tan(math.pi * 25 / RATE)
    d = 1 + math.sqrt(2) * k + k * k
    b = np.array([1, -2, 1]) / d
    a = [1, 2 * (k * k - 1) / d, (1 - math.sqrt(2) * k + k * k) / d]
    return lfilter(b, a, resampled(x, rate))


def resampled(x: Any, rate: int) -> Any:
    """Step 2: a windowed sinc per phase, from `rate` to 44,100 Hz."""
    import numpy as np

    if rate == RATE:
        return x
    common = math.gcd(rate, RATE)
    old, new = rate // common, RATE // common
    base = min(old, new) * 0.95
    width = math.ceil(24 * old / base)
    wanted = -(-RATE * x.shape[1] // rate)
    blocks = -(-wanted // new)
    padded = np.zeros((2, max(blocks * old + 2 * width + old, x.shape[1] + width)))
    padded[:, width:width + x.shape[1]] = x
    y = np.empty((2, blocks, new))
    taps = np.arange(2 * width + old)
    rows = np.lib.stride_tricks.sliding_window_view(padded, len(taps), axis=1)[:, ::old][:, :blocks]
    for phase in range(new):
        t = np.clip((-phase / new + (taps - width) / old) * base, -24, 24)
        kernel = np.sinc(t) * np.cos(math.pi * t / 48) ** 2 * base / old
        y[:, :, phase] = rows @ kernel
    return y.reshape(2, -1)[:, :wanted]


@lru_cache(maxsize=MOST_REFERENCES)
def layers(path: Path) -> dict[str, Any]:
    """Step 4: the layers of a file, int32 in units of 2^-23, shape (2, frames)."""
    import numpy as np
    from scipy.ndimage import median_filter

    s = decoded(path)
    count = (s.shape[1] + 1535) // HOP + 1
    window = 0.5 - 0.5 * np.cos(2 * math.pi * np.arange(SPAN) / SPAN)
    padded = np.zeros((2, (count - 1) * HOP + SPAN))
    padded[:, 1536:1536 + s.shape[1]] = s
    frames = np.lib.stride_tricks.sliding_window_view(padded, SPAN, axis=1)[:, ::HOP]
    h = np.zeros_like(padded)
    for first in range(0, count, BLOCK):
        # 8 frames more on each side, for the median over time.
        low, high = max(first - 8, 0), min(first + BLOCK + 8, count)
        x = np.fft.rfft(frames[:, low:high] * window)
        power = (np.abs(x) ** 2).sum(axis=0)
        harmonic = median_filter(power, (17, 1), mode="constant", cval=0.0)
        percussive = median_filter(power, (1, 31), mode="mirror")
        mask = (harmonic + 1e-20) / (harmonic + percussive + 2e-20)
        back = np.fft.irfft(x * mask, n=SPAN) * window
        for frame in range(first, min(first + BLOCK, count)):
            h[:, frame * HOP:frame * HOP + SPAN] += back[:, frame - low]
    total = np.rint(s * 2**23).astype(np.int32)
    harmonic = np.rint(h[:, 1536:1536 + s.shape[1]] / 1.5 * 2**23).astype(np.int32)
    return {"harmonic": harmonic, "percussive": total - harmonic}


def cut(x: Any, first: int, length: int) -> Any:
    """Samples from `first` on, zero outside."""
    import numpy as np

    out = np.zeros((2, length))
    low, high = max(first, 0), min(first + length, x.shape[1])
    if low < high:
        out[:, low - first:high - first] = x[:, low:high]
    return out


def grain(x: Any, edit: Mapping[str, Any]) -> Any:
    """Step 5: one edit's samples, shifted by resampling where it says so."""
    import numpy as np

    length, source = edit["length"], edit["source"]
    if not edit["semitones"]:
        return cut(x, source, length) / 2**23
    step = STEPS[edit["semitones"]]
    c = 0.9 * min(1.0, 1024 / step)
    q, phase = np.divmod(np.arange(length) * step, 1024)
    piece = cut(x, source - 15, int(q[-1]) + 32)
    out = np.zeros((2, length))
    for j in range(-15, 17):
        t = j - phase / 1024
        inside = np.sqrt(np.clip(1 - (t / 16) ** 2, 0, None))
        g = c * np.sinc(c * t) * np.i0(6 * inside) / np.i0(6.0)
        out += piece[:, q + j + 15] * np.rint(np.where(np.abs(t) < 16, g, 0) * 2**22)
    return out / 2**45


def faded(frames: int) -> Any:
    import numpy as np

    k = np.arange(frames)
    return np.rint(np.sin(math.pi / 2 * (k + 0.5) / max(frames, 1)) ** 2 * 2**24) / 2**24


@lru_cache(maxsize=1)
def files_by_hash(folder: Path) -> dict[str, Path]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {sha256(path.read_bytes()).hexdigest(): path for path in files}


def find_references(trace: Mapping[str, Any], folder: Path) -> list[Path]:
    """The file of each reference, by sha256 of its bytes."""
    found = files_by_hash(folder)
    wanted = [reference["audio"] for reference in trace["references"]]
    missing = [name for name in wanted if name not in found]
    if missing:
        raise Unreadable(f"{folder} holds no file with sha256 {', '.join(missing)}")
    return [found[name] for name in wanted]


def compare_render(trace: Mapping[str, Any], folder: Path, samples: bytes) -> tuple[int, int]:
    """The largest difference to the 16-bit samples, and how many samples differ."""
    import numpy as np

    files = find_references(trace, folder)
    mix = np.zeros((2, trace["frames"]))
    parts = {number: layers(path) for number, path in enumerate(files, 1)}
    for edit in trace["edits"]:
        piece = grain(parts[edit["component"]][edit["layer"]], edit)
        fade = np.ones(edit["length"])
        for size, end in ((edit["fade_in"], 1), (edit["fade_out"], -1)):
            fade[::end][:size] *= faded(size)
        place = slice(edit["start"], edit["start"] + edit["length"])
        mix[:, place] += piece * fade * (edit["gain"] / 65536)
    points = np.array(trace["envelope"])
    envelope = np.interp(np.arange(trace["frames"]), points[:, 0], points[:, 1])
    full = mix * (trace["gain"] / 65536) * (envelope / 65536) * 32768
    track = np.clip(np.rint(full), -32768, 32767).T
    pinned = np.frombuffer(samples, "<i2").reshape(-1, 2)
    if pinned.shape != track.shape:
        raise Unreadable(f"the track has shape {pinned.shape}, the trace renders {track.shape}")
    difference = np.abs(pinned - track)
    return int(difference.max()), int((difference > 0).sum())


# ---- the command line ---------------------------------------------------------------------


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Recompute a ledger's payouts, field by field.")
    parser.add_argument("--rpc", required=True, help="Ethereum JSON-RPC over HTTP")
    parser.add_argument("--ledger", help="address; or take it from --deployment")
    parser.add_argument("--deployment", type=Path, help="JSON with ledger, token, splits, block")
    parser.add_argument("--ipfs", required=True, help="gateway URL, folder of blocks or of files")
    parser.add_argument("--generation", action="append", default=[], help="default: all settled")
    parser.add_argument("--statement", type=Path, action="append", default=[], metavar="FILE.csv",
                        help="named after its payee, 0x...csv")
    parser.add_argument("--references", type=Path, help="folder of references, to render again")
    parser.add_argument("--confirmations", type=int, default=0, help="blocks to leave out")
    parser.add_argument("--json", type=Path, help="write the verdicts there as JSON")
    parser.add_argument("--text", type=Path, help="write what is printed there too")
    return parser.parse_args(words)


def open_books(options: argparse.Namespace, report: Report) -> tuple[Books, str]:
    """Reads the whole history; nothing can be audited without it."""
    given = json.loads(options.deployment.read_text()) if options.deployment else {}
    ledger = to_checksum_address(options.ledger or given["ledger"])
    chain = Chain(Rpc(options.rpc), options.confirmations)
    token, splits = (chain.view(ledger, f"{name}()", "address") for name in ("token", "splits"))
    first = int(given.get("block", 0))
    report.line(f"chain {chain.id}, ledger {ledger}, blocks {first} to {chain.head}")
    for name, found in (("chainId", chain.id), ("ledger", ledger), ("token", token),
                        ("splits", splits)):
        if name in given:
            report.equal(f"deployment {name}", given[name], found, "the file")
    logs = chain.logs(ledger, LEDGER_EVENTS, first), chain.logs(splits, SPLIT_EVENTS, first)
    content = Content(options.ipfs)
    history = History(*logs)
    return Books(chain, ledger, splits, history, content, report, options.references), token


def audit(options: argparse.Namespace, report: Report) -> None:
    with report.reading("history"):
        books, token = open_books(options, report)
        settled = {log.args["order"]: log for log in books.history.named("Settled")}
        chosen = [name.lower() for name in options.generation] or list(settled)
        for name in chosen:
            if name in settled:
                Generation(books, settled[name]).run()
            else:
                report.unread(f"generation {name}", "no Settled event up to this block")
        report.begin("", "the ledger")
        with report.reading("registry"):
            check_registry(books)
        with report.reading("conservation"):
            check_conservation(books, token)
        with report.reading("payouts"):
            check_payouts(books)
        for path in options.statement:
            report.begin("", f"statement {path.name}")
            with report.reading(f"statement {path.name}"):
                check_statement(books, path)


def main(words: Sequence[str] | None = None) -> int:
    options = arguments(words)
    text = io.StringIO()
    report = Report([sys.stdout, text])
    audit(options, report)
    report.line(f"\naudit: {report.mismatches} mismatches")
    if options.text:
        options.text.write_text(text.getvalue(), encoding="utf-8")
    if options.json:
        rows = {"mismatches": report.mismatches,
                "verdicts": [asdict(verdict) for verdict in report.verdicts]}
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 1 if report.mismatches else 0


if __name__ == "__main__":
    sys.exit(main())
