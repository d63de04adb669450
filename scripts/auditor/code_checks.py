"""Checks of the contracts' code against the compiled sources, and of the deployment file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eth_utils import keccak, to_bytes, to_checksum_address

from .books import Books
from .known_code import CODES
from .report import Disproved
from .typed_data import set_id

Immutables = dict[str, int]
MODULES = {"catalogue": "CatalogueModule", "settlement": "SettlementModule",
           "oversight": "OversightModule", "purse": "PayoutModule"}
"""The name of a module in the deployment file, and its contract."""
AROUND = {"court": "DisputeCourt", "pool": "TrainingPool", "lens": "RoyaltyLens"}
SETUP = ("token", "splits", "maxLag", "window")
"""What the ledger and its modules are built with."""
CONSTANTS = ("maxLag", "EXIT_DELAY", "BOND", "RULING_TIME", "PERIOD")
"""Immutable figures, each of them the name of a view too."""


def check_codes(books: Books) -> None:
    """The code at every address of the ledger, and every field of the deployment file."""
    report, given = books.report, books.deployment
    before = len(report.verdicts) - report.count("ok")
    found = code_of(books, "RoyaltyLedger", books.ledger)
    check_setup(books, found)
    authority = books.chain.view(books.ledger, "authority()", "address")
    code_of(books, "AccessManager", authority)
    code_of(books, "RightsSplits", books.splits)
    for name, contract in MODULES.items():
        place = address(found[f"{name}Module"])
        if name in given.get("modules", {}):
            report.equal(f"deployment modules.{name}", given["modules"][name], place, "the file")
        check_module(books, contract, place, found)
    check_around(books)
    check_roles(books, authority)
    if "set" in given:
        check_set(books, given["set"])
    if len(report.verdicts) - report.count("ok") == before:
        report.proven.add("contract code")


def address(word: int) -> str:
    return to_checksum_address(f"0x{word:040x}")


def code_of(books: Books, name: str, place: str) -> Immutables:
    """The immutables of a contract whose code must be that of the sources."""
    code = read_code(books, place)
    known = CODES[name]
    plain, values = without_immutables(code, known.immutables)
    said, due = f"{len(code)} bytes, {plain.hex()}", f"{known.size} bytes, {known.digest}"
    books.report.holds(f"code of {name} {place}", said == due, said, due, "chain", "compiled")
    return values


def read_code(books: Books, place: str) -> bytes:
    """The code at an address; the state, where it is proven, must name its hash."""
    chain = books.chain
    code = to_bytes(hexstr=chain.rpc("eth_getCode", place, hex(chain.head)))
    if chain.state is not None and keccak(code) != chain.state.account(place).code:
        raise Disproved(f"eth_getCode of {place}: the state names another hash")
    return code


def without_immutables(code: bytes, places: Mapping[str, tuple[int, ...]]) -> tuple[
        bytes, Immutables]:
    """The hash of the code with zeros for immutables, and their values.

    Where an immutable differs between its places, the hash is one of no code.
    """
    rest, values = bytearray(code), dict[str, int]()
    for name, starts in places.items():
        words = {code[start:start + 32] for start in starts}
        values[name] = int.from_bytes(min(words), "big")
        for start in starts if len(words) == 1 else ():
            rest[start:start + 32] = bytes(len(code[start:start + 32]))
    return keccak(bytes(rest)), values


def check_setup(books: Books, found: Immutables) -> None:
    """The immutables of the ledger are what its views say."""
    report, chain = books.report, books.chain
    token = chain.view(books.ledger, "token()", "address")
    for name, said, due in (
        ("token", token, address(found["token"])),
        ("splits", books.splits, address(found["splits"])),
        ("window", books.window, found["window"]),
        ("itself", books.ledger, address(found["_cachedThis"])),
        ("chain id", chain.id, found["_cachedChainId"]),
    ):
        report.equal(f"ledger's {name}", said, due, "chain", "its code says")
    check_constants(books, "ledger", books.ledger, found)


def check_constants(books: Books, name: str, place: str, found: Immutables) -> None:
    """The figures that a contract answers are those in its code."""
    for figure in CONSTANTS:
        if figure in found:
            said = books.chain.view(place, f"{figure}()", "uint256")
            books.report.equal(f"{figure} of {name} {place}", said, found[figure], "chain",
                               "its code says")


def check_module(books: Books, contract: str, place: str, ledger: Immutables) -> None:
    """The code of a module, which was built as the ledger was."""
    with books.report.reading(f"code of {contract} {place}"):
        found = code_of(books, contract, place)
        same = [name for name in SETUP if name in found]
        books.report.equal(f"setup of {contract}", [found[name] for name in same],
                           [ledger[name] for name in same], "chain", "the ledger says")


def check_around(books: Books) -> None:
    """The code of court, pool and lens; one that the file does not name may be another program."""
    given = {name: to_checksum_address(books.deployment[name])
             for name in AROUND if name in books.deployment}
    for name, place in given.items():
        check_served(books, name, place)
    pools = {log.args["pool"] for log in books.history.named["ReceiversSet"]}
    found = [("court", court) for court in books.courts] + [("pool", one) for one in sorted(pools)]
    for name, place in found:
        if place == given.get(name):
            continue
        size = len(read_code(books, place))
        if size == CODES[AROUND[name]].size:
            check_served(books, name, place)
        elif size or name == "court":
            books.report.skip("contract code", f"{name} {place}", "it is none of these sources")


def check_served(books: Books, name: str, place: str) -> None:
    """The code of a contract that belongs to this ledger."""
    with books.report.reading(f"code of {name} {place}"):
        found = code_of(books, AROUND[name], place)
        books.report.equal(f"ledger of {name} {place}", address(found["ledger"]), books.ledger)
        check_constants(books, name, place, found)


def check_roles(books: Books, authority: str) -> None:
    """The timelock has the code of a timelock and is admin of the access manager."""
    if "timelock" in books.deployment:
        place = to_checksum_address(books.deployment["timelock"])
        with books.report.reading("deployment timelock"):
            admin = books.chain.view(authority, "hasRole(uint64,address)", "bool,uint32", 0, place)
            books.report.equal("deployment timelock is admin", admin[0], True)
            code_of(books, "TimelockController", place)


def check_set(books: Books, given: Mapping[str, Any]) -> None:
    """The set of the file is one that was active."""
    name = set_id(given["threshold"], given["signers"])
    known = {log.args["set"] for log in books.history.named["SetActivated"]}
    books.report.holds("deployment set", name in known, name, "a set that was active", "the file")
