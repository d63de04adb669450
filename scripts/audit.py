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
from dataclasses import asdict, dataclass, field, replace
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
SET_DELAY = 48 * 3_600
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
        name, inside = declaration[:-1].split("(", 1)
        found = re.findall(r"(\([^)]*\)|[^\s,(]+)( indexed)? (\w+)", inside)
        return cls(name, tuple((kind, bool(indexed), word) for kind, indexed, word in found))

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
    "Registered(uint32 indexed first, address indexed owner, uint32 split, uint32 consentFrom,"
    " uint32 consentUntil, uint8 uses, uint16 maxShare, bytes32[] audio, bytes32[] metadata,"
    " string isrcs, string licence)",
    "Amended(uint32 indexed recording, uint32 consentFrom, uint32 consentUntil, uint8 uses,"
    " uint16 maxShare, uint8 version)",
    "Revoked(uint32 indexed recording, uint256 at)",
    "FloorsSet(uint32 indexed recording, uint64[4] perSecond)",
    "Offered(uint32 indexed recording, address indexed to)",
    "Assigned(uint32 indexed recording, address indexed owner, uint32 split)",
    "SetProposed(bytes32 indexed set, uint256 threshold, address[] signers,"
    " (uint16,uint16,uint40,uint64) terms)",
    "SetActivated(bytes32 indexed set, uint256 threshold, address[] signers,"
    " (uint16,uint16,uint40,uint64) terms)",
    "SetRemoved(bytes32 indexed set)",
    "Paused(address indexed by)",
    "Unpaused(address indexed by)",
    "NodeAllowed(address indexed node, bool allowed)",
    "ReceiversSet(address indexed protocol, address indexed pool)",
    "Funded(address indexed payer, address indexed from, uint256 amount)",
    "ExitRequested(address indexed payer, uint256 from, uint256 until)",
    "ExitCancelled(address indexed payer)",
    "Exited(address indexed payer, uint256 amount)",
    "Settled(bytes32 indexed order, address indexed payer, address indexed node, bytes32 manifest,"
    " uint256 price, uint256 nodeFee, uint256 protocolFee, uint32[] recordings,"
    " uint256[] amounts)",
    "Upgraded(bytes32 indexed order, bytes32 indexed original)",
    "SettledInBatch(bytes32 indexed order, address indexed payer, uint256 price, address node,"
    " uint256 nodeFee, bytes entries, bytes32 manifest)",
    "Skipped(bytes32 indexed order, bytes4 reason)",
    "Credited(bytes32 indexed set, uint32[] recordings, uint256[] amounts)",
    "Swept(address indexed payer, uint256 protocolFees, uint256 pool)",
    "Rewarded(address indexed from, uint32[] recordings, uint256 each)",
    "Frozen(bytes32 indexed order, bytes32 indexed attestation, uint256 amount)",
    "Released(bytes32 indexed order, bytes32 indexed attestation, uint256 amount, bool reversed)",
    "Withdrawn(uint32 indexed recording, address indexed payee, uint256 amount)",
    "WithdrawnMany(address indexed payee, uint32[] recordings, uint256[] amounts)",
    "NodeWithdrawn(address indexed node, uint256 amount)",
    "Parked(address indexed payee, uint256 amount)",
    "ParkedWithdrawn(address indexed payee, address indexed to, uint256 amount)",
    "Accrued(address indexed holder, uint256 amount)",
    "ClaimedWithdrawn(address indexed holder, address indexed to, uint256 amount)",
)))
SPLIT_EVENTS = tuple(map(EventType.parse, (
    "SplitCreated(uint32 indexed split, address[] payees, uint32[] shares)",
    "TableCreated(uint32 indexed split, uint8[] kinds, address[] payees, uint32[] tables,"
    " uint32[] shares)",
    "PiesCreated(uint32 indexed split, uint32 master, uint32 publishing, uint32 masterShare)",
    "RecoupmentCreated(uint32 indexed split, uint32 table, address recipient, uint128 amount,"
    " bytes32 deal)",
    "Recouped(address indexed ledger, uint32 indexed split, uint256 amount, uint256 total)",
    "Claimed(address indexed holder, address indexed to)",
)))
COURT_EVENTS = tuple(map(EventType.parse, (
    "Challenged(bytes32 indexed order, bytes32 indexed attestation, address indexed challenger,"
    " bytes32 set, uint256 frozen, uint256 bond, uint256 deadline, bytes32 grounds)",
    "Ruled(bytes32 indexed order, bytes32 indexed attestation, address indexed arbiter,"
    " bool reversed, address bondTo, uint256 bond)",
    "Lapsed(bytes32 indexed order, bytes32 indexed attestation, address bondTo, uint256 bond)",
    "BondWithdrawn(address indexed owner, address indexed to, uint256 amount)",
)))
POOL_EVENTS = tuple(map(EventType.parse, (
    "RoundOpened(uint256 indexed round, uint256 at, uint256 last, uint256 amount)",
    "Counted(uint256 indexed round, uint256 from, uint256 to, uint256 members)",
    "Divided(uint256 indexed round, uint256 members, uint256 share, uint256 rest)",
    "Paid(uint256 indexed round, uint256 from, uint256 to, uint256 number)",
    "RoundClosed(uint256 indexed round)",
)))
GRANTED = EventType.parse(
    "RoleGranted(uint64 indexed roleId, address indexed account, uint32 delay, uint48 since,"
    " bool newMember)"
)
Place = tuple[int, int]


@dataclass(frozen=True)
class Log:
    """One decoded event and where it stands."""

    name: str
    block: int
    index: int
    transaction: str
    args: dict[str, Any]
    source: str = ""

    @property
    def place(self) -> Place:
        return self.block, self.index


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

    @property
    def now(self) -> int:
        return self.time(self.head)

    def view(self, to: str, call: str, outputs: str, *arguments: Any) -> Any:
        """Calls `name(types)` at the head; one output gives a value, several a list."""
        kinds = re.split(r",(?![^(]*\))", outputs)
        data = keccak(text=call)[:4] + encode(re.findall(r"\w+", call)[1:], arguments)
        try:
            raw = self.rpc("eth_call", {"to": to, "data": "0x" + data.hex()}, hex(self.head))
        except Refused as error:
            raise Unreadable(f"{call} of {to}: {error}") from None
        if raw == "0x":
            raise Unreadable(f"{call}: {to} answers nothing; is it that contract?")
        values = plain(decode(kinds, to_bytes(hexstr=raw)))
        return values if len(values) > 1 else values[0]

    def logs(self, address: str, types: Sequence[EventType], first: int) -> list[Log]:
        known = {kind.topic: kind for kind in types}
        found = []
        for raw in self._raw_logs(address, first, self.head):
            kind = known.get(raw["topics"][0]) if raw["topics"] else None
            if raw["address"].lower() != address.lower() or raw.get("removed"):
                raise Unreadable(f"eth_getLogs of {address}: a log of {raw['address']}")
            if kind is not None:
                args = kind.decode(raw["topics"], raw["data"])
                place = int(raw["blockNumber"], 16), int(raw["logIndex"], 16)
                found.append(Log(kind.name, *place, raw["transactionHash"], args, address))
        return found

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


@dataclass(frozen=True)
class Consent:
    """One version of a recording's consent; times in seconds since 1970, `until` excluded."""

    since: int
    until: int
    uses: int
    share: int

    @property
    def word(self) -> int:
        """As the ledger keeps a version that was replaced."""
        return self.since << 168 | self.until << 200 | self.uses << 232 | self.share << 240


