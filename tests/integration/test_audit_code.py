"""The code at every address of a deployment, and every field of the deployment file."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.audit.life import Life, life
from tests.audit.proxy import Alter, when
from tests.audit.recorded import Recorded, unaltered

ADMIN = 0
NOBODY = "0x" + "11" * 20
AROUND = ("splits", "authority", "timelock", "court", "pool", "lens")
MODULES = ("catalogue", "settlement", "oversight", "purse")


def described(made: Life) -> dict[str, Any]:
    """What `refrain deploy` would write about this chain."""
    rig = made.rig
    timelock = rig.deploy("TimelockController", 0, [rig.admin], [rig.admin], "0x" + "00" * 20)
    rig.send(rig.authority.functions.grantRole(ADMIN, timelock.address, 0))
    read = rig.ledger.functions
    modules = {name: read[f"{name}Module"]().call() for name in MODULES}
    places = {name: getattr(rig, name).address
              for name in ("token", "splits", "ledger", "authority", "court", "pool", "lens")}
    signers = [oracle.address for oracle in rig.oracles]
    return {"chainId": 31337, "block": 0, "window": read.window().call(), "modules": modules,
            "timelock": timelock.address, "set": {"threshold": 2, "signers": signers}, **places}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    with life(tmp_path_factory.mktemp("code")) as made:
        found = Recorded(made)
        found.file = described(made)  # type: ignore[attr-defined]
        yield found


@pytest.fixture
def audited(recorded: Recorded, tmp_path: Path) -> Callable[..., list[str]]:
    """The lines that are not ok, with a deployment file that a function may change."""

    def run(alter: Alter = unaltered, change: Callable[[Any], Any] = lambda _: None) -> list[str]:
        given = copy.deepcopy(recorded.file)  # type: ignore[attr-defined]
        change(given)
        path = tmp_path / "deployment.json"
        path.write_text(json.dumps(given))
        return recorded.audited(alter, "--deployment", str(path))[1]

    return run


def place_of(recorded: Recorded, name: str) -> str:
    given = recorded.file  # type: ignore[attr-defined]
    return str(given["modules"].get(name) or given[name])


def test_the_deployment_agrees(audited: Callable[..., list[str]]) -> None:
    assert audited() == []


@pytest.mark.parametrize("name", ["ledger", *MODULES, *AROUND])
def test_one_byte_of_code_that_the_rpc_changes(
    recorded: Recorded, audited: Callable[..., list[str]], name: str
) -> None:
    """The state names the hash of the code."""
    place = place_of(recorded, name)

    def alter(params: list[Any], answer: dict[str, Any]) -> dict[str, Any]:
        code = answer["result"]
        other = code[:602] + ("0" if code[602] != "0" else "1") + code[603:]
        return {"result": other if params[0] == place else code}

    lines = audited(when("eth_getCode", alter))
    assert any(f"eth_getCode of {place}: the state names another hash" in x for x in lines), lines


@pytest.mark.parametrize("name", ["ledger", *MODULES, *AROUND])
def test_one_byte_of_code_that_is_another_on_the_chain(
    recorded: Recorded, tmp_path: Path, name: str
) -> None:
    made, place = recorded.made, place_of(recorded, name)
    request = made.rig.w3.provider.make_request
    code = bytes(made.rig.w3.eth.get_code(place))  # type: ignore[arg-type]
    path = tmp_path / "deployment.json"
    path.write_text(json.dumps(recorded.file))  # type: ignore[attr-defined]
    other = code[:-60] + bytes([code[-60] ^ 1]) + code[-59:]
    request("evm_mine", [])  # type: ignore[arg-type]  # else the block before had this code too
    request("anvil_setCode", [place, "0x" + other.hex()])  # type: ignore[arg-type]
    request("evm_mine", [])  # type: ignore[arg-type]
    try:
        lines = Recorded(made).audited(unaltered, "--deployment", str(path))[1]
    finally:
        request("anvil_setCode", [place, "0x" + code.hex()])  # type: ignore[arg-type]
        request("evm_mine", [])  # type: ignore[arg-type]
    wrong = [x for x in lines if x.startswith("MISMATCH code of ") and place in x]
    assert len(wrong) == 1 and "compiled" in wrong[0], lines


def put(*path: str, value: Any) -> Callable[[Any], None]:
    def change(given: Any) -> None:
        for name in path[:-1]:
            given = given[name]
        given[path[-1]] = value

    return change


FIELDS = [
    *((put("modules", name, value=NOBODY), f"deployment modules.{name}: the file says {NOBODY}")
      for name in MODULES),
    (put("set", "threshold", value=1), "deployment set: the file says 0x"),
    (put("set", "signers", value=[NOBODY]), "deployment set: the file says 0x"),
    (put("timelock", value=NOBODY), "deployment timelock is admin: chain says false"),
    (put("court", value=NOBODY), "deployment court: the file says"),
    (put("pool", value=NOBODY), f"code of TrainingPool {NOBODY}: chain says 0 bytes"),
    (put("lens", value=NOBODY), f"code of RoyaltyLens {NOBODY}: chain says 0 bytes"),
    (put("authority", value=NOBODY), "deployment authority: the file says"),
    (put("splits", value=NOBODY), "deployment splits: the file says"),
    (put("window", value=7), "deployment window: the file says 7"),
]


@pytest.mark.parametrize(("change", "expected"), FIELDS, ids=[row[1][:30] for row in FIELDS])
def test_a_field_of_the_file_that_is_another(
    audited: Callable[..., list[str]], change: Any, expected: str
) -> None:
    lines = audited(unaltered, change)
    assert any(line.startswith(f"MISMATCH {expected}") for line in lines), lines


def test_a_contract_of_another_ledger(recorded: Recorded, tmp_path: Path) -> None:
    """The right code with another immutable: a lens that serves another ledger."""
    rig = recorded.made.rig
    other = rig.deploy("RoyaltyLens", rig._deploy_ledger().address)
    path = tmp_path / "deployment.json"
    path.write_text(json.dumps({**recorded.file, "lens": other.address}))  # type: ignore[attr-defined]
    lines = Recorded(recorded.made).audited(unaltered, "--deployment", str(path))[1]
    assert len(lines) == 1 and lines[0].startswith(f"MISMATCH ledger of lens {other.address}: ")
