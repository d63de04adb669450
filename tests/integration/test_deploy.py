"""Deploying: refuses what is wrong before the first transaction, and believes the chain only."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from oracle.adapters.chain import deployment
from oracle.adapters.chain.artifacts import Artifact
from oracle.adapters.chain.ledger import ChainLedger
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.signing.file import FileKey
from oracle.adapters.signing.typed import TypedData
from oracle.domain.errors import Inconsistent, InvalidInput
from scripts import deploy
from scripts.chain import local_chain
from scripts.wallet import Wallet
from tests.chain_world import compiled

SIGNERS = ("0x" + "11" * 20, "0x" + "22" * 20, "0x" + "33" * 20)
NODE = "0x" + "44" * 20
DEAD = "0x" + "99" * 20


@pytest.fixture(scope="module")
def chain():
    with local_chain() as made:
        yield made


@pytest.fixture
def line(chain, tmp_path):
    """A command line that works; options given again replace the earlier ones."""
    key = tmp_path / "deployer.key"
    key.write_text(chain.keys[0])
    key.chmod(0o600)
    signers = [part for signer in SIGNERS for part in ("--signer", signer)]
    out = tmp_path / "deployment.json"
    return [
        "--rpc", chain.url, "--key-file", str(key), "--out", str(out), *signers,
        "--threshold", "2", "--node", NODE, "--artifacts", str(compiled().folder),
    ]  # fmt: skip


def sent(chain):
    return Rpc(chain.url).count(FileKey(bytes.fromhex(chain.keys[0][2:])).address)


def refused(chain, line, capsys, *more):
    """What is said about a command line that must not send anything."""
    before = sent(chain)
    assert deploy.main([*line, *more]) == 1
    assert sent(chain) == before
    said = capsys.readouterr()
    assert not said.out
    return said.err


def test_it_deploys_a_ledger_that_works(chain, line, tmp_path, capsys):
    assert deploy.main(line) == 0
    found = deployment.load(tmp_path / "deployment.json")
    ledger = ChainLedger(Rpc(chain.url), found, compiled(), 0)
    terms = ledger.set_terms(TypedData(31337, found.ledger).set_id(found.oracle_set))
    assert (terms.active, terms.protocol_bps, terms.node_cap_bps) == (True, 500, 2_000)
    assert ledger.node_allowed(NODE) and ledger.recording_count() == 0
    assert found.oracle_set.signers == SIGNERS and found.oracle_set.threshold == 2
    assert all(name in capsys.readouterr().out for name in [found.ledger])


def test_the_file_is_what_others_read(line, tmp_path):
    deploy.main(line)
    found = json.loads((tmp_path / "deployment.json").read_text())
    assert set(found) == {"chainId", "token", "splits", "ledger", "block", "set"}
    assert found["chainId"] == 31337 and set(found["set"]) == {"threshold", "signers"}
    assert deployment.parse(found).to_json() == found


def test_a_deployment_is_not_replaced_by_accident(chain, line, tmp_path, capsys):
    deploy.main(line)
    first = (tmp_path / "deployment.json").read_text()
    capsys.readouterr()
    assert "--force replaces it" in refused(chain, line, capsys)
    assert (tmp_path / "deployment.json").read_text() == first
    assert deploy.main([*line, "--force"]) == 0
    assert (tmp_path / "deployment.json").read_text() != first


def test_it_takes_a_token_that_is_there(chain, line, tmp_path):
    deploy.main(line)
    token = deployment.load(tmp_path / "deployment.json").token
    assert deploy.main([*line, "--force", "--token", token]) == 0
    assert deployment.load(tmp_path / "deployment.json").token == token


@pytest.mark.parametrize(
    "more, said",
    [
        (["--threshold", "4"], "threshold: must be a whole number from 1 to 3 (found 4)"),
        (["--threshold", "0"], "threshold"),
        (["--signer", SIGNERS[0]], "strictly ascending"),
        (["--signer", "0x12"], "--signer: must be an address"),
        (["--signer", "0x" + "aB" * 20], "EIP-55 checksum"),
        (["--node", "node-1"], "--node: must be an address"),
        (["--guardian", "me"], "--guardian"),
        (["--token", DEAD], "--token: is no contract on this chain"),
        (["--token", DEAD, "--test-token"], "one thing or the other"),
        (["--protocol-bps", "3001"], "--node-cap-bps: must be from 0 to 5000 (found 5001)"),
        (["--node-cap-bps", "-1"], "--node-cap-bps"),
        (["--days", "0"], "--days"),
        (["--max-lag", "1"], "--max-lag"),
        (["--rpc", "http://127.0.0.1:9"], "Unavailable"),
        (["--out", "/nowhere/at/all.json"], "existing folder"),
        (["--key-file", "/nowhere"], "key: cannot be read"),
        (["--artifacts", "/nowhere"], "python -m scripts.compile"),
    ],
)
def test_what_is_clearly_wrong_is_refused(chain, line, capsys, more, said):
    assert said in refused(chain, line, capsys, *more)


def test_a_key_that_others_can_read_is_refused(chain, line, tmp_path, capsys):
    (tmp_path / "deployer.key").chmod(0o644)
    assert "chmod 600" in refused(chain, line, capsys)


def test_a_test_token_is_not_deployed_where_money_is_real(line):
    args = deploy.parser().parse_args(line)
    with pytest.raises(InvalidInput, match="must be named on chain 1"):
        deploy.plan_from(args, 1)
    args = deploy.parser().parse_args([*line, "--test-token"])
    assert deploy.plan_from(args, 1).token is None
    args = deploy.parser().parse_args([*line, "--token", DEAD])
    assert deploy.plan_from(args, 1).token == DEAD


class TestCode:
    """What is on chain must be the artifact, immutables aside."""

    HOLE = b"\x7f" + bytes(32)

    def test_immutables_may_differ(self):
        artifact = b"\x60" + self.HOLE + b"\x61" + self.HOLE
        chain = b"\x60\x7f" + b"\x05" * 32 + b"\x61\x7f" + bytes(31) + b"\x09"
        assert deploy.same_code(artifact, chain)

    @pytest.mark.parametrize(
        "chain",
        [
            b"", b"\x60", b"\x61" + HOLE, b"\x60" + HOLE + b"\x00", b"\x60\x7e" + bytes(32),
            b"\x60" + bytes(33),
        ],
    )  # fmt: skip
    def test_nothing_else_may(self, chain):
        assert not deploy.same_code(b"\x60" + self.HOLE, chain)

    def test_zeros_that_are_no_immutable_may_not(self):
        assert not deploy.same_code(bytes(40), bytes(39) + b"\x01")

    def test_another_contract_is_noticed(self, chain):
        key = FileKey(bytes.fromhex(chain.keys[5][2:]))
        found: Artifact = compiled().load("TestDollar")
        other = replace(found, deployed=compiled().load("RightsSplits").deployed)
        with pytest.raises(Inconsistent, match="TestDollar: the code on chain"):
            deploy.create(Wallet(Rpc(chain.url), key), other)


class TestDeploymentFile:
    GOOD = deployment.Deployment(
        1, DEAD, NODE, SIGNERS[0], 7, deployment.OracleSet(2, SIGNERS)
    ).to_json()  # fmt: skip

    def test_it_comes_back_as_it_went(self, tmp_path):
        made = deployment.parse(self.GOOD)
        made.write(tmp_path / "d.json")
        assert deployment.load(tmp_path / "d.json") == made

    @pytest.mark.parametrize(
        "change, said",
        [
            ({"chainId": "1"}, "deployment.chainId"),
            ({"chainId": True}, "deployment.chainId"),
            ({"ledger": "0x" + "aB" * 20}, "EIP-55"),
            ({"block": -1}, "deployment.block"),
            ({"set": {"threshold": 2, "signers": list(SIGNERS[::-1])}}, "strictly ascending"),
            ({"set": {"threshold": 4, "signers": list(SIGNERS)}}, "threshold"),
            ({"set": {"threshold": 1, "signers": []}}, "signers"),
            ({"more": 1}, "deployment.more"),
        ],
    )
    def test_what_is_wrong_is_named(self, change, said):
        with pytest.raises(InvalidInput, match=said):
            deployment.parse({**self.GOOD, **change})

    @pytest.mark.parametrize(
        "text", ["", "[]", "{", '{"chainId": 1.5}', '{"chainId":1,"chainId":2}']
    )
    def test_other_files_are_refused(self, tmp_path, text):
        (tmp_path / "d.json").write_text(text)
        with pytest.raises(InvalidInput):
            deployment.load(tmp_path / "d.json")

    def test_a_missing_file_is_named(self, tmp_path):
        with pytest.raises(InvalidInput, match="nowhere"):
            deployment.load(tmp_path / "nowhere")
