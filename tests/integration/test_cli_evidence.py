"""`refrain app evidence` and `refrain court check-evidence`, with a chain and its settlement."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from eth_utils import to_checksum_address

from oracle.adapters.signing.attester import KeyAttester
from oracle.domain.delivery import PATIENCE, Delivery
from tests.integration.test_court import settled_together
from tests.support.chain_world import PRICE, copied_world
from tests.support.http_script import scripted
from tests.support.shell import Shell

ACCEPT = "0x631626ba7e60e01b60005260206000f3"
"""Code that answers ERC-1271's magic value to whatever it is asked."""


@pytest.fixture
def world(tmp_path):
    with copied_world(tmp_path) as made:
        yield made


@pytest.fixture
def oracles():
    with scripted() as one, scripted() as two, scripted() as three:
        yield [one, two, three]


@pytest.fixture
def shell(world, oracles, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("REFRAIN_API", oracles[0].url)
    now = world.rpc.block().timestamp + PATIENCE + 60
    monkeypatch.setattr("oracle.cli.evidence.time", SimpleNamespace(time=lambda: now))
    return Shell(world, tmp_path, monkeypatch, capsys)


def say(world, case, oracles, *said):
    """Each oracle states whether it delivers; None stays silent."""
    time = world.rpc.block().timestamp + PATIENCE
    for number, (script, delivered) in enumerate(zip(oracles, said, strict=True), start=1):
        if delivered is None:
            script.problem("Unavailable", 503, detail="down")
            continue
        attester = KeyAttester(world.keys[f"oracle-{number}"], world.typed)
        made = Delivery(case.generation, case.attestation.manifest, delivered, time)
        script.says({
            "order": case.generation, "manifest": "0x" + case.attestation.manifest.hex(),
            "delivered": delivered, "time": time, "signer": attester.address,
            "signature": attester.sign_delivery(made),
        })  # fmt: skip


def words(case, oracles, out):
    more = [word for script in oracles[1:] for word in ("--oracle", script.url)]
    return ["app", "evidence", case.generation, *more, "--out", out]


def test_refusals_are_collected_written_and_hold_in_court(world, shell, oracles, tmp_path):
    case, out = world.case(), tmp_path / "undelivered.json"
    transaction = world.settle(case)
    say(world, case, oracles, False, None, False)
    found = shell.json("payer", *words(case, oracles, out))
    assert set(found["refused"]) == {world.address("oracle-1"), world.address("oracle-3")}
    assert list(found["silent"]) == [oracles[1].url]
    checked = shell.json("arbiter", "court", "check-evidence", out)
    assert checked == {
        "valid": True, "generation": case.generation, "transaction": transaction,
        "refused": found["refused"], "payer": world.address("payer"), "payer_is_contract": False,
        "contract_oracles": [],
    }  # fmt: skip
    written = json.loads(out.read_text())
    assert written["settlement"]["transaction"] == transaction


def test_one_of_a_batch_is_proven_by_the_batch(world, shell, oracles, tmp_path):
    cases, out = [world.case(nonce) for nonce in range(2)], tmp_path / "undelivered.json"
    settled_together(world, cases)
    say(world, cases[1], oracles, False, False, None)
    assert shell("payer", *words(cases[1], oracles, out)) == 0, shell.err
    assert len(json.loads(out.read_text())["batch"]) == 2
    assert shell("arbiter", "court", "check-evidence", out) == 0, shell.err


def test_a_payer_that_is_a_contract_has_evidence_and_an_oracle_that_is_one_is_named(
    world, shell, oracles, tmp_path
):
    wallet, out = to_checksum_address("0x" + "1271" * 10), tmp_path / "undelivered.json"
    world.chain.rpc("anvil_setCode", wallet, ACCEPT)
    token, ledger = (world.artifacts.contract(name, address) for name, address in (
        ("TestDollar", world.deployment.token), ("RoyaltyLedger", world.deployment.ledger),
    ))  # fmt: skip
    payer = world.wallet("payer")
    payer.transact(token, "mint", payer.address, 2 * PRICE)
    payer.transact(token, "approve", world.deployment.ledger, 2 * PRICE)
    payer.transact(ledger, "fund", wallet, 2 * PRICE)
    plain = world.case()
    case = world.sign(replace(plain.order, payer=wallet), plain.attestation)
    world.settle(case)
    say(world, case, oracles, False, None, False)
    assert shell("payer", *words(case, oracles, out)) == 0, shell.err
    stranger, delegating = world.address("oracle-2"), world.address("oracle-1")
    world.chain.rpc("anvil_setCode", stranger, ACCEPT)
    world.chain.rpc("anvil_setCode", delegating, "0xef0100" + "12" * 20)
    checked = shell.json("arbiter", "court", "check-evidence", out)
    assert (checked["payer"], checked["payer_is_contract"]) == (wallet, True)
    assert checked["contract_oracles"] == [stranger]
    assert shell("arbiter", "court", "check-evidence", out) == 0
    assert "a contract: the ledger asked it" in shell.out.replace("\n", " ")
    assert "signs no statement" in shell.out


@pytest.mark.parametrize("said", [(False, True, True), (False, None, None), (None, None, None)])
def test_without_enough_refusals_nothing_is_written(world, shell, oracles, tmp_path, said):
    case, out = world.case(), tmp_path / "undelivered.json"
    world.settle(case)
    say(world, case, oracles, *said)
    assert shell("payer", *words(case, oracles, out)) != 0
    assert "must refuse" in shell.err and not out.exists()


def test_an_unpaid_order_has_no_evidence(world, shell, oracles, tmp_path):
    case = world.case()
    assert shell("payer", *words(case, oracles, tmp_path / "x")) != 0
    assert "is not settled" in shell.err
    assert not any(script.asked for script in oracles)


@pytest.mark.parametrize("field", ["transaction", "block", "time"])
def test_a_file_about_another_settlement_than_the_chain_has_is_refused(
    world, shell, oracles, tmp_path, field
):
    case, out = world.case(), tmp_path / "undelivered.json"
    world.settle(case)
    say(world, case, oracles, False, False, False)
    assert shell("payer", *words(case, oracles, out)) == 0, shell.err
    value = json.loads(out.read_text())
    settled = value["settlement"]
    settled[field] = "0x" + "11" * 32 if field == "transaction" else settled[field] - 1
    out.write_text(json.dumps(value))
    assert shell("arbiter", "court", "check-evidence", out) != 0
    assert f"{field}: should be" in shell.err


def test_a_file_that_is_no_evidence_is_named(shell, tmp_path):
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    assert shell("arbiter", "court", "check-evidence", bad) != 0
    assert "FILE: is no evidence" in shell.err
