"""Settings: read once, wrong ones refused by the variable's name, secrets never printed."""

import json

import pytest

from generator import settings
from generator.settings import Secret
from oracle.domain.errors import InvalidInput

LEDGER = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
PAYEE = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


@pytest.fixture
def environment(tmp_path):
    deployment = tmp_path / "deployment.json"
    deployment.write_text(json.dumps({"chainId": 31337, "ledger": LEDGER, "block": 3, "set": {}}))
    return {
        "REFRAIN_RPC": "http://127.0.0.1:8545/a-secret-key",
        "REFRAIN_DEPLOYMENT": str(deployment),
        "REFRAIN_VAULT": str(tmp_path / "vault"),
        "REFRAIN_NODE_PAYEE": PAYEE,
        "REFRAIN_NODE_TOKEN": "correct horse battery staple",
    }


def test_what_is_set_is_read_and_the_rest_has_defaults(environment, tmp_path):
    found = settings.read(environment)
    assert (found.deployment.chain_id, found.deployment.ledger, found.deployment.block) == (
        31337, LEDGER, 3,
    )  # fmt: skip
    assert found.vault == tmp_path / "vault"
    assert (found.host, found.port, found.checkpoint) == ("127.0.0.1", 8090, None)


def test_secrets_print_as_stars(environment):
    shown = repr(settings.read(environment)) + str(Secret("token"))
    assert "secret-key" not in shown and "horse" not in shown and "token'" not in shown
    assert "********" in shown


@pytest.mark.parametrize(
    "name",
    [
        "REFRAIN_RPC", "REFRAIN_DEPLOYMENT", "REFRAIN_VAULT", "REFRAIN_NODE_PAYEE",
        "REFRAIN_NODE_TOKEN",
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
        ("REFRAIN_NODE_TOKEN", "short"),
        ("REFRAIN_PORT", "65536"),
        ("REFRAIN_PORT", "http"),
        ("REFRAIN_DEPLOYMENT", "/no/such/file"),
    ],
)
def test_a_wrong_variable_is_named(environment, name, value):
    with pytest.raises(InvalidInput, match=name):
        settings.read(environment | {name: value})


def test_a_short_token_is_refused_without_showing_it(environment):
    with pytest.raises(InvalidInput) as refused:
        settings.read(environment | {"REFRAIN_NODE_TOKEN": "hunter2"})
    assert "hunter2" not in str(refused.value)


BROKEN = {
    "a list": "[]",
    "chain 0": json.dumps({"chainId": 0, "ledger": LEDGER, "block": 1}),
    "no address": json.dumps({"chainId": 1, "ledger": "0x12", "block": 1}),
    "text for a number": json.dumps({"chainId": 1, "ledger": LEDGER, "block": "1"}),
    "a key twice": '{"chainId":1,"chainId":2}',
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_deployment_is_refused(tmp_path, content):
    path = tmp_path / "deployment.json"
    path.write_text(content)
    with pytest.raises(InvalidInput):
        settings.read_deployment(path)
