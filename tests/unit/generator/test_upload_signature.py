"""Permission to upload: the owner's signature for the registered audio, in one accepted form."""

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from generator.node import upload_signature
from generator.node.chain_registry import Entry
from oracle.adapters.signing.signatures import ORDER, compact
from oracle.adapters.signing.typed import TypedData
from oracle.domain.errors import InvalidInput, Unauthorised
from oracle.domain.typed_data import SigningDomain

OWNER = Account.from_key("0x" + "11" * 32)
DOMAIN = SigningDomain(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
TYPED = TypedData(DOMAIN.chain_id, DOMAIN.ledger)
ENTRY = Entry(7, OWNER.address, "ab" * 32)
DEADLINE, NOW = 2_000, 1_000


def signature(account=OWNER, entry=ENTRY, domain=DOMAIN, deadline=DEADLINE):
    """A signature made as a wallet makes it, from the full typed data."""
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
            "chainId": domain.chain_id,
            "verifyingContract": domain.ledger,
        },
        "message": {
            "recording": entry.recording,
            "audio": bytes.fromhex(entry.audio),
            "deadline": deadline,
        },
    }
    return account.sign_message(encode_typed_data(full_message=message)).signature


def check(raw, now=NOW):
    upload_signature.check(ENTRY, TYPED, DEADLINE, "0x" + raw.hex(), now)


def test_the_owner_may_upload():
    check(signature())
    check(signature(), now=DEADLINE)


def test_a_signature_after_its_deadline_is_refused():
    with pytest.raises(Unauthorised, match="deadline: has passed"):
        check(signature(), now=DEADLINE + 1)


@pytest.mark.parametrize(
    "changed",
    [
        {"account": Account.from_key("0x" + "22" * 32)},
        {"entry": Entry(8, OWNER.address, ENTRY.audio)},
        {"entry": Entry(7, OWNER.address, "cd" * 32)},
        {"domain": SigningDomain(1, DOMAIN.ledger)},
        {"domain": SigningDomain(31337, OWNER.address)},
        {"deadline": DEADLINE + 1},
    ],
    ids=["another key", "recording", "audio", "chain", "ledger", "deadline"],
)
def test_a_signature_for_another_statement_is_refused(changed):
    with pytest.raises(Unauthorised, match="not by the recording's owner"):
        check(signature(**changed))


def test_the_high_s_signature_of_the_same_statement_is_refused():
    raw = signature()
    high = ORDER - int.from_bytes(raw[32:64], "big")
    twin = raw[:32] + high.to_bytes(32, "big") + bytes([55 - raw[64]])
    with pytest.raises(InvalidInput, match="upper half"):
        check(twin)


def test_every_form_that_wallets_make_is_one_signature():
    raw = signature()
    check(raw[:64] + bytes([raw[64] - 27]))
    check(compact(raw))
    upload_signature.check(ENTRY, TYPED, DEADLINE, "0x" + raw.hex().upper(), NOW)
    with pytest.raises(InvalidInput, match="v 27 or 28"):
        check(raw[:64] + b"\x1d")


@pytest.mark.parametrize(
    "text", ["", "0x", "0x" + "00" * 66, "00" * 66, "0x" + "zz" * 65]
)
def test_malformed_signatures_are_refused(text):
    with pytest.raises(InvalidInput, match="65 bytes in 0x-hex"):
        upload_signature.check(ENTRY, TYPED, DEADLINE, text, NOW)


@pytest.mark.parametrize(("r", "reason"), [(0, "out of range"), (5, "does not recover to a key")])
def test_a_signature_that_recovers_to_no_key_is_refused(r, reason):
    with pytest.raises(InvalidInput, match=reason) as refused:
        check(r.to_bytes(32, "big") + b"\x00" * 31 + b"\x01" + b"\x1b")
    assert refused.value.field == "X-Refrain-Signature"
