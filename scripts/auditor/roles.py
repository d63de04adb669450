"""Checks of the access manager: who had which role when, and whether somebody with it acted."""

from __future__ import annotations

from collections.abc import Iterator

from eth_utils import to_bytes

from .access import ADMIN, NEVER, PUBLIC, Access
from .books import Books, same_view
from .calls import SETTLE_TYPES, selector
from .events import ACCESS_EVENTS, Log, words

SET = ["uint256", "address[]", "(uint16,uint16,uint40,uint64)"]
CASE = [SETTLE_TYPES[0], SETTLE_TYPES[2], "bytes32"]
FUNCTIONS = {
    "proposeSet": SET, "installFirstSet": SET, "removeSet": ["bytes32"], "pause": [], "unpause": [],
    "allowNode": ["address", "bool"], "setReceivers": ["address", "address"],
    "freeze": CASE, "release": [*CASE, "bool"], "rule": [*CASE, "bool"],
}
"""The functions that only a role may call, with their types; `rule` is the court's."""
SELECTORS = {name: "0x" + selector(name, types).hex() for name, types in FUNCTIONS.items()}
ACTS = {
    "SetProposed": ("proposeSet", ""), "SetActivated": ("installFirstSet", ""),
    "SetRemoved": ("removeSet", ""), "Paused": ("pause", "by"), "Unpaused": ("unpause", "by"),
    "NodeAllowed": ("allowNode", ""), "ReceiversSet": ("setReceivers", ""),
    "Frozen": ("freeze", ""), "Released": ("release", ""), "Ruled": ("rule", "arbiter"),
}
"""Event to the function that emits it, and to the argument that names its caller, if there is one.

A proposed set is activated by anybody; the first set is installed without a proposal.
"""
NAMES = {kind.name for kind in ACCESS_EVENTS}


def check_roles(books: Books) -> None:
    """Replays the access manager; every act must be one that a role permitted at that time."""
    setback, expiration = (books.chain.view(books.authority, f"{name}()", "uint32")
                           for name in ("minSetback", "expiration"))
    access = Access(setback, expiration)
    waited = {log.transaction for log in books.access if log.name == "OperationExecuted"}
    for log in sorted([*books.access, *acts(books)], key=lambda log: log.place):
        now = books.history.time(log.block)
        if log.name in NAMES:
            check_change(books, access, log, log.transaction in waited)
            access.learn(log, now)
        else:
            check_act(books, access, log, log.transaction in waited)
    for found in access.findings:
        books.report.holds(found.name, found.good, found.said, found.due, "chain", found.finder)
    check_members(books, access)
    check_functions(books, access)
    check_operations(books, access)


def acts(books: Books) -> Iterator[Log]:
    """The events of ledger and courts that only a role can bring about."""
    history = books.history
    for name in ACTS:
        for log in history.named[name]:
            proposed = name == "SetActivated" and history.last(
                "SetProposed", log.place, set=log.args["set"])
            if not proposed:
                yield log


def check_act(books: Books, access: Access, log: Log, waited: bool) -> None:
    """Somebody had the role for it; the caller, where the event names one.

    The manager itself is the caller of what somebody runs through it.
    """
    function, caller = ACTS[log.name]
    role = access.functions.get((log.source, SELECTORS[function]), ADMIN)
    able = access.may(role, books.history.time(log.block), waited)
    who = log.args[caller] if caller else ""
    named = who in able if who and who != books.authority else bool(able)
    good = (named or role == PUBLIC) and not access.closed.get(log.source, False)
    books.report.holds(f"{words(log.name)} in {log.transaction[:10]}.. by role", good,
                       who or "somebody", f"an account with role {role} ({', '.join(able)})")


def check_change(books: Books, access: Access, log: Log, waited: bool) -> None:
    """Only an admin of the manager changes it, and only the admin of a role grants the role.

    The manager's first event is its constructor's. Members may give a role up, and operations have
    checks of their own.
    """
    if log is books.access[0] or log.name == "RoleRevoked" or log.name.startswith("Operation"):
        return
    role = access.admins[log.args["roleId"]] if log.name == "RoleGranted" else ADMIN
    able = access.may(role, books.history.time(log.block), waited)
    books.report.holds(f"{words(log.name)} in {log.transaction[:10]}.. by role", bool(able),
                       "somebody", f"an account with role {role} ({', '.join(able)})")


def check_members(books: Books, access: Access) -> None:
    """Every role of every account that an event of the manager or the deployment file names."""
    logs, place, now = books.access, books.authority, books.chain.now
    roles = {ADMIN, *(log.args["roleId"] for log in logs if "roleId" in log.args)} - {PUBLIC}
    keys = {"account", "caller"}
    people = {log.args[key] for log in logs for key in keys & set(log.args)} | set(books.named)
    for role in sorted(roles):
        for who in sorted(people):
            since, delay = access.members.get((role, who), (0, NEVER))
            same_view(books, f"role {role} of {who}", "getAccess(uint64,address)",
                      "uint48,uint32,uint32,uint48", [since, *delay.shown(now)], role, who,
                      of=place)
        for name, found in (("admin", access.admins[role]), ("guardian", access.guardians[role]),
                            ("grant delay", access.grant_delays[role].at(now))):
            call = "getRole" + "".join(word.title() for word in name.split())
            kind = "uint32" if "delay" in name else "uint64"
            same_view(books, f"role {role} {name}", f"{call}(uint64)", kind, found, role, of=place)


def check_functions(books: Books, access: Access) -> None:
    """The role of every function that only a role may call, and whether its contract is closed."""
    place, now = books.authority, books.chain.now
    courts = [(court, SELECTORS["rule"]) for court in books.courts]
    ours = [(books.ledger, one) for name, one in SELECTORS.items() if name != "rule"]
    for target, one in sorted({*ours, *courts, *access.functions}):
        role = access.functions.get((target, one), ADMIN)
        same_view(books, f"role for {one} of {target}", "getTargetFunctionRole(address,bytes4)",
                  "uint64", role, target, to_bytes(hexstr=one), of=place)
    named = {log.args["target"] for log in books.access if "target" in log.args}
    for target in sorted({books.ledger, place, *books.courts, *named}):
        same_view(books, f"{target} closed", "isTargetClosed(address)", "bool",
                  access.closed.get(target, False), target, of=place)
        same_view(books, f"{target} admin delay", "getTargetAdminDelay(address)", "uint32",
                  access.target_delays[target].at(now), target, of=place)


def check_operations(books: Books, access: Access) -> None:
    """Every operation that was ever scheduled: when it may run, and how often it was scheduled."""
    for name, (_, nonce) in access.operations.items():
        which = to_bytes(hexstr=name)
        same_view(books, f"operation {name} pending", "getSchedule(bytes32)", "uint48",
                  access.pending(name, books.chain.now), which, of=books.authority)
        same_view(books, f"operation {name} nonce", "getNonce(bytes32)", "uint32", nonce, which,
                  of=books.authority)
