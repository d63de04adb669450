"""Leave to upload: the owner's signature for the registered audio, in its one accepted form."""

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from generator import uploads
from generator.repertoire import Entry
from generator.settings import Deployment
from oracle.domain.errors import InvalidInput, Unauthorised

ORDER = 2 * uploads.HALF_ORDER + 1
OWNER = Account.from_key("0x" + "11" * 32)
DEPLOYMENT = Deployment(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3", 1)
ENTRY = Entry(7, OWNER.address, "ab" * 32)
DEADLINE, NOW = 2_000, 1_000


def signature(account=OWNER, entry=ENTRY, deployment=DEPLOYMENT, deadline=DEADLINE):
    """Signed as a wallet does, from the type's full text."""
    message = {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "Upload": [
                {"name": "recording", "type": "uint256"},
                {"name": "audio", "type": "bytes32"},
                {"name": "deadline", "type": "uint256"},
            ],
        },
        "primaryType": "Upload",
        "domain": {
            "name": "Refrain",
            "version": "1",
            "chainId": deployment.chain_id,
            "verifyingContract": deployment.ledger,
        },
        "message": {
            "recording": entry.recording,
            "audio": bytes.fromhex(entry.audio),
            "deadline": deadline,
        },
    }
    return account.sign_message(encode_typed_data(full_message=message)).signature


def check(raw, now=NOW):
    uploads.check(ENTRY, DEPLOYMENT, DEADLINE, "0x" + raw.hex(), now)


def test_the_owner_may():
    check(signature())
    check(signature(), now=DEADLINE)


def test_too_late():
    with pytest.raises(Unauthorised, match="deadline: has passed"):
        check(signature(), now=DEADLINE + 1)


@pytest.mark.parametrize(
    "changed",
    [
        {"account": Account.from_key("0x" + "22" * 32)},
        {"entry": Entry(8, OWNER.address, ENTRY.audio)},
        {"entry": Entry(7, OWNER.address, "cd" * 32)},
        {"deployment": Deployment(1, DEPLOYMENT.ledger, 1)},
        {"deployment": Deployment(31337, OWNER.address, 1)},
        {"deadline": DEADLINE + 1},
    ],
    ids=["another key", "recording", "audio", "chain", "ledger", "deadline"],
)
def test_a_signature_for_anything_else_does_not_count(changed):
    with pytest.raises(Unauthorised, match="not of the recording's owner"):
        check(signature(**changed))


def test_the_other_signature_of_the_same_statement_is_refused():
    raw = signature()
    high = ORDER - int.from_bytes(raw[32:64], "big")
    twin = raw[:32] + high.to_bytes(32, "big") + bytes([55 - raw[64]])
    with pytest.raises(InvalidInput, match="upper half"):
        check(twin)


def test_v_of_zero_or_one_is_refused():
    raw = signature()
    with pytest.raises(InvalidInput, match="v 27 or 28"):
        check(raw[:64] + bytes([raw[64] - 27]))


@pytest.mark.parametrize(
    "text", ["", "0x", "0x" + "00" * 64, "0x" + "00" * 66, "00" * 66, "0x" + "zz" * 65]
)
def test_malformed_signatures_are_refused(text):
    with pytest.raises(InvalidInput, match="65 bytes in 0x-hex"):
        uploads.check(ENTRY, DEPLOYMENT, DEADLINE, text, NOW)


def test_a_signature_that_recovers_to_nothing_is_refused():
    with pytest.raises(InvalidInput, match="recovers to no key"):
        check(b"\x00" * 32 + b"\x00" * 31 + b"\x01" + b"\x1b")
