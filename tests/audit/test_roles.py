"""Who had which role when: an act that no role permitted is found, also if every view agrees."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.auditor.access import Access, Delay
from scripts.auditor.events import Log
from scripts.solidity.ledger_fixture import COURT, GUARDIAN
from tests.audit.life import Life, life
from tests.audit.oversight import EXTRA
from tests.audit.proxy import Alter, in_log, setting, without
from tests.audit.recorded import Recorded, unaltered

DAY, SETBACK, WEEK = 86_400, 5 * 86_400, 7 * 86_400
SOMEBODY = "0x" + "12" * 20


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    with life(tmp_path_factory.mktemp("roles")) as made:
        found = Recorded(made)
        assert found.audited(unaltered) == (1, [])
        yield found


ADMIN, GUARDIANS, COURTS, TIMELOCK, DEPUTY = 0, 1, 2, 4, 5
"""Places among the events RoleGranted of a Life."""
LIES: list[tuple[str, Alter, str]] = [
    ("the guardian was granted nothing", without("RoleGranted", GUARDIANS),
     "paused in ... by role: chain says 0x..., must be an account with role 1"),
    ("somebody else was the guardian", in_log("RoleGranted", setting(account=SOMEBODY), GUARDIANS),
     "paused in ... by role: "),
    ("the court was granted nothing", without("RoleGranted", COURTS), "frozen in ... by role: "),
    ("another paused", in_log("Paused", setting(by=SOMEBODY), 0), "paused in ... by role: "),
    ("another ruled", in_log("Ruled", setting(arbiter=SOMEBODY), 0), "ruled in ... by role: "),
    ("the deputy waited for nothing", without("OperationExecuted"), "paused in ... by role: "),
    ("the timelock's change ran earlier than it could", without("MinDelayChange", 0), "before: "),
    ("the deputy had the role later",
     in_log("RoleGranted", setting(since=lambda old: old + 9_999), DEPUTY),
     "role granted in ... since: "),
    ("pausing was for another role",
     in_log("TargetFunctionRoleUpdated", setting(roleId=EXTRA), 0), "role for 0x... of 0x"),
    ("nobody was the first admin", without("RoleGranted", ADMIN), " by role: chain says "),
]


@pytest.mark.parametrize(("alter", "expected"), [row[1:] for row in LIES],
                         ids=[row[0] for row in LIES])
def test_a_lie_on_roles_is_found(recorded: Recorded, alter: Alter, expected: str) -> None:
    level, bad = recorded.audited(lambda *asked: alter(*copy.deepcopy(asked)))
    parts = expected.split("...")
    assert level == 0 and [line for line in bad if all(part in line for part in parts)], bad[:9]


def test_a_closed_ledger_takes_no_act(recorded: Recorded) -> None:
    """The pool was closed; the event is told of the ledger."""
    made = recorded.made
    assert isinstance(made, Life)
    place = made.rig.ledger.address
    _, bad = recorded.audited(in_log("TargetClosed", setting(target=place)))
    assert any("set removed in " in line and " by role" in line for line in bad)
    assert any(f"{place} closed: chain says false, recomputed true" in line for line in bad)


def test_an_admin_that_only_a_hidden_event_names_is_found_by_the_deployment_file(
    recorded: Recorded, tmp_path: Path
) -> None:
    """Nobody else names the timelock: without the file, it is the trust `list of events`."""
    made, hide = recorded.made.rig, without("RoleGranted", TIMELOCK)
    log = made.authority.events.RoleGranted().get_logs(from_block=0)[TIMELOCK]["args"]
    assert log["roleId"] == 0 and recorded.audited(hide) == (1, [])
    file = tmp_path / "deployment.json"
    file.write_text(json.dumps({"ledger": made.ledger.address, "timelock": log["account"]}))
    level, bad = recorded.audited(hide, "--deployment", str(file))
    assert level == 0 and any(f"role 0 of {log['account']}: chain says" in line for line in bad)


def granted(role: int, who: str, delay: int, since: int, new: bool = True) -> Log:
    args = {"roleId": role, "account": who, "delay": delay, "since": since, "newMember": new}
    return Log("RoleGranted", 1, 0, "0x" + "00" * 32, args)


def changed(name: str, since: int, **args: Any) -> Log:
    return Log(name, 1, 0, "0x" + "00" * 32, {"since": since, **args})


def wrong(access: Access) -> list[str]:
    return [found.name.split(".. ", 1)[1] for found in access.findings if not found.good]


def test_a_role_begins_after_its_grant_delay_and_a_longer_delay_of_it_after_five_days() -> None:
    access = Access(SETBACK, WEEK)
    access.learn(changed("RoleGrantDelayChanged", 1_000 + SETBACK, roleId=COURT, delay=DAY), 1_000)
    access.learn(granted(COURT, "a", 0, 2_000), 2_000)
    later = 1_000 + SETBACK
    access.learn(granted(COURT, "b", 0, later + DAY), later)
    assert wrong(access) == [] and access.may(COURT, later, False) == ["a"]
    assert access.may(COURT, later + DAY, False) == ["a", "b"]
    access.learn(granted(COURT, "c", 0, later), later)
    assert wrong(access) == ["since"]


def test_a_shorter_delay_of_a_member_waits_for_what_it_takes_away() -> None:
    access = Access(SETBACK, WEEK)
    access.learn(granted(GUARDIAN, "a", 900, 5), 5)
    access.learn(granted(GUARDIAN, "a", 300, 610, new=False), 10)
    assert wrong(access) == []
    assert access.members[GUARDIAN, "a"] == (5, Delay(900, 300, 610))
    assert [access.members[GUARDIAN, "a"][1].shown(now) for now in (609, 610)] == [
        [900, 300, 610], [300, 0, 0]]
    assert access.may(GUARDIAN, 20, False) == [] and access.may(GUARDIAN, 20, True) == ["a"]


def test_a_role_that_nobody_had_is_not_revoked() -> None:
    access = Access(SETBACK, WEEK)
    access.learn(changed("RoleRevoked", 0, roleId=COURT, account="a"), 1)
    assert wrong(access) == ["had the role"]
