"""The views of the contracts, read from the words of their storage.

A reader takes a function from slots to words, the moment and the arguments of the view. It gives
what the view would answer, in the notation of Chain.view.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from eth_utils import to_checksum_address

from . import slots
from .buckets import Bucket

EXIT_LAPSE = 7 * 86_400
DONE = 2**255
STOPPED, ACTIVE = 3, 2


@dataclass(frozen=True)
class Moment:
    """The block that a view is asked at: its timestamp, and the epoch of the ledger."""

    now: int
    epoch: int


Word = Callable[[int], int]
Reader = Callable[..., Any]


def part(word: int, start: int, bits: int) -> int:
    """The bits of a word from `start` on."""
    return word >> start & 2**bits - 1


def who(word: int) -> str:
    return to_checksum_address(f"0x{part(word, 0, 160):040x}")


def bucket(word: int, at: Moment) -> Bucket:
    """The money in the low bits of a word, moved on to the epoch of the moment."""
    found = Bucket(part(word, 0, 56), part(word, 56, 48), part(word, 104, 48), part(word, 152, 16))
    return found.roll(at.epoch)


def recording(word: Word, at: Moment, number: int) -> list[Any]:
    terms, holder = word(slots.RECORDINGS + number), word(slots.OWNERS + number)
    money = bucket(terms, at)
    return [who(holder), part(holder, 160, 32), part(terms, 168, 32), part(terms, 200, 32),
            part(terms, 232, 8), part(terms, 240, 16), part(holder, 248, 8),
            money.matured, money.prev + money.cur]


def account(word: Word, at: Moment, payer: str) -> list[int]:
    found = word(slots.entry(slots.ACCOUNTS, "address", payer))
    return [part(found, 0, 64), part(found, 64, 48), part(found, 112, 48), part(found, 160, 32)]


def floors(word: Word, at: Moment, number: int) -> list[int]:
    found = word(slots.entry(slots.FLOORS, "uint32", number))
    return [part(found, 64 * tier, 64) for tier in range(4)]


def exit_time(word: Word, at: Moment, payer: str) -> int:
    since = word(slots.entry(slots.EXITS, "address", payer))
    return since if at.now < since + EXIT_LAPSE else 0


def node(word: Word, address: str) -> int:
    return word(slots.entry(slots.NODES, "address", address))


def earned(word: Word, at: Moment, address: str) -> Bucket:
    """What a node has, with the protocol fees if the node receives them."""
    found = bucket(node(word, address), at)
    if int(address, 16) and who(word(slots.RECEIVER)) == to_checksum_address(address):
        fees = bucket(word(slots.FEES), at)
        found.matured, found.prev = found.matured + fees.matured, found.prev + fees.prev
        found.cur += fees.cur
    return found


def spent(word: Word, at: Moment, address: str) -> int:
    found = node(word, address)
    return part(found, 168, 64) if part(found, 152, 16) == at.epoch else 0


def oracle_set(word: Word, at: Moment, name: bytes) -> list[Any]:
    found = word(slots.entry(slots.SETS, "bytes32", name))
    return [part(found, 0, 8) in (ACTIVE, STOPPED), bool(part(found, 184, 1)),
            part(found, 8, 16), part(found, 24, 16), part(found, 40, 40), part(found, 80, 40),
            part(found, 120, 64)]


def mapped(mapping: int, kind: str, read: Callable[[int], Any] = int) -> Reader:
    """The reader of a mapping's value; `read` turns the word into what the view answers."""
    return lambda word, at, key: read(word(slots.entry(mapping, kind, key)))


def plain(slot: int, read: Callable[[int], Any] = int) -> Reader:
    """The reader of one slot."""
    return lambda word, at: read(word(slot))


def recouped(word: Word, at: Moment, ledger: str, split: int) -> int:
    return word(slots.entry(slots.entry(slots.RECOUPED, "address", ledger), "uint32", split))


def case(found: int) -> list[Any]:
    return [who(found), part(found, 160, 40), part(found, 200, 48), bool(part(found, 248, 8))]


def target_role(word: Word, at: Moment, target: str, selector: bytes) -> int:
    """The role that may call a function of a contract."""
    allowed = slots.entry(slots.TARGETS, "address", target)
    return part(word(slots.entry(allowed, "bytes4", selector)), 0, 64)


def has_role(word: Word, at: Moment, role: int, address: str) -> list[Any]:
    """Whether an address has a role now; the second value, a delay, is not read."""
    members = slots.entry(slots.ROLES, "uint64", role)
    since = part(word(slots.entry(members, "address", address)), 0, 48)
    return [0 < since <= at.now, None]


def latest(word: Word, at: Moment) -> list[Any]:
    """The number of the newest round of a training pool, and the round."""
    found = word(slots.ROUND)
    fields = ((0, 40), (40, 40), (80, 32), (112, 32), (144, 32), (176, 8))
    return [word(slots.ROUNDS), [*(part(found, *field) for field in fields),
                                 word(slots.ROUND + 1), word(slots.ROUND + 2)]]


LEDGER: dict[str, Reader] = {
    "recordingCount()": plain(slots.COUNT),
    "recordings(uint32)": recording,
    "pastConsent(uint32,uint8)": lambda word, at, number, version: word(
        slots.past(number, version)),
    "floors(uint32)": floors,
    "offeredTo(uint32)": mapped(slots.OFFERS, "uint32", who),
    "accounts(address)": account,
    "exitTime(address)": exit_time,
    "isNodeAllowed(address)": lambda word, at, address: bool(part(node(word, address), 255, 1)),
    "nodeBalance(address)": lambda word, at, address: earned(word, at, address).matured,
    "nodeDisputable(address)": lambda word, at, address: sum(
        (earned(word, at, address).prev, earned(word, at, address).cur)),
    "nodeSpent(address)": spent,
    "sets(bytes32)": oracle_set,
    "parked(address)": mapped(slots.PARKED, "address"),
    "accrued(address)": mapped(slots.ACCRUED, "address"),
    "frozen(bytes32)": mapped(slots.FROZEN, "bytes32", lambda found: found % DONE),
    "paused()": plain(slots.RECEIVER, lambda found: bool(part(found, 160, 8))),
    "protocolReceiver()": plain(slots.RECEIVER, who),
    "poolReceiver()": plain(slots.OWNERS, who),
    "authority()": plain(slots.AUTHORITY, who),
}
SPLITS: dict[str, Reader] = {
    "count()": plain(slots.SPLITS_COUNT),
    "claimedBy(address)": mapped(slots.CLAIMED, "address", who),
    "recouped(address,uint32)": recouped,
}
COURT: dict[str, Reader] = {
    "cases(bytes32)": mapped(slots.CASES, "bytes32", case),
    "owed(address)": mapped(slots.OWED, "address"),
}
POOL: dict[str, Reader] = {"latest()": latest}
MANAGER: dict[str, Reader] = {
    "getTargetFunctionRole(address,bytes4)": target_role,
    "hasRole(uint64,address)": has_role,
}
"""The signature of a view to its reader."""