class History:
    """Everything the contracts' events say, in order."""

    def __init__(self, logs: Sequence[Log], time: Callable[[int], int]) -> None:
        self.time = time
        self.batches: list[tuple[Log, list[Log]]] = []
        self.logs = list(self._unpacked(sorted(logs, key=lambda log: log.place)))
        self.named: dict[str, list[Log]] = defaultdict(list)
        self.recordings: dict[int, tuple[str, str]] = {}
        self.changes: dict[int, list[Log]] = defaultdict(list)
        self.owners: dict[int, list[tuple[Place, str, int]]] = defaultdict(list)
        for log in self.logs:
            self.named[log.name].append(log)
            self._learn(log, log.args)
        self.settled = {log.args["order"]: log for log in self.named["Settled"]}
        self.times = Counter(log.args["order"] for log in self.named["Settled"])

    def _unpacked(self, logs: Sequence[Log]) -> Iterator[Log]:
        """Every generation of a batch as a settlement like any other.

        Its amounts follow from the fee of the set, which the batch's last event names.
        """
        batch: list[Log] = []
        fees: dict[str, int] = {}
        for log in logs:
            if log.name == "SetActivated":
                fees[log.args["set"]] = log.args["terms"][0]
            if log.name in ("SettledInBatch", "Skipped"):
                batch.append(log)
                continue
            if log.name == "Credited":
                batch = [of_batch_event(one, fees.get(log.args["set"], 0)) for one in batch]
                self.batches.append((log, batch))
                yield from batch
                batch = []
            yield log
        if batch:
            raise Unreadable(f"{batch[0].transaction}: a batch without the event Credited")

    def _learn(self, log: Log, a: Mapping[str, Any]) -> None:
        if log.name == "Registered":
            for number, row in enumerate(zip(a["audio"], a["metadata"], strict=True), a["first"]):
                self.recordings[number] = row
                self.changes[number].append(log)
                self.owners[number].append((log.place, a["owner"], a["split"]))
        elif log.name in ("Amended", "Revoked"):
            self.changes[a["recording"]].append(log)
        elif log.name == "Assigned":
            self.owners[a["recording"]].append((log.place, a["owner"], a["split"]))
        elif log.name == "ReceiversSet":
            self.owners[0].append((log.place, a["pool"], 0))

    def last(self, name: str, before: Place, **match: Any) -> Log | None:
        """The newest event of that name before a place, with these arguments."""
        for log in reversed(self.named[name]):
            fits = all(log.args[key] == value for key, value in match.items())
            if fits and log.place < before:
                return log
        return None

    def within(self, log: Log, name: str, **match: Any) -> Log | None:
        """An event of the same transaction as another, with these arguments."""
        for other in self.named[name]:
            fits = all(other.args[key] == value for key, value in match.items())
            if fits and other.transaction == log.transaction:
                return other
        return None

    def recording(self, number: int) -> tuple[str, str]:
        """The hash of its audio and the digest of its metadata."""
        if number not in self.recordings:
            raise Unreadable(f"recording {number} was never registered")
        return self.recordings[number]

    def holder(self, recording: int, before: Place) -> tuple[str, int]:
        """Whose a recording was, and by which split it was paid out."""
        for place, owner, split in reversed(self.owners[recording]):
            if place < before:
                return owner, split
        raise Unreadable(f"recording {recording} had no owner by then")

    def consents(self, recording: int, before: Place) -> list[Consent]:
        """The versions of a recording's consent; one that had not begun leaves no trace."""
        found: list[Consent] = []
        for log in self.changes[recording]:
            a, now = log.args, self.time(log.block)
            if log.place >= before:
                break
            if log.name == "Revoked":
                found[-1] = replace(found[-1], until=a["at"])
                continue
            if found and found[-1].since > now:
                found.pop()
            elif found:
                found[-1] = replace(found[-1], until=min(found[-1].until, now))
            terms = [a[key] for key in ("consentFrom", "consentUntil", "uses", "maxShare")]
            found.append(Consent(*terms))
        return found

    def floors(self, recording: int, before: Place, made: int = 2**64) -> list[int]:
        """Least royalty of a second, by tier, as it was set before a place and until a time."""
        for log in reversed(self.named["FloorsSet"]):
            mine = log.args["recording"] == recording and log.place < before
            if mine and self.time(log.block) <= made:
                return list(log.args["perSecond"])
        return [0] * 4

    def sets(self) -> dict[str, list[Any]]:
        """Every set as its events leave it: active, used, its two fees, until, activeFrom, cap."""
        found: dict[str, list[Any]] = {}
        logs = [*self.named["SetProposed"], *self.named["SetActivated"], *self.named["SetRemoved"]]
        for log in sorted(logs, key=lambda log: log.place):
            name, before = log.args["set"], found.get(log.args["set"], [False] * 7)
            if log.name == "SetRemoved":
                found[name] = [False, *before[1:]]
                continue
            fee, most, until, cap = log.args["terms"]
            if log.name == "SetProposed":
                start = self.time(log.block) + SET_DELAY
                found[name] = [False, before[1], fee, most, until, start, cap]
            else:
                start = before[5] or self.time(log.block)
                found[name] = [True, True, fee, most, until, start, cap]
        return found


# ---- how amounts divide -------------------------------------------------------------------


