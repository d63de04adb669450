"""Settings: everything wrong is named by its variable, and no secret is ever printed."""

import pytest

from oracle.domain.errors import InvalidInput
from oracle.settings import Secret, read, read_listening, read_pinning

GOOD = {
    "REFRAIN_RPC": "http://127.0.0.1:8545/key-in-the-path",
    "REFRAIN_DEPLOYMENT": "deployment.json",
    "REFRAIN_ORACLE_KEY": "keys/oracle",
    "REFRAIN_SENDER_KEY": "keys/sender",
    "REFRAIN_DATABASE": "oracle.sqlite",
    "REFRAIN_NODES": "http://a:1, http://b:2/",
    "REFRAIN_NODE_TOKEN": "node-secret",
    "REFRAIN_PEERS": "https://one,https://two",
    "REFRAIN_PEER_TOKEN": "peer-secret",
}


def test_what_is_set_is_read():
    found = read({**GOOD, "REFRAIN_PORT": "9000", "REFRAIN_CONFIRMATIONS": "2"})
    assert found.nodes == ("http://a:1", "http://b:2")
    assert found.peers == ("https://one", "https://two")
    assert (found.listening.host, found.listening.port) == ("127.0.0.1", 9_000)
    assert found.confirmations == 2
    assert found.crash is None
    assert found.peer_token.reveal() == "peer-secret"


def test_what_is_not_set_has_a_sound_default():
    found = read(GOOD)
    assert found.prices == {"personal": 10_000, "commercial": 40_000}
    assert (found.node_fee_bps, found.confirmations, found.listening.port) == (1_000, 12, 8_080)
    assert (found.batch, found.batch_wait) == (1, 10)
    assert found.gateway == ""
    assert found.pinning.name == "folder"


def test_no_secret_is_printed():
    text = repr(read({**GOOD, "REFRAIN_IPFS_API": "http://user:pass-secret@ipfs:5001"}))
    for secret in ("key-in-the-path", "node-secret", "peer-secret", "pass-secret"):
        assert secret not in text
    assert str(Secret("x")) == "********"
    assert str(Secret("")) == ""


@pytest.mark.parametrize(
    "name",
    [name for name in GOOD if name != "REFRAIN_PEERS"],
)
def test_what_is_missing_is_named(name):
    for absent in ({k: v for k, v in GOOD.items() if k != name}, {**GOOD, name: "  "}):
        with pytest.raises(InvalidInput, match=f"{name}: must be set"):
            read(absent)


def test_an_oracle_alone_needs_no_peer_token():
    alone = {k: v for k, v in GOOD.items() if "PEER" not in k}
    assert read(alone).peers == ()
    assert read(alone).peer_token.reveal() == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REFRAIN_RPC", "ws://x"),
        ("REFRAIN_RPC", "127.0.0.1:8545"),
        ("REFRAIN_NODES", "http://a,ftp://b"),
        ("REFRAIN_NODES", "http://a,http://a/"),
        ("REFRAIN_PEERS", "one"),
        ("REFRAIN_GATEWAY", "gateway"),
        ("REFRAIN_PORT", "0"),
        ("REFRAIN_PORT", "65536"),
        ("REFRAIN_PORT", "-1"),
        ("REFRAIN_PORT", "80.0"),
        ("REFRAIN_PORT", "\u0661"),
        ("REFRAIN_CONFIRMATIONS", "many"),
        ("REFRAIN_NODE_FEE_BPS", "10001"),
        ("REFRAIN_MAX_AGE", "0"),
        ("REFRAIN_BATCH", "0"),
        ("REFRAIN_BATCH", "33"),
        ("REFRAIN_BATCH_WAIT", "301"),
        ("REFRAIN_PRICE_PERSONAL", "0.01"),
        ("REFRAIN_CRASH", "after:signed"),
        ("REFRAIN_CRASH", "after:signed:0"),
        ("REFRAIN_CRASH", ":1"),
    ],
)
def test_what_is_wrong_is_named(name, value):
    with pytest.raises(InvalidInput) as caught:
        read({**GOOD, name: value})
    assert caught.value.field.startswith(name)


def test_a_wrong_rpc_is_not_repeated():
    with pytest.raises(InvalidInput) as caught:
        read({**GOOD, "REFRAIN_RPC": "wss://node/secret-key"})
    assert "secret-key" not in str(caught.value)


def test_nobody_waits_for_a_batch_until_too_old_to_be_signed():
    assert read({**GOOD, "REFRAIN_MAX_AGE": "9"}).batch_wait == 3
    with pytest.raises(InvalidInput, match="REFRAIN_BATCH_WAIT"):
        read({**GOOD, "REFRAIN_MAX_AGE": "9", "REFRAIN_BATCH_WAIT": "4"})


def test_a_crash_point_may_hold_a_colon():
    assert read({**GOOD, "REFRAIN_CRASH": "after:signed:3"}).crash == ("after:signed", 3)


def test_a_gateway_needs_little():
    assert read_pinning({"REFRAIN_PIN_FOLDER": "pins"}).pin_folder.name == "pins"
    assert read_listening({}, 8_081).port == 8_081
