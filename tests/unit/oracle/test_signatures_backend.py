"""Keys are recovered and used by libsecp256k1 in every server; pure Python is far slower."""

import re
from pathlib import Path

import coincurve
import pytest
from eth_keys.backends import get_backend
from eth_keys.backends.coincurve import CoinCurveECCBackend

from oracle.adapters.signing import signatures
from oracle.adapters.signing.file import FileKey

ROOT = Path(__file__).resolve().parents[3]


def test_signatures_are_made_by_the_compiled_library():
    assert isinstance(get_backend(), CoinCurveECCBackend)
    assert signatures.PublicKey is coincurve.PublicKey


def test_a_key_is_recovered_without_the_library_for_keys(monkeypatch):
    key, digest = FileKey(b"k" * 32), b"d" * 32
    made = key.sign(digest)
    monkeypatch.setattr("eth_keys.backends.native.ecdsa.ecdsa_raw_recover", None)
    assert signatures.recover(digest, made) == key.address


@pytest.mark.parametrize("package", ["oracle", "generator"])
def test_one_module_recovers_keys_for_oracles_and_nodes(package):
    other = re.compile(r"recover_message|recover_public_key|from_signature_and_message|ecdsa_")
    found = {str(path.relative_to(ROOT)) for path in (ROOT / package).rglob("*.py")
             if other.search(path.read_text())}  # fmt: skip
    assert found <= {"oracle/adapters/signing/signatures.py"}
    assert bool(found) == (package == "oracle")
