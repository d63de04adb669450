"""Rare movements of money: payers that are contracts, parked payouts, exits, sweeps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.auditor.cli import main
from scripts.solidity.ledger_fixture import WINDOW
from tests.audit.world import World, world

ACCEPT = "0x631626ba7e60e01b60005260206000f3"
"""Code that answers ERC-1271's magic value to whatever it is asked."""
REFUSE = "0x60006000fd"
WALLET = "0x" + "1271" * 10


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("money")) as found:
        found.settle()
        yield found


def code(made: World, address: str, text: str) -> str:
    """Puts code at an address and returns what was there; a new block has it in its state."""
    before = made.rig.w3.eth.get_code(address)
    made.rig.w3.provider.make_request("anvil_setCode", [address, text])
    made.rig.w3.provider.make_request("evm_mine", [])
    return "0x" + before.hex()


def audited(made: World, capsys: pytest.CaptureFixture[str], *more: str) -> list[str]:
    main(["--rpc", made.url, "--ledger", made.rig.ledger.address,
                "--ipfs", str(made.blocks.root), *more])
    return capsys.readouterr().out.splitlines()


def wrong(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith(("MISMATCH", "UNREADABLE"))]


def test_a_payer_that_is_a_contract(made: World, capsys: pytest.CaptureFixture[str]) -> None:
    wallet = made.rig.w3.to_checksum_address(WALLET)
    code(made, wallet, ACCEPT)
    made.rig.fund(wallet, 5_000_000)
    generation = made.settle(order={"payer": wallet})
    name = f"generation {generation[:10]}.. order signature (ERC-1271)"
    lines = audited(made, capsys)
    assert f"ok   {name}" in lines and not wrong(lines)
    code(made, wallet, REFUSE)
    refused = f"UNREADABLE generation {generation[:10]}.. order: isValidSignature(bytes32,bytes)"
    lines = audited(made, capsys)
    assert sum(line.startswith(refused) for line in lines) == 1
    code(made, wallet, ACCEPT)


def test_money_that_is_parked(made: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The token refuses all transfers for a while; later one of the two holders collects."""
    made.settle()
    made.rig.pass_time(2 * WINDOW)
    whole = code(made, made.rig.token.address, REFUSE)
    made.rig.send(made.rig.ledger.functions.withdrawMany([1]))
    code(made, made.rig.token.address, whole)
    parked = made.rig.ledger.functions.parked(made.partner).call()
    statement = made.statement(made.partner)
    rows = statement.read_text().splitlines()
    assert rows[-1].startswith("parked,") and rows[-1].endswith(f",{parked},")
    made.rig.send(made.rig.ledger.functions.withdrawFor(made.partner))
    made.rig.send(made.rig.ledger.functions.withdrawTo(made.teo), made.mara)
    collected = made.statement(made.mara)
    assert collected.read_text().splitlines()[-1].endswith(f",{made.teo}")
    made.withdraw(1)
    statement = made.statement(made.partner)
    lines = audited(made, capsys, "--statement", str(statement), "--statement", str(collected))
    assert f"ok   parked for {made.mara}" in lines and not wrong(lines)


def test_a_revocation_after_the_track_was_made(
    made: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """A track from before a revocation keeps its consent."""
    made.settle()
    made.rig.send(made.rig.ledger.functions.revoke(2), made.mara)
    assert not wrong(audited(made, capsys))


def test_oracles_that_change(made: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The guardian removes the set; its earlier signatures stay valid."""
    rig = made.rig
    before = rig.w3.provider.make_request("evm_snapshot", [])["result"]
    rig.send(rig.ledger.functions.removeSet(rig.set), rig.guardian)
    rig.send(rig.ledger.functions.allowNode(made.node, False))
    lines = audited(made, capsys)
    assert f"ok   set 0x{rig.set.hex()}" in lines and not wrong(lines)
    rig.w3.provider.make_request("evm_revert", [before])


def test_the_training_pool(made: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Entry 0 is the pool; here it is paid although the trace gives it nothing."""
    generation = made.settle({1: 500_000, 3: 500_000}, entries={0: 100_000, 1: 900_000})
    lines = audited(made, capsys, "--generation", generation)
    assert f"ok   pool of {made.payer.address}" in lines
    fields = [line.split(".. ")[1].split(":")[0] for line in wrong(lines)]
    assert fields == ["manifest", "weight[0]", "weight[1]", "weight[3]"]
