"""Deploying: refuses what is wrong before the first transaction, and believes the chain only."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from oracle.adapters.chain import deployment
from oracle.adapters.chain.ledger import ChainLedger
from oracle.adapters.chain.rpc import Rpc
from oracle.adapters.signing.file import FileKey
from oracle.adapters.signing.typed import TypedData
from oracle.client.wallet import Wallet
from oracle.domain.errors import Inconsistent, InvalidInput
from scripts.deploy import chains, deploy, roles
from scripts.deploy.create import create
from scripts.deploy.plan import ADMIN, ARBITER, COURT, DAY, GUARDIAN, Plan
from scripts.solidity.anvil import local_chain
from scripts.solidity.artifacts import Artifact
from tests.support.chain_world import compiled

SIGNERS = ("0x" + "11" * 20, "0x" + "22" * 20, "0x" + "33" * 20)
NODE = "0x" + "44" * 20
DEAD = "0x" + "99" * 20
BOSS, WATCH = "0x" + "55" * 20, "0x" + "66" * 20
KEYS = {
    "chainId", "token", "splits", "ledger", "block", "set", "authority", "timelock", "modules",
    "window", "court", "pool", "lens", "release", "releaseAbove", "blockSeconds",
}  # fmt: skip


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
    ledger = ChainLedger(Rpc(chain.url), found, 0)
    terms = ledger.set_terms(found.oracle_set)
    assert (terms.active, terms.protocol_bps, terms.node_cap_bps) == (True, 500, 2_000)
    assert ledger.node_allowed(NODE) and ledger.recording_count() == 0
    assert found.oracle_set.signers == SIGNERS and found.oracle_set.threshold == 2
    assert all(name in capsys.readouterr().out for name in [found.ledger])


def test_the_file_is_what_others_read(line, tmp_path):
    deploy.main(line)
    found = json.loads((tmp_path / "deployment.json").read_text())
    assert set(found) == KEYS
    assert found["chainId"] == 31337 and set(found["set"]) == {"threshold", "signers"}
    assert deployment.parse(found).to_json() == found
    assert (found["release"], found["blockSeconds"]) == ("confirmations", 0)


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
    assert deploy.main([*line, "--force", "--token", token, "--unlisted-token"]) == 0
    assert deployment.load(tmp_path / "deployment.json").token == token


def test_a_token_that_is_not_listed_is_refused(chain, line, tmp_path, capsys):
    deploy.main(line)
    token = deployment.load(tmp_path / "deployment.json").token
    capsys.readouterr()
    assert "31337.json; --unlisted-token" in refused(
        chain, line, capsys, "--force", "--token", token
    )


class TestRoles:
    """What the chain says when the deployer is done."""

    @pytest.fixture(scope="class")
    def made(self, chain):
        wallet = Wallet(Rpc(chain.url), FileKey(bytes.fromhex(chain.keys[3][2:])))
        signers = deployment.OracleSet(2, SIGNERS)
        plan = Plan(signers, (NODE,), admin=BOSS, guardian=WATCH, receiver=DEAD)
        return wallet, deploy.deploy(wallet, compiled(), plan), plan

    def ask(self, made, name, where, *args):
        contract = compiled().contract(name, getattr(made[1], where))
        return made[0].ask(contract, *args)

    def test_the_deployer_has_none_left(self, made):
        me = made[0].address
        for role in (ADMIN, GUARDIAN, COURT, ARBITER):
            assert self.ask(made, "AccessManager", "authority", "hasRole", role, me)[0] is False
        for role in (roles.DEFAULT_ADMIN, roles.PROPOSER, roles.CANCELLER):
            assert not self.ask(made, "TimelockController", "timelock", "hasRole", role, me)
        ledger = compiled().contract("RoyaltyLedger", made[1].ledger)
        for call in (("allowNode", NODE, False), ("pause",), ("unpause",)):
            with pytest.raises(Inconsistent, match="AccessManagedUnauthorized"):
                made[0].transact(ledger, *call)

    def test_the_timelock_is_admin_and_waits(self, made):
        admin = ("hasRole", 0, made[1].timelock)
        assert self.ask(made, "AccessManager", "authority", *admin)[0] is True
        assert self.ask(made, "TimelockController", "timelock", "getMinDelay") == 2 * DAY
        for role, who in ((roles.PROPOSER, BOSS), (roles.CANCELLER, WATCH)):
            assert self.ask(made, "TimelockController", "timelock", "hasRole", role, who)

    def test_the_court_freezes_and_the_arbiter_rules(self, made):
        for role, who in ((COURT, made[1].court), (ARBITER, WATCH), (GUARDIAN, WATCH)):
            assert self.ask(made, "AccessManager", "authority", "hasRole", role, who)[0]
        ledger = ChainLedger(made[0].rpc, made[1], 0)
        assert ledger.is_arbiter(WATCH) and not ledger.is_arbiter(BOSS)
        court = compiled().contract("DisputeCourt", made[1].court)
        found = ("getTargetFunctionRole", court.address, court.selector("rule"))
        assert self.ask(made, "AccessManager", "authority", *found) == ARBITER
        assert self.ask(made, "RoyaltyLedger", "ledger", "poolReceiver") == made[1].pool
        for name, place in (("DisputeCourt", "court"), ("RoyaltyLens", "lens")):
            assert self.ask(made, name, place, "ledger") == made[1].ledger

    def test_the_ledger_is_as_planned(self, made):
        for name, wanted in (("window", 7 * DAY), ("maxLag", DAY), ("protocolReceiver", DEAD)):
            assert self.ask(made, "RoyaltyLedger", "ledger", name) == wanted
        set_id = TypedData(31337, made[1].ledger).set_id(made[1].oracle_set)
        assert self.ask(made, "RoyaltyLedger", "ledger", "sets", set_id)["cap"] == Plan.cap

    def test_a_role_that_is_still_there_is_noticed(self, made):
        wallet, there, plan = made
        with pytest.raises(Inconsistent, match="the deployer is admin: should be True"):
            roles._verify(wallet, compiled(), there, replace(plan, keep_admin=True))


CHAIN = {
    "name": "Chain", "tokens": {"USDC": {"address": DEAD, "decimals": 6}},
    "confirmations": 1, "release": "confirmations", "releaseAbove": "7", "blockSeconds": 2,
    "window": 2, "maxLag": 1,
}  # fmt: skip


class TestChains:

    @pytest.mark.parametrize("chain_id", [1, 8453, 31337, 1337])
    def test_ours_can_be_read(self, chain_id):
        assert chains.load(chain_id).window > chains.load(chain_id).max_lag

    @pytest.mark.parametrize("chain_id", [1, 8453])
    def test_real_money_waits_for_a_finalized_block(self, chain_id):
        found = chains.load(chain_id)
        assert found.release.needs_finalized(1) and found.block_seconds > 0

    def test_a_development_chain_has_no_finalized_block_to_wait_for(self):
        for chain_id in (31337, 1337):
            assert not chains.load(chain_id).release.needs_finalized(2**48 - 1)

    def test_an_amount_above_the_limit_needs_a_finalized_block(self):
        release = chains.parse(CHAIN).release
        assert not release.needs_finalized(7) and release.needs_finalized(8)

    def test_a_token_is_found_by_symbol_or_address(self):
        found = chains.parse(CHAIN)
        assert found.token("USDC") == found.token("usdc") == found.token(DEAD.upper())
        assert found.token("DAI") is None and found.token("0x" + "12" * 20) is None

    @pytest.mark.parametrize(
        "change, said",
        [
            ({"window": 0}, "chain.window"),
            ({"tokens": []}, "chain.tokens"),
            ({"tokens": {"A": {"address": "0x" + "aB" * 20, "decimals": 6}}}, "chain.tokens.A"),
            ({"more": 1}, "chain.more"),
            ({"release": "soon"}, "chain.release: must be one of confirmations, finalized"),
            ({"releaseAbove": 7}, "chain.releaseAbove"),
            ({"blockSeconds": -1}, "chain.blockSeconds"),
        ],
    )
    def test_what_is_wrong_is_named(self, change, said):
        with pytest.raises(InvalidInput, match=said):
            chains.parse({**CHAIN, **change})

    def test_a_chain_without_a_profile_is_refused(self, tmp_path):
        with pytest.raises(InvalidInput, match=r"5\.json"):
            chains.load(5, tmp_path)


@pytest.mark.parametrize(
    "more, said",
    [
        (["--threshold", "4"], "threshold: must be a whole number from 1 to 3 (found 4)"),
        (["--threshold", "0"], "threshold"),
        (["--threshold", "1"], "--threshold: must be more than half of the 3 signers (found 1)"),
        (["--signer", SIGNERS[0]], "strictly ascending"),
        (["--signer", "0x12"], "--signer: must be an address"),
        (["--signer", "0x" + "aB" * 20], "EIP-55 checksum"),
        (["--node", "node-1"], "--node: must be an address"),
        (["--guardian", "me"], "--guardian"),
        (["--token", DEAD, "--unlisted-token"], "--token: is no contract on this chain"),
        (["--token", "DOGE"], "--token: is not in hardhat-config/chains/31337.json"),
        (["--token", "DOGE", "--unlisted-token"], "--token: must be an address"),
        (["--admin", "me"], "--admin"),
        (["--receiver", "me"], "--receiver"),
        (["--arbiter", "me"], "--arbiter"),
        (["--bond", "0"], "--bond"),
        (["--ruling-days", "91"], "--ruling-days"),
        (["--cap", "0"], "--cap"),
        (["--delay", "-1"], "--delay"),
        (["--window", "86400"], "--window: must be from 86401"),
        (["--token", DEAD, "--test-token"], "exclude each other"),
        (["--protocol-bps", "3001"], "--node-cap-bps: must be from 0 to 5000 (found 5001)"),
        (["--node-cap-bps", "-1"], "--node-cap-bps"),
        (["--days", "0"], "--days"),
        (["--max-lag", "1"], "--max-lag"),
        (["--rpc", "http://127.0.0.1:9"], "Unavailable"),
        (["--out", "/nowhere/at/all.json"], "existing folder"),
        (["--key-file", "/nowhere"], "key: cannot be read"),
        (["--artifacts", "/nowhere"], "python -m scripts.solidity.compile"),
    ],
)
def test_what_is_clearly_wrong_is_refused(chain, line, capsys, more, said):
    assert said in refused(chain, line, capsys, *more)


def test_a_key_that_others_can_read_is_refused(chain, line, tmp_path, capsys):
    (tmp_path / "deployer.key").chmod(0o644)
    assert "chmod 600" in refused(chain, line, capsys)


def test_a_test_token_is_not_deployed_where_money_is_real(line):
    args = deploy.parser().parse_args(line)
    ethereum = chains.load(1)
    with pytest.raises(InvalidInput, match="must be named on chain 1"):
        deploy.plan_from(args, 1, ethereum)
    args = deploy.parser().parse_args([*line, "--test-token"])
    assert deploy.plan_from(args, 1, ethereum).token is None
    args = deploy.parser().parse_args([*line, "--token", "usdc"])
    assert deploy.plan_from(args, 1, ethereum).token == ethereum.tokens["USDC"].address


@pytest.mark.parametrize("more", [["--delay", "172799"], ["--keep-admin"]])
def test_nor_is_the_timelock_weakened_there(line, more):
    args = deploy.parser().parse_args([*line, "--test-token", *more])
    with pytest.raises(InvalidInput, match=more[0]):
        deploy.plan_from(args, 1, chains.load(1))


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
            create(Wallet(Rpc(chain.url), key), other)


class TestDeploymentFile:
    GOOD = deployment.Deployment(
        1, DEAD, NODE, SIGNERS[0], 7, deployment.OracleSet(2, SIGNERS), BOSS, WATCH,
        deployment.Modules(DEAD, NODE, BOSS, WATCH), 9, BOSS, DEAD, NODE,
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
            ({"window": 0}, "deployment.window"),
            ({"release": "later"}, "deployment.release"),
            ({"releaseAbove": "-1"}, "deployment.releaseAbove"),
            ({"blockSeconds": "2"}, "deployment.blockSeconds"),
            ({"modules": {"catalogue": DEAD}}, "deployment.modules.oversight"),
        ],
    )
    def test_what_is_wrong_is_named(self, change, said):
        with pytest.raises(InvalidInput, match=said):
            deployment.parse({**self.GOOD, **change})

    def test_an_older_file_is_read_strictly(self):
        later = ("release", "releaseAbove", "blockSeconds")
        found = deployment.parse({k: v for k, v in self.GOOD.items() if k not in later})
        assert found.release.needs_finalized(0) and found.block_seconds == 12

    @pytest.mark.parametrize("key", ["release", "releaseAbove", "blockSeconds"])
    def test_a_part_of_the_release_rule_is_not_enough(self, key):
        with pytest.raises(InvalidInput, match=f"deployment.{key}: is missing"):
            deployment.parse({k: v for k, v in self.GOOD.items() if k != key})

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
