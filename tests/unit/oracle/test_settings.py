"""Settings: an error names the variable, and no secret is printed."""

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
    "REFRAIN_PEERS": "https://one,https://two",
}


def test_set_variables_are_read():
    found = read({**GOOD, "REFRAIN_PORT": "9000", "REFRAIN_CONFIRMATIONS": "2"})
    assert found.nodes == ("http://a:1", "http://b:2")
    assert found.peers == ("https://one", "https://two")
    assert (found.listening.host, found.listening.port) == ("127.0.0.1", 9_000)
    assert found.confirmations == 2
    assert found.crash is None
    assert found.url == "http://127.0.0.1:9000"


def test_other_variables_have_defaults():
    found = read(GOOD)
    assert found.prices == {"personal": 10_000, "commercial": 40_000}
    assert (found.node_fee_bps, found.confirmations, found.listening.port) == (1_000, 12, 8_080)
    assert (found.batch, found.batch_wait) == (1, 10)
    assert found.gateway == ""
    assert found.pinning.name == "folder"


def test_withheld_files_lie_beside_the_database_and_never_below_the_pins():
    found = read(GOOD).withholding
    assert (str(found.folder), found.keep_unpaid, found.copies) == (
        "oracle.sqlite.withheld", 86_400, None,
    )  # fmt: skip
    other = {**GOOD, "REFRAIN_WITHHELD": "private", "REFRAIN_KEEP_UNPAID": "60"}
    found = read({**other, "REFRAIN_COPIES": "2", "REFRAIN_PIN_FOLDER": "pins"}).withholding
    assert (str(found.folder), found.keep_unpaid, found.copies) == ("private", 60, 2)
    for inside in ("pins", "pins/x", "x/../pins/y"):
        with pytest.raises(InvalidInput, match="REFRAIN_WITHHELD: must lie outside"):
            read({**GOOD, "REFRAIN_PIN_FOLDER": "pins", "REFRAIN_WITHHELD": inside})


def test_no_secret_is_printed():
    text = repr(read({**GOOD, "REFRAIN_IPFS_API": "http://user:pass-secret@ipfs:5001"}))
    for secret in ("key-in-the-path", "pass-secret"):
        assert secret not in text
    assert str(Secret("x")) == "********"
    assert str(Secret("")) == ""


@pytest.mark.parametrize(
    "name",
    [name for name in GOOD if name != "REFRAIN_PEERS"],
)
def test_a_missing_variable_is_named(name):
    for absent in ({k: v for k, v in GOOD.items() if k != name}, {**GOOD, name: "  "}):
        with pytest.raises(InvalidInput, match=f"{name}: must be set"):
            read(absent)


def test_an_oracle_may_be_alone():
    alone = {k: v for k, v in GOOD.items() if "PEER" not in k}
    assert read(alone).peers == ()


def test_the_url_under_which_others_know_the_oracle_can_be_set():
    assert read({**GOOD, "REFRAIN_URL": "https://one.example/"}).url == "https://one.example"
    with pytest.raises(InvalidInput, match="REFRAIN_URL"):
        read({**GOOD, "REFRAIN_URL": "one.example"})


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
        ("REFRAIN_COPIES", "0"),
        ("REFRAIN_COPIES", "256"),
        ("REFRAIN_KEEP_UNPAID", "-1"),
        ("REFRAIN_BATCH", "0"),
        ("REFRAIN_BATCH", "33"),
        ("REFRAIN_BATCH_WAIT", "301"),
        ("REFRAIN_PRICE_PERSONAL", "0.01"),
        ("REFRAIN_CRASH", "after:signed"),
        ("REFRAIN_CRASH", "after:signed:0"),
        ("REFRAIN_CRASH", ":1"),
    ],
)
def test_a_wrong_variable_is_named(name, value):
    with pytest.raises(InvalidInput) as caught:
        read({**GOOD, name: value})
    assert caught.value.field.startswith(name)


def test_a_wrong_rpc_is_not_repeated():
    with pytest.raises(InvalidInput) as caught:
        read({**GOOD, "REFRAIN_RPC": "wss://node/secret-key"})
    assert "secret-key" not in str(caught.value)


def test_the_wait_for_a_batch_is_shorter_than_the_largest_age():
    assert read({**GOOD, "REFRAIN_MAX_AGE": "9"}).batch_wait == 3
    with pytest.raises(InvalidInput, match="REFRAIN_BATCH_WAIT"):
        read({**GOOD, "REFRAIN_MAX_AGE": "9", "REFRAIN_BATCH_WAIT": "4"})


def test_a_fault_point_may_contain_a_colon():
    assert read({**GOOD, "REFRAIN_CRASH": "after:signed:3"}).crash == ("after:signed", 3)


def test_the_gateway_needs_only_its_own_settings():
    assert read_pinning({"REFRAIN_PIN_FOLDER": "pins"}).pin_folder.name == "pins"
    assert read_listening({}, 8_081).port == 8_081
