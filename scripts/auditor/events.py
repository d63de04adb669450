"""The events of the contracts, and how to decode their logs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from eth_abi import decode
from eth_utils import keccak, to_bytes, to_checksum_address


def plain(value: Any) -> Any:
    """Decoded ABI values in their usual notation: 0x-hex bytes, EIP-55 addresses, lists."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, str) and re.fullmatch("0x[0-9a-f]{40}", value):
        return to_checksum_address(value)
    return value


ADDRESS = re.compile("0x[0-9a-fA-F]{40}")
NOBODY = "0x" + "00" * 20


def addresses(value: Any) -> Iterator[str]:
    """Every address inside the arguments of an event."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from addresses(item)
    elif isinstance(value, str) and ADDRESS.fullmatch(value) and value != NOBODY:
        yield value


def words(name: str) -> str:
    """The name of an event in words: RoundOpened gives "round opened"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


@dataclass(frozen=True)
class EventType:
    """An event and its arguments as (type, indexed, name), from the Solidity declaration."""

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
"""Block number and log index: the order of events."""


@dataclass(frozen=True)
class Log:
    """One decoded event and its place on the chain."""

    name: str
    block: int
    index: int
    transaction: str
    args: dict[str, Any]
    source: str = ""

    @property
    def place(self) -> Place:
        return self.block, self.index