def cumulative(total: int, parts: Sequence[int]) -> list[int]:
    """Parts of a total by floor(total * upTo / 1e6) - floor(total * before / 1e6)."""
    edges = [total * upto // MILLION for upto in accumulate(parts, initial=0)]
    return [second - first for first, second in pairwise(edges)]


def entries(packed: str) -> dict[int, int]:
    """8 bytes each: recording, weight. Raises where the contract would have refused them."""
    found = list(struct.iter_unpack(">II", to_bytes(hexstr=packed)))
    if any(first[0] >= second[0] for first, second in pairwise(found)):
        raise Unreadable("entries: recordings are not strictly ascending")
    if sum(weight for _, weight in found) != MILLION or any(not w for _, w in found):
        raise Unreadable("entries: weights are not positive with the sum 1,000,000")
    return dict(found)


def of_batch_event(log: Log, protocol_bps: int) -> Log:
    """SettledInBatch as the event Settled would have told it; other events stay as they are."""
    if log.name != "SettledInBatch":
        return log
    a, weights = dict(log.args), entries(log.args["entries"])
    a["protocolFee"] = a["price"] * protocol_bps // 10_000
    royalty = a["price"] - a["nodeFee"] - a["protocolFee"]
    a["recordings"], a["amounts"] = list(weights), cumulative(royalty, list(weights.values()))
    return replace(log, name="Settled", args=a)


HOLDER, TABLE, PENDING = range(3)
Row = tuple[int, Any, int]


class Splits:
    """Tables, pies, recoupments and claims as their events tell them, and how they divide."""

    def __init__(self, ledger: str) -> None:
        self.ledger = ledger
        self.created: dict[int, Log] = {}
        self.rows: dict[int, list[Row]] = {}
        self.recouped: dict[int, int] = defaultdict(int)
        self.passed: dict[int, int] = defaultdict(int)
        self.claimed: dict[str, str] = {}
        self.said: list[list[int]] = []

    def learn(self, log: Log) -> None:
        a = log.args
        if log.name == "Claimed":
            self.claimed[a["holder"]] = a["to"]
        elif log.name == "Recouped" and a["ledger"] == self.ledger:
            self.said.append([a["split"], a["amount"], a["total"]])
        elif log.name in ("SplitCreated", "TableCreated", "PiesCreated", "RecoupmentCreated"):
            self.created[a["split"]] = log
            self.rows[a["split"]] = list(self._rows(log.name, a))

    @staticmethod
    def _rows(name: str, a: Mapping[str, Any]) -> Iterator[Row]:
        """What it pays as (kind, payee or table, share); a recoupment only names its table."""
        if name == "SplitCreated":
            for payee, share in zip(a["payees"], a["shares"], strict=True):
                yield HOLDER, payee, share
        elif name == "TableCreated":
            columns = zip(a["kinds"], a["payees"], a["tables"], a["shares"], strict=True)
            for kind, payee, table, share in columns:
                yield kind, table if kind == TABLE else payee, share
        elif name == "PiesCreated":
            yield TABLE, a["master"], a["masterShare"]
            yield TABLE, a["publishing"], MILLION - a["masterShare"]
        else:
            yield TABLE, a["table"], MILLION

    def divide(self, split: int, amount: int) -> list[tuple[str, int, bool]]:
        """Payee, amount and whether it has to wait for a claim; what passes counts as recouped."""
        if split not in self.rows:
            raise Unreadable(f"split {split} was never created")
        deal, found = self.created[split].args, []
        if self.created[split].name == "RecoupmentCreated":
            taken = min(amount, deal["amount"] - self.recouped[split])
            self.recouped[split] += taken
            self.passed[split] += taken
            found, amount = [(deal["recipient"], taken, False)], amount - taken
        rows = self.rows[split]
        for (kind, to, _), part in zip(rows, cumulative(amount, [r[2] for r in rows]), strict=True):
            if kind == TABLE:
                found += self.divide(to, part)
            else:
                found.append((self.claimed.get(to, to) if kind == PENDING else to, part,
                              kind == PENDING and to not in self.claimed))
        return found


# ---- money --------------------------------------------------------------------------------


@dataclass
class Bucket:
    """Money that passes the dispute window: `matured` can be withdrawn, `prev` and `cur` cannot.

    `cur` came in `epoch` (of the window's length), `prev` in the one before it. `spent` is what was
    settled through a node in `epoch`.
    """

    matured: int = 0
    prev: int = 0
    cur: int = 0
    epoch: int = 0
    spent: int = 0

    def roll(self, epoch: int) -> Bucket:
        """Moves on to an epoch; the ledger counts them modulo 2^16."""
        age = (epoch - self.epoch) % 2**16
        if age:
            self.matured, self.prev = self.matured + self.prev, self.cur
            self.cur = self.spent = 0
        if age > 1:
            self.matured, self.prev = self.matured + self.prev, 0
        self.epoch = epoch
        return self

    def freeze(self, amount: int) -> None:
        """Takes what is still open to dispute, the oldest first."""
        older = min(amount, self.prev)
        self.prev, self.cur = self.prev - older, self.cur - (amount - older)


@dataclass(frozen=True)
class Finding:
    """Something that must hold of an event: what it says, and what the events before it leave."""

    name: str
    good: bool
    said: Any
    due: Any


class Money:
    """Every pocket of the ledger, moved by one event after the other.

    Whoever is paid gets all that stands there by then: a withdrawal what has matured, a sweep and
    an exit the whole. Whether they did are the `findings`.
    """

    def __init__(self, history: History, splits: Splits, window: int) -> None:
        self.history, self.splits, self.window = history, splits, window
        self.buckets: dict[tuple[str, Any], Bucket] = defaultdict(Bucket)
        self.purses: dict[tuple[str, Any], int] = defaultdict(int)
        self.findings: list[Finding] = []
        self.settlements: dict[Place, tuple[int, bool]] = {}
        self.receiver, self.paused = "", False
        self.exits: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        self.offers: dict[int, str] = {}
        self.payout: list[Log] = []
        self.sent: list[Any] = []
        for log in history.logs:
            if self.payout and not self._goes_on(log):
                self._end_payout()
            self.splits.learn(log)
            self._move(log, log.args)
        self._end_payout()

    def epoch(self, time: int) -> int:
        return time // self.window % 2**16

    def bucket(self, kind: str, whose: Any, log: Log) -> Bucket:
        return self.buckets[kind, whose].roll(self.epoch(self.history.time(log.block)))

    def _find(self, what: str, log: Log, said: Any, due: Any) -> None:
        name = f"{what} in {log.transaction[:10]}.."
        self.findings.append(Finding(name, said == due, said, due))

    def _move(self, log: Log, a: Mapping[str, Any]) -> None:
        sent, self.sent = self.sent, []
        match log.name:
            case "Funded":
                self.purses["escrow", a["payer"]] += a["amount"]
            case "Settled":
                self._settle(log, a)
            case "Paused" | "Unpaused":
                self.paused = log.name == "Paused"
            case "ExitRequested":
                self.exits[a["payer"]] = [a["from"], a["until"]]
            case "ExitCancelled":
                self.exits.pop(a["payer"], None)
            case "Exited":
                self._exit(log, a["payer"], a["amount"])
            case "ReceiversSet":
                self.receiver = a["protocol"]
            case "Swept":
                self._empty("fees swept", log, ("protocol fees of", a["payer"]), a["protocolFees"])
                self._empty("pool swept", log, ("pool of", a["payer"]), a["pool"])
                self.bucket("fees", "", log).cur += a["protocolFees"]
                self.bucket("recording", 0, log).cur += a["pool"]
            case "Rewarded":
                for recording in a["recordings"]:
                    self.bucket("recording", recording, log).matured += a["each"]
            case "Frozen" | "Released":
                self._dispute(log, a)
            case "Offered":
                self.offers[a["recording"]] = a["to"]
            case "Assigned":
                self._assign(log, a["recording"], a["owner"])
            case "Withdrawn":
                self.payout.append(log)
                self.sent = [a["payee"], a["amount"]]
            case "WithdrawnMany":
                for recording, amount in zip(a["recordings"], a["amounts"], strict=True):
                    self._pay(log, recording, [[a["payee"], amount, ""]])
                self.sent = [a["payee"], sum(a["amounts"])]
            case "NodeWithdrawn":
                self._pay_node(log, a["node"], a["amount"])
            case "Parked" | "Accrued":
                waits, who = log.name.lower(), a.get("payee") or a["holder"]
                self.purses[f"{waits} for", who] += a["amount"]
                self._find(f"{waits} for {who}", log, [who, a["amount"]], sent)
                if self.payout:
                    self.payout.append(log)
            case "ParkedWithdrawn":
                self._empty("collected", log, ("parked for", a["payee"]), a["amount"])
            case "ClaimedWithdrawn":
                self._empty("claimed", log, ("accrued for", a["holder"]), a["amount"])
                claimed = self.splits.claimed.get(a["holder"], "nobody")
                self._find(f"claim of {a['holder']}", log, a["to"], claimed)
                self.sent = [a["to"], a["amount"]]

    def _empty(self, what: str, log: Log, purse: tuple[str, str], amount: int) -> None:
        """Takes an amount out of a purse, which has to be all that it holds."""
        self._find(f"{what} of {purse[1]}", log, amount, self.purses[purse])
        self.purses[purse] -= amount

    def _settle(self, log: Log, a: Mapping[str, Any]) -> None:
        node = self.bucket("node", a["node"], log)
        node.cur += a["nodeFee"]
        node.spent += a["price"]
        self.settlements[log.place] = node.spent, self.paused
        self.purses["escrow", a["payer"]] -= a["price"]
        self.purses["protocol fees of", a["payer"]] += a["protocolFee"]
        for recording, amount in zip(a["recordings"], a["amounts"], strict=True):
            if recording:
                self.bucket("recording", recording, log).cur += amount
            else:
                self.purses["pool of", a["payer"]] += amount

    def _exit(self, log: Log, payer: str, amount: int) -> None:
        since, until = self.exits.pop(payer, [0, 0])
        now = self.history.time(log.block)
        said, due = f"at {now}", f"from {since} to {until}, as announced"
        name = f"exit of {payer} in {log.transaction[:10]}.. time"
        self.findings.append(Finding(name, since <= now < until, said, due))
        self._empty("exit", log, ("escrow", payer), amount)
        self.sent = [payer, amount]

    def _dispute(self, log: Log, a: Mapping[str, Any]) -> None:
        """The whole price of a settlement, out of where it is or back, to be withdrawn at once."""
        settled, amount = self.history.settled.get(a["order"]), a["amount"]
        if settled is None or settled.place > log.place:
            self._find(f"{log.name.lower()} order", log, a["order"], "never settled")
            return
        s, frozen = settled.args, ("frozen", a["attestation"])
        parts = [("recording", number, part)
                 for number, part in zip(s["recordings"], s["amounts"], strict=True)]
        parts += [("node", s["node"], s["nodeFee"]), ("fees", "", s["protocolFee"])]
        if log.name == "Frozen":
            self._find("frozen", log, amount, s["price"])
            for kind, whose, part in parts:
                self.bucket(kind, whose, log).freeze(part)
            self.purses[frozen] += amount
            return
        self._empty("released", log, frozen, amount)
        if not a["reversed"]:
            for kind, whose, part in parts:
                self.bucket(kind, whose, log).matured += part
        elif self.purses["escrow", s["payer"]] + amount < 2**64:
            self.purses["escrow", s["payer"]] += amount
        else:
            self.sent = [s["payer"], amount]

    def _assign(self, log: Log, recording: int, owner: str) -> None:
        """A new table by the owner, or a new owner to whom the recording was offered."""
        before, _ = self.history.holder(recording, log.place)
        if owner != before:
            self._find(f"recording {recording} taken", log, owner,
                       self.offers.pop(recording, "offered to nobody"))

    def _pay_node(self, log: Log, node: str, amount: int) -> None:
        """What a node has earned, and with it the fees where it receives them."""
        pockets = [self.bucket("node", node, log)]
        if node == self.receiver:
            pockets.append(self.bucket("fees", "", log))
        self._find(f"payout of node {node}", log, amount, sum(one.matured for one in pockets))
        pockets[0].matured -= amount - sum(one.matured for one in pockets[1:])
        for fees in pockets[1:]:
            fees.matured = 0
        self.sent = [node, amount]

    def _goes_on(self, log: Log) -> bool:
        """Whether an event belongs to the payout of a recording that has begun."""
        first = self.payout[0]
        same = log.name == "Withdrawn" and log.args["recording"] == first.args["recording"]
        return log.transaction == first.transaction and (same or log.name in ("Parked", "Accrued"))

    def _end_payout(self) -> None:
        if self.payout:
            first, paid = self.payout[0], list[list[Any]]()
            for log in self.payout:
                if log.name == "Withdrawn":
                    paid.append([log.args["payee"], log.args["amount"], ""])
                else:
                    paid[-1][2] = log.name
            self._pay(first, first.args["recording"], paid)
        self.payout = []

    def _pay(self, log: Log, recording: int, paid: list[list[Any]]) -> None:
        """All that has matured, divided among who held the recording then, as they were then."""
        name, total = f"payout of recording {recording}", sum(row[1] for row in paid)
        bucket = self.bucket("recording", recording, log)
        self._find(f"{name} matured", log, total, bucket.matured)
        bucket.matured -= total
        owner, split = self.history.holder(recording, log.place)
        self.splits.passed.clear()
        due = self.splits.divide(split, total) if split else [(owner, total, False)]
        self._find(name, log, [row[:2] for row in paid], [[*row[:2]] for row in due if row[1]])
        accrued = [row[:2] for row in paid if row[2] == "Accrued"]
        waits = [[who, part] for who, part, pending in due if pending and part]
        if accrued or waits:
            self._find(f"{name} accrued", log, accrued, waits)
        said, self.splits.said = self.splits.said, []
        recouped = [[deal, taken, self.splits.recouped[deal]]
                    for deal, taken in self.splits.passed.items() if taken]
        if said or recouped:
            self._find(f"{name} recouped", log, sorted(said), sorted(recouped))


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
QUORUM = (("uint8", "threshold"), ("address[]", "signers"), ("bytes", "signatures"))
DOMAIN = (
    ("string", "name"), ("string", "version"), ("uint256", "chainId"),
    ("address", "verifyingContract"),
)
Fields = Sequence[tuple[str, str]]


def tuple_type(fields: Fields) -> str:
    return "(" + ",".join(kind for kind, _ in fields) + ")"


RECEIPT = tuple_type([*((tuple_type(part), "") for part in (ORDER, ATTESTATION[2:], QUORUM)),
                      ("bytes32[]", "batch")])
SETTLE_TYPES = [tuple_type(ORDER), "bytes", tuple_type(ATTESTATION[2:]), tuple_type(QUORUM)]
BATCH = "(uint256,uint256,address[],address[],bytes,bytes)"
CALL_TYPES = {
    "settle": SETTLE_TYPES, "upgrade": [RECEIPT, *SETTLE_TYPES],
    "settleBatch": [BATCH, tuple_type(QUORUM)],
    "settleOrders": [BATCH, "bytes", tuple_type(QUORUM)],
}


def selector(name: str, types: Sequence[str]) -> bytes:
    return keccak(text=f"{name}({','.join(types)})")[:4]


def type_text(name: str, fields: Fields) -> str:
    return f"{name}({','.join(' '.join(pair) for pair in fields)})"


def list_hash(name: str, item: str, fields: Fields, structs: Sequence[bytes]) -> bytes:
    """EIP-712 hashStruct of a struct that holds a list and nothing else."""
    kind = f"{name}({item}[] {item.lower()}s)" + type_text(item, fields)
    return keccak(keccak(text=kind) + keccak(b"".join(structs)))


def struct_hash(name: str, fields: Fields, values: Mapping[str, Any]) -> bytes:
    """EIP-712 hashStruct: strings and bytes go in by their keccak."""
    words = [keccak(text=type_text(name, fields))]
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


def widened(signature: bytes) -> bytes:
    """A signature of 64 bytes in its 65; any other as it is."""
    if len(signature) != 64:
        return signature
    parity, s = divmod(int.from_bytes(signature[32:], "big"), 2**255)
    return signature[:32] + s.to_bytes(32, "big") + bytes([27 + parity])


@lru_cache(maxsize=4_096)
def signer(domain: bytes, struct: bytes, signature: bytes) -> str:
    """Who signed, by 64 bytes (EIP-2098) or 65; with a high s, or v not 27 or 28, it is nobody."""
    signature = widened(signature)
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


def quorum_items(packed: bytes) -> Iterator[tuple[str, bytes]]:
    """One signature after another, with the address before it where it is a contract's."""
    at = 0
    while at < len(packed):
        first, length = (int.from_bytes(packed[at + i:at + i + 32], "big") for i in (0, 32))
        contract = at + 64 <= len(packed) and first < 2**160
        end = at + 64 + (length if contract else 0)
        name = to_checksum_address(f"0x{first:040x}") if contract else ""
        yield name, packed[at + 64 if contract else at:end]
        at = end


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
    window: int
    history: History
    content: Content
    report: Report
    references: Path | None = None
    courts: Sequence[str] = ()
    calls: dict[str, tuple[int, list[Call]]] = field(default_factory=dict)

    @cached_property
    def domain(self) -> bytes:
        return domain_hash(self.chain.id, self.ledger)

    @cached_property
    def money(self) -> Money:
        return Money(self.history, Splits(self.ledger), self.window)

    def signed_by(self, account: str, struct: bytes, signature: bytes) -> bool:
        """Whether a contract (ERC-1271) stands by a signature, asked now and not as of then."""
        digest = keccak(b"\x19\x01" + self.domain + struct)
        call = "isValidSignature(bytes32,bytes)"
        answer = self.chain.view(account, call, "bytes32", digest, signature)
        return bool(answer == "0x1626ba7e" + "00" * 28)


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


@dataclass(frozen=True)
class Call:
    """What a transaction brought to settle one order: everything that was signed.

    `orders` and `batch` are the struct hashes of the lists that payer and quorum signed instead of
    this one order and this one attestation.
    """

    order: dict[str, Any]
    order_signature: str
    attestation: dict[str, Any]
    quorum: dict[str, Any]
    original: Call | None = None
    orders: bytes = b""
    batch: bytes = b""

    @classmethod
    def named(cls, order: Any, signature: Any, attestation: Any, quorum: Any) -> Call:
        fields = ((ORDER, order), (ATTESTATION[2:], attestation), (QUORUM, quorum))
        first, second, third = (
            {name: plain(value) for (_, name), value in zip(kinds, values, strict=True)}
            for kinds, values in fields
        )
        return cls(first, plain(signature), second, third)

    @cached_property
    def order_struct(self) -> bytes:
        return struct_hash("Order", ORDER, self.order)

    @property
    def id(self) -> str:
        return "0x" + self.order_struct.hex()

    @cached_property
    def set(self) -> str:
        return set_id(self.quorum["threshold"], self.quorum["signers"])

    @cached_property
    def struct(self) -> bytes:
        values = dict(self.attestation, order=self.id, set=self.set)
        return struct_hash("Attestation", ATTESTATION, values)


def of_settle(data: bytes) -> list[Call]:
    return [Call.named(*decode(SETTLE_TYPES, data))]


def of_upgrade(data: bytes) -> list[Call]:
    (order, attestation, quorum, _), *rest = decode(CALL_TYPES["upgrade"], data)
    return [replace(Call.named(*rest), original=Call.named(order, b"", attestation, quorum))]


def of_batch(data: bytes) -> list[Call]:
    batch, quorum = decode(CALL_TYPES["settleBatch"], data)
    return signed_together(list(unpacked(batch, quorum, 64)))


def of_orders(data: bytes) -> list[Call]:
    batch, signature, quorum = decode(CALL_TYPES["settleOrders"], data)
    calls = signed_together(list(unpacked(batch, quorum, 0)))
    orders = list_hash("Orders", "Order", ORDER, [call.order_struct for call in calls])
    return [replace(call, order_signature=plain(signature), orders=orders) for call in calls]


def signed_together(calls: Sequence[Call]) -> list[Call]:
    batch = list_hash("Batch", "Attestation", ATTESTATION, [call.struct for call in calls])
    return [replace(call, batch=batch) for call in calls]


PACKED = (32, 32, 1, 1, 4, 4, 6, 6, 6, 4, 1, 1, 1, 1)
"""Bytes of request, manifest, payer, node, nonce, deadline, maxPrice, price, nodeFee, generatedAt,
tier, rule, use and number of entries. The deadline is counted from the making, the highest price
from the price, the making from the batch's `since`."""


def unpacked(batch: Any, quorum: Any, tail: int) -> Iterator[Call]:
    """The generations of a batch, one after another; `tail` bytes of signature behind each."""
    since, _, payers, nodes, recordings, packed = batch
    ids, at = [number for number, in struct.iter_unpack(">I", recordings)], 0
    while at < len(packed):
        edges = list(accumulate(PACKED, initial=at))
        request, manifest, *rest = (packed[a:b] for a, b in pairwise(edges))
        payer, node, nonce, later, more, price, fee, delay, tier, rule, use, count = (
            int.from_bytes(part, "big") for part in rest
        )
        end, made = edges[-1] + 4 * count, since + delay
        order = (payers[payer], nonce, request, price + more, tier, use, rule, made + later)
        weights = unpacked_entries(packed[edges[-1]:end], ids)
        attestation = (price, nodes[node], fee, made, weights, manifest)
        yield Call.named(order, packed[end:end + tail], attestation, quorum)
        at = end + tail
    if at != len(packed):
        raise Unreadable(f"batch: its generations end at byte {at} of {len(packed)}")


def unpacked_entries(packed: bytes, ids: Sequence[int]) -> bytes:
    """4 bytes each: 20 bits of weight, less one; 12 of the places passed over since the last."""
    found, place = b"", 0
    for word, in struct.iter_unpack(">I", packed):
        place += word & 0xFFF
        found += struct.pack(">II", ids[place], (word >> 12) + 1)
        place += 1
    return found


READERS = {"settle": of_settle, "upgrade": of_upgrade, "settleBatch": of_batch,
           "settleOrders": of_orders}
CALLS = {selector(name, CALL_TYPES[name]): read for name, read in READERS.items()}


def read_calls(books: Books, transaction: str) -> tuple[int, list[Call]]:
    """The block and the signed parts of a transaction that settles."""
    if transaction not in books.calls:
        found = books.chain.rpc("eth_getTransactionByHash", transaction)
        if not isinstance(found, dict):
            raise Unreadable(f"the RPC has no transaction {transaction}")
        data = to_bytes(hexstr=found["input"])
        if str(found["to"]).lower() != books.ledger.lower() or data[:4] not in CALLS:
            raise Unreadable(f"{transaction} is no direct call that settles")
        books.calls[transaction] = int(found["blockNumber"], 16), CALLS[data[:4]](data[4:])
    return books.calls[transaction]


def read_call(books: Books, settled: Log) -> tuple[int, Call]:
    """The one that is of this order; without it the first, to say what is wrong with that."""
    block, calls = read_calls(books, settled.transaction)
    return block, next((call for call in calls if call.id == settled.args["order"]), calls[0])


class Generation:
    """One settled order, recomputed step by step; a step without its input is named, not run."""

    def __init__(self, books: Books, settled: Log) -> None:
        self.books, self.log, self.report = books, settled, books.report
        self.event, self.history = settled.args, books.history
        self.original = self.history.last("Upgraded", (2**64, 0), order=self.event["order"])
        self.call: Call | None = None
        self.order: dict[str, Any] = {}
        self.attestation: dict[str, Any] = {}
        self.quorum: dict[str, Any] = {}
        self.manifest: dict[str, Any] = {}
        self.trace: dict[str, Any] = {}
        self.audio, self.lower = b"", 0

    def run(self) -> None:
        name = self.event["order"]
        self.report.begin(f"generation {name[:10]}..", f"generation {name}")
        self.step("transaction", self.read_transaction)
        self.step("order", self.check_order, self.order)
        self.step("attestation", self.check_attestation, self.attestation)
        self.step("quorum", self.check_quorum, self.quorum)
        self.step("amounts", self.check_amounts, self.attestation)
        self.step("dispute", self.check_dispute, self.attestation)
        self.step("manifest", self.read_manifest)
        if self.original is not None:
            self.step("upgrade", self.check_upgrade, self.order)
        else:
            self.check_content()
        self.step("consent", self.check_consent, self.manifest, self.attestation)
        self.step("floor", self.check_floor, self.manifest, self.order)
        self.step("table", self.table, self.attestation)

    def check_content(self) -> None:
        """What is pinned; of an upgrade it is the original's, and audited with that."""
        self.step("manifest", self.check_manifest, self.manifest, self.order)
        self.step("request", self.check_request, self.manifest, self.order)
        self.step("trace", self.read_trace, self.manifest)
        self.step("trace", self.check_trace, self.trace)
        if self.trace.get("edits"):
            self.step("edits", self.check_edits, self.trace)
        self.step("vectors", self.check_vectors, self.trace)
        self.step("weights", self.check_weights, self.trace, self.attestation)
        self.step("audio", self.check_audio, self.manifest)
        if self.books.references is not None:
            self.step("references", self.check_render, self.trace, self.audio)

    def step(self, name: str, check: Callable[[], None], *needs: Any) -> None:
        if all(needs):
            with self.report.reading(name):
                check()
        else:
            self.report.line(f"     {name} not checked: what it needs could not be read (above)")

    def read_transaction(self) -> None:
        block, self.call = read_call(self.books, self.log)
        self.report.equal("transaction block", block, self.log.block)
        call = self.call
        self.report.equal("upgraded", self.original is not None, call.original is not None)
        self.order, self.attestation, self.quorum = call.order, call.attestation, call.quorum

    def check_order(self) -> None:
        order, report, name = self.order, self.report, self.event["order"]
        if self.call is not None:
            report.equal("order hash", name, self.call.id)
            report.equal("payer", self.event["payer"], order["payer"])
            self._check_payer(self.call.orders or self.call.order_struct)
        most, price = order["maxPrice"], self.event["price"]
        report.holds("price", price <= most, price, f"at most {most}, as ordered", "chain")
        _, use = TIERS[order["tier"]]
        report.equal("order use", order["use"], use)
        report.equal("times settled", self.history.times[name], 1)
        which = ("isNonceUsed(address,uint256)", "bool", order["payer"], order["nonce"])
        report.equal("nonce used", self.books.chain.view(self.books.ledger, *which), True)

    def _check_payer(self, struct: bytes) -> None:
        """By the payer's key, or by the payer's contract (ERC-1271) where it is one."""
        payer, chain, signature = self.order["payer"], self.books.chain, self.order_signature
        found = signer(self.books.domain, struct, signature)
        if found != payer and chain.rpc("eth_getCode", payer, hex(chain.head)) != "0x":
            good = self.books.signed_by(payer, struct, signature)
            self.report.equal("order signature (ERC-1271)", good, True)
            return
        self.report.equal("order signature", payer, found)

    @property
    def order_signature(self) -> bytes:
        return to_bytes(hexstr=self.call.order_signature) if self.call else b""

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
        allowed = self.history.last("NodeAllowed", self.log.place, node=attestation["node"])
        report.equal("node allowed", True, allowed is not None and allowed.args["allowed"])
        report.equal("paused", False, self.books.money.settlements[self.log.place][1])

    def check_quorum(self) -> None:
        quorum, report = self.quorum, self.report
        signers, threshold = quorum["signers"], quorum["threshold"]
        found = []
        for place, item in enumerate(quorum_items(to_bytes(hexstr=quorum["signatures"]))):
            with report.reading(f"oracle signature[{place}]"):
                who = self._oracle(*item)
                found.append(who)
                member = "a signer of the set" if who not in signers else who
                report.equal(f"oracle signature[{place}]", member, who, "the set")
        report.holds("oracle signatures", len(found) >= threshold, len(found),
                     f"at least {threshold}", "chain")
        order = [int(who, 16) for who in found if who in signers]
        ascending = all(first < second for first, second in pairwise(order))
        report.holds("oracle signers", ascending, found, "strictly ascending", "chain")
        self._check_set(set_id(threshold, signers))

    def _oracle(self, contract: str, signature: bytes) -> str:
        """Which oracle signed: a key, or a contract that stands by what is given as its."""
        struct = self.call.batch or self.call.struct if self.call else b""
        if not contract:
            return signer(self.books.domain, struct, signature)
        good = self.books.signed_by(contract, struct, signature)
        return contract if good else f"nobody: {contract} refuses"

    def _check_set(self, name: str) -> None:
        active = self.history.last("SetActivated", self.log.place, set=name)
        removed = self.history.last("SetRemoved", self.log.place, set=name)
        if active is None:
            self.report.equal("oracle set", name, "never activated before this")
            return
        gone = removed is not None and removed.place > active.place
        self.report.equal("oracle set", name, f"{name} removed" if gone else name)
        _, _, until, cap = active.args["terms"]
        now, (spent, _) = (self.history.time(self.log.block),
                           self.books.money.settlements[self.log.place])
        self.report.holds("oracle set until", now < until, until, f"after {now}", "chain")
        self.report.holds("node cap", spent <= cap, spent, f"at most {cap} in a window", "chain")

    def check_amounts(self) -> None:
        event, report, attestation = self.event, self.report, self.attestation
        name = set_id(self.quorum["threshold"], self.quorum["signers"])
        active = self.history.last("SetActivated", self.log.place, set=name)
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

    def check_dispute(self) -> None:
        """What was frozen of it is this very attestation, while its window was open."""
        for log in self.history.named["Frozen"]:
            if log.args["order"] == self.event["order"] and self.call:
                name = "0x" + self.call.struct.hex()
                self.report.equal("frozen attestation", log.args["attestation"], name)
                end = self.attestation["generatedAt"] + self.books.window
                now = self.history.time(log.block)
                self.report.holds("frozen in time", now < end, now, f"before {end}", "chain")

    def check_upgrade(self) -> None:
        """The same track for a higher tier: what it names was settled, and nothing else changed."""
        report, name = self.report, self.original.args["original"] if self.original else ""
        report.equal("upgrade request", name, self.order["request"])
        settled = self.history.settled.get(name)
        if settled is None or settled.place > self.log.place:
            report.equal("upgrade original", name, "never settled before this")
            return
        _, before = read_call(self.books, settled)
        given = self.call.original if self.call else None
        hashes = ["0x" + call.struct.hex() if call else "no receipt" for call in (before, given)]
        report.equal("upgrade original", name, before.id)
        report.equal("upgrade receipt", *hashes)
        self.lower, tier = before.order["tier"], self.order["tier"]
        report.holds("upgrade tier", tier > self.lower, tier, f"above {self.lower}", "order")
        for key in ("entries", "manifest"):
            report.equal(f"upgrade {key}", before.attestation[key], self.attestation[key])
        report.line(f"     manifest, trace and audio are those of generation {name}")

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
            "block": seen, "order": texts,
            "order_signature": self.signature_like(m.get("order_signature")),
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

    def signature_like(self, found: Any) -> str:
        """The order's signature: in 65 bytes where the manifest has them, which a batch packs."""
        made = self.order_signature
        return "0x" + (widened(made) if len(str(found)) == 2 + 2 * 65 else made).hex()

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
            audio, metadata = self.history.recording(item["recording"])
            place = f"references[{item['recording']}]"
            report.equal(f"{place}.audio", audio, "0x" + item["audio"])
            report.equal(f"{place}.metadata", metadata, item["metadata"])

    @property
    def seen(self) -> Place:
        """Up to where the oracles read: the end of the block that the manifest names.

        An upgrade names none; what counts is what the ledger saw when it settled.
        """
        return self.log.place if self.original else (self.manifest["block"]["number"] + 1, 0)

    def check_consent(self) -> None:
        """Of every recording asked for or paid: at generatedAt, as of the block that was read."""
        paid = entries(self.attestation["entries"])
        for recording in sorted({*paid, *self.asked} - {0}):
            with self.report.reading(f"consent[{recording}]"):
                self._check_consent(recording, paid.get(recording, 0))

    @property
    def asked(self) -> list[int]:
        return [item["recording"] for item in self.manifest["references"]]

    def _check_consent(self, recording: int, weight: int) -> None:
        versions, place = self.history.consents(recording, self.seen), f"consent[{recording}]"
        if not versions:
            raise Unreadable(f"recording {recording} was not registered by then")
        made = self.attestation["generatedAt"]
        begun = [version for version in versions if version.since <= made]
        known = begun[-1] if begun else versions[0]
        good = known.since <= made < known.until
        self.report.holds(f"{place} window", good, f"{known.since} to {known.until}",
                          f"generated at {made}", "chain")
        use, most = self.order["use"], known.share * 100
        self.report.holds(f"{place} uses", known.uses & use == use, known.uses,
                          f"all of {use} needed", "chain")
        self.report.holds(f"{place} share", weight <= most, most,
                          f"{weight}, at most this", "chain")

    def check_floor(self) -> None:
        """Royalty of a second: at least the largest floor among the recordings asked for.

        An upgrade adds to what was paid before, or to what the lower tier's floor would ask now.
        """
        seconds, tier = self.manifest["request"]["length"], self.order["tier"]
        most, number = self._floor(tier)
        royalty, *before = (sum(log.args["amounts"]) for log in self.paid)
        less = 0
        if before:
            less = max(sum(before), self._floor(self.lower)[0] * seconds)
        least = max(most * seconds - less, 0)
        why = f"at least {least}: {seconds} seconds of recording {number}'s {most}, less {less}"
        self.report.holds("royalty floor", royalty >= least, royalty, why, "chain")

    def _floor(self, tier: int) -> tuple[int, int]:
        """The largest floor when the track was attested, and whose it is."""
        made, found = self.attestation["generatedAt"], []
        for number in self.asked:
            found.append((self.history.floors(number, self.seen, made)[tier], number))
        return max(found)

    @property
    def paid(self) -> list[Log]:
        """Every settlement that this one builds on, itself included: an upgrade, its originals."""
        found, upgrade = [self.log], self.original
        while upgrade is not None and upgrade.args["original"] in self.history.settled:
            found.append(self.history.settled[upgrade.args["original"]])
            upgrade = self.history.last("Upgraded", upgrade.place, order=found[-1].args["order"])
        return found

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


def same_view(books: Books, name: str, call: str, kinds: str, found: Any, *which: Any,
              of: str = "") -> None:
    """A verdict on what a contract answers, the ledger unless another is named."""
    with books.report.reading(name):
        books.report.equal(name, books.chain.view(of or books.ledger, call, kinds, *which), found)


def check_registry(books: Books) -> None:
    """Who and what is known, by the events, against what the contracts answer."""
    history, now = books.history, (books.chain.head + 1, 0)
    same_view(books, "recordings", "recordingCount()", "uint256", len(history.recordings))
    for number in history.recordings:
        versions = history.consents(number, now)
        if len(versions) > 1:
            past = len(versions) - 2
            same_view(books, f"recording {number} consent before", "pastConsent(uint32,uint8)",
                      "uint256", versions[past].word, number, past % 256)
        if history.last("FloorsSet", now, recording=number):
            same_view(books, f"recording {number} floors", "floors(uint32)", "uint64[4]",
                      history.floors(number, now), number)
    for node, log in {log.args["node"]: log for log in history.named["NodeAllowed"]}.items():
        same_view(books, f"node {node} allowed", "isNodeAllowed(address)", "bool",
                  log.args["allowed"], node)
    for name, terms in history.sets().items():
        same_view(books, f"set {name}", "sets(bytes32)",
                  "bool,bool,uint16,uint16,uint40,uint40,uint64", terms, to_bytes(hexstr=name))
    same_view(books, "paused", "paused()", "bool", books.money.paused)


def check_sets(books: Books) -> None:
    """A set's name is that of its signers; all but the first waited after they were proposed."""
    history, report = books.history, books.report
    for count, log in enumerate(history.named["SetActivated"]):
        name = log.args["set"]
        found = set_id(log.args["threshold"], log.args["signers"])
        report.equal(f"set {name} signers", name, found)
        proposed = history.last("SetProposed", log.place, set=name)
        if count == 0 and proposed is None:
            continue
        said = [log.args["signers"], log.args["terms"]]
        due = [proposed.args["signers"], proposed.args["terms"]] if proposed else "never proposed"
        report.equal(f"set {name} proposed", said, due)
        waited = history.time(log.block) - history.time(proposed.block) if proposed else 0
        report.holds(f"set {name} waited", waited >= SET_DELAY, waited, f"at least {SET_DELAY}")


SPLIT_VIEWS = {
    "SplitCreated": ("table(uint32)", "address[],uint32[]"),
    "TableCreated": ("rows(uint32)", "(uint8,address,uint32,uint32)[]"),
    "PiesCreated": ("pies(uint32)", "uint32,uint32,uint32"),
    "RecoupmentCreated": ("recoupment(uint32)", "uint32,address,uint128,bytes32"),
}


def check_splits(books: Books) -> None:
    """Every split as it was made, how far each recoupment is, and who claimed what waited."""
    splits, place = books.money.splits, books.splits
    same_view(books, "splits", "count()", "uint256", len(splits.created), of=place)
    for number, log in splits.created.items():
        made = [log.args[key] for key in log.args if key != "split"]
        if log.name == "TableCreated":
            made = [list(row) for row in zip(*made, strict=True)]
        same_view(books, f"split {number}", *SPLIT_VIEWS[log.name], made, number, of=place)
        if log.name == "RecoupmentCreated":
            same_view(books, f"split {number} recouped", "recouped(address,uint32)", "uint256",
                      splits.recouped[number], books.ledger, number, of=place)
    for holder, to in splits.claimed.items():
        same_view(books, f"claim of {holder}", "claimedBy(address)", "address", to, holder,
                  of=place)


ACCOUNT = ("accounts(address)", "uint256,uint256,uint256,uint256")
RECORDING = ("recordings(uint32)",
             "address,uint32,uint32,uint32,uint8,uint16,uint8,uint256,uint256")


def check_money(books: Books, token: str) -> None:
    """What must hold of each movement; then every pocket; then that all of it is there."""
    report, money = books.report, books.money
    for found in money.findings:
        report.holds(found.name, found.good, found.said, found.due)
    check_purses(books)
    for number in sorted({0, *books.history.recordings}):
        check_recording(books, number)
    check_nodes(books)
    with report.reading("token balance"):
        held = books.chain.view(token, "balanceOf(address)", "uint256", books.ledger)
        owed = sum(money.purses.values())
        owed += sum(one.matured + one.prev + one.cur for one in money.buckets.values())
        report.holds("token balance", held >= owed, held, f"at least {owed}", "chain")


def check_purses(books: Books) -> None:
    """What waits outside the dispute window: payers' accounts, parked and frozen amounts."""
    purses = books.money.purses
    pockets = ("escrow", "protocol fees of", "pool of")
    for payer in sorted({whose for kind, whose in purses if kind in pockets}):
        with books.report.reading(f"account {payer}"):
            said = books.chain.view(books.ledger, *ACCOUNT, payer)
            for pocket, amount in zip(pockets, said, strict=False):
                books.report.equal(f"{pocket} {payer}", amount, purses[pocket, payer])
    for (kind, whose), amount in sorted(purses.items()):
        if kind in ("parked for", "accrued for"):
            call = f"{kind.split()[0]}(address)"
            same_view(books, f"{kind} {whose}", call, "uint256", amount, whose)
        elif kind == "frozen":
            same_view(books, f"{kind} {whose}", "frozen(bytes32)", "uint256", amount,
                      to_bytes(hexstr=whose))


def check_recording(books: Books, number: int) -> None:
    """Its owner, its consent and its money now; recording 0 is the training pool's."""
    report, chain, now = books.report, books.chain, (books.chain.head + 1, 0)
    with report.reading(f"recording {number}"):
        said = chain.view(books.ledger, *RECORDING, number)
        if number:
            versions = books.history.consents(number, now)
            known, count = versions[-1], (len(versions) - 1) % 256
            rebuilt = [known.since, known.until, known.uses, known.share, count]
            report.equal(f"recording {number} consent", said[2:7], rebuilt)
        if books.history.owners[number]:
            owner = list(books.history.holder(number, now))
            report.equal(f"recording {number} owner", said[:2], owner)
        bucket = books.money.buckets["recording", number].roll(books.money.epoch(chain.now))
        report.equal(f"recording {number} unclaimed", said[7], bucket.matured)
        report.equal(f"recording {number} disputable", said[8], bucket.prev + bucket.cur)


def check_nodes(books: Books) -> None:
    """What each node has earned and moved; the receiver of the fees has those besides."""
    money, epoch = books.money, books.money.epoch(books.chain.now)
    nodes = {whose for kind, whose in money.buckets if kind == "node"}
    for node in sorted(nodes | ({money.receiver} - {""})):
        bucket = replace(money.buckets["node", node].roll(epoch))
        if node == money.receiver:
            fees = money.buckets["fees", ""].roll(epoch)
            bucket.matured, bucket.cur = bucket.matured + fees.matured, bucket.cur + fees.cur
            bucket.prev += fees.prev
        for name, call, amount in (("balance", "nodeBalance", bucket.matured),
                                   ("disputable", "nodeDisputable", bucket.prev + bucket.cur),
                                   ("spent", "nodeSpent", bucket.spent)):
            same_view(books, f"node {node} {name}", f"{call}(address)", "uint256", amount, node)


SKIPS = {"0x" + keccak(text=text)[:4].hex(): text.split("(")[0] for text in (
    "Escrow_NonceTooOld(uint256,uint256)", "Escrow_NonceUsed(uint256)",
    "Escrow_Short(uint256,uint256)", "Escrow_FeesFull(uint256,uint256)",
    "Escrow_PoolFull(uint256,uint256)", "Settlement_TooLate(uint256,uint256,uint256)",
    "Settlement_NoConsent(uint256,uint256,uint256,uint256)",
    "Settlement_UseNotPermitted(uint256,uint256,uint256)",
    "Settlement_ShareAboveMax(uint256,uint256,uint256)", "Nodes_NotAllowed(address)",
    "Nodes_CapReached(address,uint256,uint256)", "Nodes_Full(address,uint256)",
)}


def check_batches(books: Books) -> None:
    """What was brought is what was settled or skipped; what was credited is what was settled."""
    for credited, events in books.history.batches:
        name = f"batch in {credited.transaction[:10]}.."
        with books.report.reading(name):
            check_batch(books, name, credited, events)


def check_batch(books: Books, name: str, credited: Log, events: Sequence[Log]) -> None:
    report, totals = books.report, Counter[int]()
    settled = {log.args["order"] for log in events if log.name == "Settled"}
    for log in events:
        if log.name == "Skipped":
            order, reason = log.args["order"], log.args["reason"]
            report.holds(f"{name} skipped {order[:10]}..", reason in SKIPS, reason,
                         SKIPS.get(reason, "no reason to skip"), "chain", "which is")
            report.equal(f"{name} skipped {order[:10]}.. settled", order in settled, False)
        else:
            totals.update(dict(zip(log.args["recordings"], log.args["amounts"], strict=True)))
    listed = credited.args["recordings"]
    said = dict(zip(listed, credited.args["amounts"], strict=True))
    report.equal(f"{name} credited", said, {**dict.fromkeys(listed, 0), **totals})
    _, calls = read_calls(books, credited.transaction)
    orders = [log.args["order"] for log in events]
    report.equal(f"{name} orders", orders, [call.id for call in calls])
    report.equal(f"{name} set", credited.args["set"], calls[0].set)


# ---- the court and the training pool ------------------------------------------------------


def find_courts(chain: Chain, ledger: str, authority: str, first: int) -> list[str]:
    """Whoever was ever given the role that may freeze, by the ledger's access manager."""
    role = chain.view(authority, "getTargetFunctionRole(address,bytes4)", "uint64", ledger,
                      selector("freeze", [SETTLE_TYPES[0], SETTLE_TYPES[2], "bytes32"]))
    granted = chain.logs(authority, [GRANTED], first)
    return sorted({log.args["account"] for log in granted if log.args["roleId"] == role})


def check_disputes(books: Books, token: str) -> None:
    """Every freeze is a case's, every case ends as it must, and every bond goes where it must."""
    history, report = books.history, books.report
    for log in [*history.named["Frozen"], *history.named["Released"]]:
        names = ("Challenged",) if log.name == "Frozen" else ("Ruled", "Lapsed")
        case = [history.within(log, name, attestation=log.args["attestation"]) for name in names]
        report.holds(f"{log.name.lower()} {log.args['attestation'][:10]}.. case", any(case),
                     log.transaction, f"one that has an event {' or '.join(names)}", "chain")
    for court in books.courts:
        with report.reading(f"court {court}"):
            check_court(books, court, token)


@dataclass
class Case:
    """One challenge: whose it is, until when it can be ruled upon, and its bond."""

    challenger: str
    deadline: int
    bond: int
    is_open: bool = True


def check_court(books: Books, court: str, token: str) -> None:
    """Cases and bonds by the court's events, against its views and what it holds."""
    cases, owed = dict[str, Case](), Counter[str]()
    for log in books.history.logs:
        if log.source == court and log.name in ("Challenged", "Ruled", "Lapsed", "BondWithdrawn"):
            name = f"{log.name.lower()} in {log.transaction[:10]}.."
            with books.report.reading(name):
                check_case(books, name, log, cases, owed)
    for key, case in cases.items():
        made = [case.challenger, case.deadline, case.bond, case.is_open]
        same_view(books, f"case {key}", "cases(bytes32)", "address,uint40,uint48,bool", made,
                  to_bytes(hexstr=key), of=court)
    for owner, amount in owed.items():
        same_view(books, f"bonds of {owner}", "owed(address)", "uint256", amount, owner, of=court)
    if cases:
        held = books.chain.view(token, "balanceOf(address)", "uint256", court)
        due = sum(owed.values()) + sum(case.bond for case in cases.values() if case.is_open)
        books.report.holds(f"court {court} balance", held >= due, held, f"at least {due}", "chain")


def check_case(books: Books, name: str, log: Log, cases: dict[str, Case],
               owed: Counter[str]) -> None:
    report, history, a = books.report, books.history, log.args
    now, key = history.time(log.block), a.get("attestation", "")
    if log.name == "BondWithdrawn":
        report.equal(f"{name} amount", a["amount"], owed[a["owner"]])
        owed[a["owner"]] -= a["amount"]
        return
    if log.name == "Challenged":
        frozen = history.within(log, "Frozen", attestation=key, order=a["order"])
        report.equal(f"{name} frozen", a["frozen"], frozen.args["amount"] if frozen else 0)
        report.equal(f"{name} again", key in cases, False)
        time = books.chain.view(log.source, "RULING_TIME()", "uint256")
        report.equal(f"{name} deadline", a["deadline"], now + time)
        most = books.chain.view(log.source, "BOND()", "uint256")
        report.holds(f"{name} bond", a["bond"] <= most, a["bond"], f"at most {most}", "chain")
        cases[key] = Case(a["challenger"], a["deadline"], a["bond"])
        return
    case = cases[key]
    report.equal(f"{name} open", True, case.is_open)
    ruled, receivers = log.name == "Ruled", history.last("ReceiversSet", log.place)
    said, due = f"at {now}", f"{'before' if ruled else 'from'} {case.deadline}"
    report.holds(f"{name} time", (now < case.deadline) == ruled, said, due, "chain")
    stands = ruled and not a["reversed"]
    receiver = receivers.args["pool"] if stands and receivers else case.challenger
    report.equal(f"{name} bond", [a["bondTo"], a["bond"]], [receiver, case.bond])
    released = history.within(log, "Released", attestation=key, order=a["order"])
    ended = released.args["reversed"] if released else "never released"
    report.equal(f"{name} released", ended, ruled and a["reversed"])
    case.is_open = False
    owed[a["bondTo"]] += a["bond"]


TRAINING = 2


@dataclass
class Round:
    """A round of the training pool: who takes part, by the ledger's events, and who was paid."""

    members: list[int]
    amount: int
    share: int = 0
    paid: list[int] = field(default_factory=list)


def check_pool(books: Books) -> None:
    """Each round of each training pool: who took part, what each got, and that all of them did."""
    rounds: dict[tuple[str, int], Round] = {}
    for log in books.history.logs:
        if log.name in ("RoundOpened", "Counted", "Divided", "Paid", "RoundClosed"):
            number = log.args["round"]
            name = f"pool round {number} {log.name.lower()} in {log.transaction[:10]}.."
            with books.report.reading(name):
                if log.name == "RoundOpened":
                    rounds[log.source, number] = open_round(books, name, log)
                else:
                    check_round(books, name, log, rounds[log.source, number])


def open_round(books: Books, name: str, log: Log) -> Round:
    """What stood one second before the opening decides who takes part."""
    history, a = books.history, log.args
    books.report.equal(f"{name} at", a["at"], history.time(log.block) - 1)
    members, known = [], 0
    for number in history.recordings:
        versions = history.consents(number, log.place)
        known += bool(versions)
        begun = [version for version in versions if version.since <= a["at"]]
        if begun and a["at"] < begun[-1].until and begun[-1].uses & TRAINING:
            members.append(number)
    books.report.equal(f"{name} last", a["last"], known)
    drawn = history.within(log, "Withdrawn", recording=0, payee=log.source)
    least = drawn.args["amount"] if drawn else 0
    books.report.holds(f"{name} amount", a["amount"] >= least, a["amount"],
                       f"at least {least}, drawn from the ledger", "chain")
    return Round(members, a["amount"])


def check_round(books: Books, name: str, log: Log, now: Round) -> None:
    report, a = books.report, log.args
    if log.name == "Counted":
        counted = sum(number <= a["to"] for number in now.members)
        report.equal(f"{name} members", a["members"], counted)
    elif log.name == "Divided":
        count = len(now.members)
        now.share = min(now.amount // count, 2**56 - 1) if count else 0
        said = [a["members"], a["share"], a["rest"]]
        report.equal(name, said, [count, now.share, now.amount - now.share * count])
    elif log.name == "Paid":
        due = [number for number in now.members if a["from"] <= number <= a["to"]]
        gift = books.history.within(log, "Rewarded", **{"from": log.source, "recordings": due})
        each = gift.args["each"] if gift else 0
        report.equal(f"{name} number", a["number"], len(due))
        report.equal(f"{name} each", each, now.share if due else 0)
        now.paid += due
    else:
        report.equal(f"{name} paid", now.paid, now.members if now.share else [])


# ---- statements ---------------------------------------------------------------------------

COLUMNS = ("kind", "block", "log_index", "transaction", "recording", "order", "manifest",
           "share", "amount", "to")
CREDITS = {"Settled": "credited", "Rewarded": "rewarded", "Frozen": "frozen",
           "Released": "released"}


def named_in(splits: Splits, split: int) -> dict[str, Any]:
    """Who stands in a split or one inside it; with a share where it is a table of payees alone."""
    log, rows = splits.created[split], splits.rows[split]
    if all(kind != TABLE for kind, _, _ in rows):
        return {to: share for _, to, share in rows}
    found = [log.args["recipient"]] if log.name == "RecoupmentCreated" else []
    for kind, to, _ in rows:
        found += named_in(splits, to) if kind == TABLE else [to]
    return dict.fromkeys(found)


def share_of(books: Books, payee: str, recording: int, log: Log) -> tuple[bool, Any]:
    """Whether a recording's money was a payee's too by then, and which part, where that is one."""
    if not books.history.owners[recording] or books.history.owners[recording][0][0] > log.place:
        return False, None
    owner, split = books.history.holder(recording, log.place)
    known = named_in(books.money.splits, split) if split else {owner: MILLION}
    claims = {c.args["holder"]: c.args["to"] for c in books.history.named["Claimed"]
              if c.place < log.place}
    shares = [share for name, share in known.items() if claims.get(name, name) == payee]
    return bool(shares), None if None in shares else sum(shares)


def credits(books: Books, log: Log) -> Iterator[tuple[int, int, Log | None]]:
    """What an event is about: recording, its whole amount, and the settlement it comes from."""
    a = log.args
    if log.name == "Rewarded":
        yield from ((number, a["each"], None) for number in sorted(a["recordings"]))
        return
    settled = books.history.settled.get(a["order"])
    if settled and settled.place <= log.place:
        pairs = zip(settled.args["recordings"], settled.args["amounts"], strict=True)
        yield from ((number, amount, settled) for number, amount in pairs if number)


def payments(log: Log) -> Iterator[tuple[str, Any, int, str]]:
    """What an event says of its payee: kind, recording, amount, to whom."""
    a = log.args
    if log.name == "Withdrawn":
        yield "withdrawn", a["recording"], a["amount"], ""
    elif log.name == "WithdrawnMany":
        for number, amount in sorted(zip(a["recordings"], a["amounts"], strict=True)):
            yield "withdrawn", number, amount, ""
    elif log.name == "Parked":
        yield "parked", "", a["amount"], ""
    elif log.name == "Accrued":
        yield "accrued", "", a["amount"], ""
    elif log.name in ("ParkedWithdrawn", "ClaimedWithdrawn"):
        yield "collected", "", a["amount"], a["to"]


def movements(books: Books, payee: str) -> Iterator[tuple[str, ...]]:
    """A payee's statement from the events alone, as rows of text."""
    for log in books.history.logs:
        place = (str(log.block), str(log.index), log.transaction)
        if log.name in CREDITS:
            kind = "reversed" if log.args.get("reversed") else CREDITS[log.name]
            for number, amount, settled in credits(books, log):
                mine, share = share_of(books, payee, number, log)
                order, manifest = (settled.args[key] if settled else ""
                                   for key in ("order", "manifest"))
                part = "" if share is None else str(share)
                if mine:
                    yield (kind, *place, str(number), order, manifest, part, str(amount), "")
        elif payee in (log.args.get("payee"), log.args.get("holder")):
            for kind, about, amount, to in payments(log):
                yield (kind, *place, str(about), "", "", "", str(amount), to)


def check_statement(books: Books, path: Path) -> None:
    payee = to_checksum_address(path.stem)
    name = f"statement {payee}"

    def same(place: str, said: Any, due: Any) -> None:
        books.report.equal(f"{name} {place}", said, due, "file", "chain says")

    found = [tuple(row) for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8")))]
    rows, due = found[1:], list(movements(books, payee))
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
    authority = chain.view(ledger, "authority()", "address")
    window = chain.view(ledger, "window()", "uint256")
    courts = find_courts(chain, ledger, authority, first)
    court = courts[0] if given.get("court") not in courts and courts else given.get("court")
    for name, found in (("chainId", chain.id), ("ledger", ledger), ("token", token),
                        ("splits", splits), ("authority", authority), ("window", window),
                        ("court", court)):
        if name in given:
            report.equal(f"deployment {name}", given[name], found, "the file")
    logs = chain.logs(ledger, LEDGER_EVENTS, first) + chain.logs(splits, SPLIT_EVENTS, first)
    pools = {log.args["pool"] for log in logs if log.name == "ReceiversSet"}
    for places, kinds in ((courts, COURT_EVENTS), (sorted(pools), POOL_EVENTS)):
        logs += [log for place in places for log in chain.logs(place, kinds, first)]
    content, history = Content(options.ipfs), History(logs, chain.time)
    return Books(chain, ledger, splits, window, history, content, report, options.references,
                 courts), token


def audit(options: argparse.Namespace, report: Report) -> None:
    with report.reading("history"):
        books, token = open_books(options, report)
        settled = books.history.settled
        chosen = [name.lower() for name in options.generation] or list(settled)
        for name in chosen:
            if name in settled:
                Generation(books, settled[name]).run()
            else:
                report.unread(f"generation {name}", "no Settled event up to this block")
        report.begin("", "the ledger")
        for name, check in (("registry", check_registry), ("sets", check_sets),
                            ("splits", check_splits), ("batches", check_batches),
                            ("pool", check_pool)):
            with report.reading(name):
                check(books)
        with report.reading("disputes"):
            check_disputes(books, token)
        with report.reading("money"):
            check_money(books, token)
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
