"""Every registered signer signs in the one accepted form and does not reveal its key."""

from __future__ import annotations

import copy
import os
import pickle
from pathlib import Path

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.adapters.signing import signatures
from oracle.adapters.signing.attester import KeyAttester
from oracle.adapters.signing.file import FileKey
from oracle.adapters.signing.keystore import SIGNERS, open_key
from oracle.adapters.signing.typed import TypedData
from oracle.domain.attestation import Attestation
from oracle.domain.errors import InvalidInput

SECRET = bytes(range(1, 33))
ADDRESS = Account.from_key(SECRET).address
LEDGER = "0x5FbDB2315678afecb367f032d93F642f64180aa3"


def file_uri(folder: Path, secret: bytes = SECRET, mode: int = 0o600) -> str:
    path = folder / "oracle.key"
    path.write_text(secret.hex())
    path.chmod(mode)
    return f"file:{path}"


MAKERS = {"file": file_uri}


def test_every_registered_signer_is_tested():
    assert set(MAKERS) == set(SIGNERS)


@pytest.fixture(params=sorted(SIGNERS))
def key(request, tmp_path):
    return open_key(MAKERS[request.param](tmp_path))


class TestEverySigner:
    def test_names_the_address_of_its_key(self, key):
        assert key.address == ADDRESS

    def test_a_signature_recovers_to_it(self, key):
        digest = bytes(32)
        assert signatures.recover(digest, key.sign(digest)) == ADDRESS

    def test_signatures_are_low_s_and_v_27_or_28(self, key):
        for number in range(64):
            _, s, v = signatures.parts(key.sign(number.to_bytes(32, "big")))
            assert s <= signatures.ORDER // 2 and v in (27, 28)

    def test_refuses_what_is_not_a_digest(self, key):
        with pytest.raises(RuntimeError, match="32 bytes"):
            key.sign(b"not hashed")

    def test_prints_as_stars(self, key):
        for shown in (repr(key), str(key), f"{key}", repr([key])):
            assert "****" in shown and SECRET.hex() not in shown

    def test_does_not_leave_the_process(self, key):
        with pytest.raises(RuntimeError):
            pickle.dumps(key)
        with pytest.raises(RuntimeError):
            copy.copy(key)

    def test_attests(self, key):
        typed = TypedData(31337, LEDGER)
        attestation = Attestation(10, LEDGER, 1, 7, bytes(8), bytes(32))
        order, set_id = "0x" + "11" * 32, bytes(32)
        attester = KeyAttester(key, typed)
        signature = attester.sign(attestation, order, set_id)
        assert typed.attestation_signer(attestation, order, set_id, signature) == attester.address
        assert SECRET.hex() not in repr(attester)


class TestKeyFile:
    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601])
    def test_refuses_a_file_that_others_can_read(self, tmp_path, mode):
        with pytest.raises(InvalidInput, match="chmod 600"):
            open_key(file_uri(tmp_path, mode=mode))

    @pytest.mark.parametrize("mode", [0o600, 0o400])
    def test_accepts_a_private_file(self, tmp_path, mode):
        assert open_key(file_uri(tmp_path, mode=mode)).address == ADDRESS

    def test_accepts_a_plain_path_and_0x_and_a_newline(self, tmp_path):
        path = tmp_path / "key"
        path.write_text("0x" + SECRET.hex() + "\n")
        path.chmod(0o600)
        assert open_key(str(path)).address == ADDRESS

    @pytest.mark.parametrize("text", ["", "zz" * 32, "11" * 31, "11" * 33, "11 " * 32, "é" * 64])
    def test_refuses_other_text_without_repeating_it(self, tmp_path, text):
        path = tmp_path / "key"
        path.write_text(text)
        path.chmod(0o600)
        with pytest.raises(InvalidInput) as caught:
            open_key(str(path))
        assert not text or text not in str(caught.value)

    @pytest.mark.parametrize("secret", [bytes(32), signatures.ORDER.to_bytes(32, "big")])
    def test_refuses_a_key_that_is_not_a_scalar(self, tmp_path, secret):
        with pytest.raises(InvalidInput, match="secp256k1"):
            open_key(file_uri(tmp_path, secret))

    def test_refuses_a_missing_file_a_folder_and_a_pipe(self, tmp_path):
        os.mkfifo(tmp_path / "pipe", 0o600)
        for name in ("nowhere", ".", "pipe", "nul\0"):
            with pytest.raises(InvalidInput):
                open_key(f"file:{tmp_path}/{name}")

    def test_refuses_an_unknown_scheme(self):
        with pytest.raises(InvalidInput, match="file"):
            open_key("kms:eu/key-1")

    def test_creates_a_private_file_once(self, tmp_path):
        made = FileKey.create(tmp_path / "new")
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600
        assert open_key(str(tmp_path / "new")).address == made.address
        with pytest.raises(InvalidInput, match="cannot be created"):
            FileKey.create(tmp_path / "new")


class TestRecover:
    """F16: libraries accept the mirrored signature; the oracle must refuse it."""

    @settings(max_examples=60, deadline=None)
    @given(st.binary(min_size=32, max_size=32), st.integers(1, signatures.ORDER - 1))
    def test_the_mirrored_signature_is_refused(self, digest, secret):
        key = FileKey(secret.to_bytes(32, "big"))
        raw = key.sign(digest)
        _, s, v = signatures.parts(raw)
        mirrored = raw[:32] + (signatures.ORDER - s).to_bytes(32, "big") + bytes([55 - v])
        assert signatures.recover(digest, raw) == key.address
        with pytest.raises(InvalidInput, match="upper half"):
            signatures.recover(digest, mirrored)

    def test_the_library_alone_accepts_it(self):
        # The reason for our own check: without it one order has two valid signatures.
        raw = FileKey(SECRET).sign(bytes(32))
        _, s, v = signatures.parts(raw)
        mirrored = raw[:32] + (signatures.ORDER - s).to_bytes(32, "big") + bytes([55 - v])
        assert Account._recover_hash(bytes(32), signature=mirrored) == ADDRESS

    @pytest.mark.parametrize("v", [0, 1, 2, 26, 29, 35, 255])
    def test_other_v_are_refused(self, v):
        raw = FileKey(SECRET).sign(bytes(32))
        with pytest.raises(InvalidInput, match="27 or 28"):
            signatures.recover(bytes(32), raw[:64] + bytes([v]))

    @pytest.mark.parametrize("length", [0, 64, 66, 130])
    def test_other_lengths_are_refused(self, length):
        with pytest.raises(InvalidInput, match="65 bytes"):
            signatures.recover(bytes(32), bytes(length))

    @pytest.mark.parametrize("r, s", [(0, 1), (1, 0), (signatures.ORDER, 1), (2**256 - 1, 1)])
    def test_scalars_out_of_range_are_refused(self, r, s):
        raw = r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([27])
        with pytest.raises(InvalidInput, match="out of range"):
            signatures.recover(bytes(32), raw)

    def test_an_r_that_is_not_a_point_is_refused(self):
        raw = (5).to_bytes(32, "big") + (1).to_bytes(32, "big") + bytes([27])
        with pytest.raises(InvalidInput, match="does not recover to a key"):
            signatures.recover(bytes(32), raw)

    @pytest.mark.parametrize("text", ["", "0x", "0x12", "11" * 65, "0x" + "zz" * 65, None, 7])
    def test_hex_that_is_not_65_bytes_is_refused(self, text):
        with pytest.raises(InvalidInput, match="65 bytes"):
            signatures.from_hex(text)
