"""The node's settings: an error names the variable, and secrets are never printed."""

import json

import pytest

from generator.node import settings
from generator.sandbox.limits import TaskLimits
from oracle.domain.errors import InvalidInput
from oracle.domain.secret import Secret
from tests.support.deployment_file import deployment_file

LEDGER = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
PAYEE = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


@pytest.fixture
def environment(tmp_path):
    deployment = tmp_path / "deployment.json"
    deployment.write_text(json.dumps(deployment_file(LEDGER, block=3)))
    return {
        "REFRAIN_RPC": "http://127.0.0.1:8545/a-secret-key",
        "REFRAIN_DEPLOYMENT": str(deployment),
        "REFRAIN_VAULT": str(tmp_path / "vault"),
        "REFRAIN_NODE_PAYEE": PAYEE,
    }


def test_settings_are_read_and_have_defaults(environment, tmp_path):
    found = settings.read(environment)
    assert (found.deployment.chain_id, found.deployment.ledger, found.deployment.block) == (
        31337, LEDGER, 3,
    )  # fmt: skip
    assert found.vault == tmp_path / "vault"
    assert (found.host, found.port, found.checkpoint) == ("127.0.0.1", 8090, None)
    assert found.url == "http://127.0.0.1:8090"
    assert found.deployment.oracle_set.threshold == 1


def test_what_engines_may_use_can_be_set(environment):
    found = settings.read(environment)
    assert found.worker == TaskLimits(8 * 1024**3, 900, 50 * 1024**3)
    assert (found.vault_size, found.disk_free) == (100 * 1024**3, 1024**3)
    names = ("WORKER_MEMORY", "WORKER_SECONDS", "CACHE_SIZE", "VAULT_SIZE", "DISK_FREE")
    values = dict(zip(names, ("2000", "60", "3000", "400", "5"), strict=True))
    found = settings.read(environment | {f"REFRAIN_{n}": v for n, v in values.items()})
    assert found.worker == TaskLimits(2_000 << 20, 60, 3_000 << 20)
    assert (found.vault_size, found.disk_free) == (400 << 20, 5 << 20)


def test_the_url_under_which_oracles_know_the_node_can_be_set(environment):
    behind = {"REFRAIN_HOST": "::1", "REFRAIN_PORT": "9000"}
    assert settings.read(environment | behind).url == "http://[::1]:9000"
    behind["REFRAIN_URL"] = "https://node.example/one/"
    assert settings.read(environment | behind).url == "https://node.example/one"


def test_secrets_print_as_stars(environment):
    shown = repr(settings.read(environment)) + str(Secret("token"))
    assert "secret-key" not in shown and "token'" not in shown
    assert "********" in shown


@pytest.mark.parametrize(
    "name",
    [
        "REFRAIN_RPC", "REFRAIN_DEPLOYMENT", "REFRAIN_VAULT", "REFRAIN_NODE_PAYEE",
    ],
)  # fmt: skip
def test_a_missing_variable_is_named(environment, name):
    del environment[name]
    with pytest.raises(InvalidInput, match=f"{name}: must be set"):
        settings.read(environment)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REFRAIN_RPC", "127.0.0.1:8545"),
        ("REFRAIN_NODE_PAYEE", PAYEE.lower()),
        ("REFRAIN_NODE_PAYEE", "0x12"),
        ("REFRAIN_URL", "node.example"),
        ("REFRAIN_PORT", "65536"),
        ("REFRAIN_PORT", "http"),
        ("REFRAIN_DEPLOYMENT", "/no/such/file"),
        ("REFRAIN_WORKER_MEMORY", "1023"),
        ("REFRAIN_WORKER_SECONDS", "29"),
        ("REFRAIN_CACHE_SIZE", "lots"),
        ("REFRAIN_VAULT_SIZE", "-1"),
        ("REFRAIN_DISK_FREE", "1.5"),
    ],
)
def test_a_wrong_variable_is_named(environment, name, value):
    with pytest.raises(InvalidInput, match=name):
        settings.read(environment | {name: value})


BROKEN = {
    "a list": "[]",
    "nothing": "",
    "no other key": json.dumps({"chainId": 1, "ledger": LEDGER, "block": 1}),
    "chain 0": json.dumps(deployment_file(LEDGER, chainId=0)),
    "no address": json.dumps(deployment_file("0x12")),
    "text for a number": json.dumps(deployment_file(LEDGER, block="1")),
    "a key twice": '{"chainId":1,"chainId":2}',
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_deployment_is_refused(environment, tmp_path, content):
    (tmp_path / "deployment.json").write_text(content)
    with pytest.raises(InvalidInput):
        settings.read(environment)
