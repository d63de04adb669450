"""The state of an access manager, from its events alone: roles, delays, functions, operations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eth_abi import encode
from eth_utils import keccak, to_bytes

from .buckets import Finding
from .events import Log, words

ADMIN, PUBLIC = 0, 2**64 - 1
"""The role that may call what no other role is named for, and the role that everybody has."""


@dataclass(frozen=True)
class Delay:
    """A delay in seconds that changes from `before` to `after` at a time."""

    before: int = 0
    after: int = 0
    effect: int = 0

    def at(self, now: int) -> int:
        return self.after if self.effect <= now else self.before

    def changed(self, new: int, now: int, least: int) -> Delay:
        """Takes effect after `least` seconds, and after what a shorter delay takes away."""
        value = self.at(now)
        return Delay(value, new, now + max(least, value - new))

    def shown(self, now: int) -> list[int]:
        """As the manager shows it: now, later, from when; the last two are 0 without a change."""
        return [self.after, 0, 0] if self.effect <= now else [self.before, self.after, self.effect]


NEVER = Delay()


class Access:
    """Who may do what, event by event. `findings` are the verdicts on the events themselves."""

    def __init__(self, setback: int, expiration: int) -> None:
        """Both in seconds: the least wait for a delay that changes, the life of an operation."""
        self.setback, self.expiration = setback, expiration
        self.members: dict[tuple[int, str], tuple[int, Delay]] = {}
        self.admins: dict[int, int] = defaultdict(int)
        self.guardians: dict[int, int] = defaultdict(int)
        self.grant_delays: dict[int, Delay] = defaultdict(Delay)
        self.functions: dict[tuple[str, str], int] = {}
        self.closed: dict[str, bool] = {}
        self.target_delays: dict[str, Delay] = defaultdict(Delay)
        self.operations: dict[str, tuple[int, int]] = {}
        self.findings: list[Finding] = []

    def may(self, role: int, now: int, waited: bool) -> list[str]:
        """The accounts that may use a role at a time; `waited`: a scheduled operation ran."""
        return [who for (one, who), (since, delay) in self.members.items()
                if one == role and since <= now and (waited or delay.at(now) == 0)]

    def _find(self, what: str, log: Log, said: Any, due: Any) -> None:
        name = f"{words(log.name)} in {log.transaction[:10]}.. {what}"
        self.findings.append(Finding(name, said == due, said, due))

    def learn(self, log: Log, now: int) -> None:
        """Takes one event of the manager; `now` is the time of its block."""
        a = log.args
        match log.name:
            case "RoleGranted":
                self._grant(log, a, now)
            case "RoleRevoked":
                had = self.members.pop((a["roleId"], a["account"]), None)
                self._find("had the role", log, True, had is not None)
            case "RoleAdminChanged":
                self.admins[a["roleId"]] = a["admin"]
            case "RoleGuardianChanged":
                self.guardians[a["roleId"]] = a["guardian"]
            case "RoleGrantDelayChanged":
                self._delay(log, self.grant_delays, a["roleId"], now)
            case "TargetClosed":
                self.closed[a["target"]] = a["closed"]
            case "TargetFunctionRoleUpdated":
                self.functions[a["target"], a["selector"]] = a["roleId"]
            case "TargetAdminDelayUpdated":
                self._delay(log, self.target_delays, a["target"], now)
            case "OperationScheduled":
                self._schedule(log, a, now)
            case "OperationExecuted" | "OperationCanceled":
                self._end(log, a, now)

    def _grant(self, log: Log, a: Mapping[str, Any], now: int) -> None:
        """A new member has the role after the grant delay; another gets a new delay."""
        role, who = a["roleId"], a["account"]
        since, delay = self.members.get((role, who), (0, NEVER))
        self._find("new member", log, a["newMember"], since == 0)
        if since == 0:
            effect = since = now + self.grant_delays[role].at(now)
            delay = Delay(0, a["delay"], 0)
        else:
            delay = delay.changed(a["delay"], now, 0)
            effect = delay.effect
        self._find("since", log, a["since"], effect)
        self.members[role, who] = since, delay

    def _delay(self, log: Log, delays: dict[Any, Delay], key: Any, now: int) -> None:
        delays[key] = delays[key].changed(log.args["delay"], now, self.setback)
        self._find("since", log, log.args["since"], delays[key].effect)

    def pending(self, operation: str, now: int) -> int:
        """When an operation may run, in seconds since 1970; 0 if it is not scheduled any more."""
        when, _ = self.operations.get(operation, (0, 0))
        return when if when + self.expiration > now else 0

    def _schedule(self, log: Log, a: Mapping[str, Any], now: int) -> None:
        name = a["operationId"]
        whole = encode(["address", "address", "bytes"],
                       [a["caller"], a["target"], to_bytes(hexstr=a["data"])])
        self._find("operation", log, name, "0x" + keccak(whole).hex())
        self._find("pending before", log, self.pending(name, now), 0)
        self._find("nonce", log, a["nonce"], self.operations.get(name, (0, 0))[1] + 1)
        self.operations[name] = a["schedule"], a["nonce"]
        if a["target"] != log.source:  # for calls to the manager itself, the delay has other rules
            least = now + self._wait_of(a["caller"], a["target"], a["data"][:10], now)
            name, when = f"operation scheduled in {log.transaction[:10]}.. for", a["schedule"]
            self.findings.append(Finding(name, when >= least, when, f"at least {least}", "must be"))

    def _wait_of(self, caller: str, target: str, function: str, now: int) -> int:
        """The delay with which an account may call a function, in seconds; 0 if it may not."""
        role = self.functions.get((target, function), ADMIN)
        since, delay = self.members.get((role, caller), (0, NEVER))
        return delay.at(now) if 0 < since <= now else 0

    def _end(self, log: Log, a: Mapping[str, Any], now: int) -> None:
        """An operation runs from its time to its end, or somebody cancels it before."""
        when, nonce = self.operations.get(a["operationId"], (0, 0))
        self._find("nonce", log, a["nonce"], nonce)
        if log.name == "OperationCanceled":
            self._find("scheduled before", log, True, when > 0)
        else:
            said, due = f"at {now}", f"from {when} to {when + self.expiration}, as scheduled"
            good = 0 < when <= now < when + self.expiration
            name = f"operation executed in {log.transaction[:10]}.. time"
            self.findings.append(Finding(name, good, said, due, "must be"))
        self.operations[a["operationId"]] = 0, nonce
