"""Commitments to prompts: one digest for prompt and salt, and errors without either of them."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.domain.errors import InvalidInput
from oracle.domain.prompt import commitment_of, require_opens
from tests.support.samples import PROMPT, SALT

TEXTS = st.text(min_size=1, max_size=500, alphabet=st.characters(exclude_categories=["Cs"]))
SALTS = st.binary(min_size=32, max_size=32).map(bytes.hex)


@given(TEXTS.filter(str.strip), SALTS)
def test_a_commitment_is_the_documented_digest(prompt, salt):
    hashed = b"Refrain prompt\0" + bytes.fromhex(salt) + prompt.encode()
    assert commitment_of(prompt, salt) == hashlib.sha256(hashed).hexdigest()
    require_opens(commitment_of(prompt, salt), prompt, salt)


@pytest.mark.parametrize(
    ("prompt", "salt"), [("warm, slow ", SALT), ("Warm, slow", SALT), (PROMPT, "5b" * 32)]
)
def test_another_prompt_or_salt_does_not_open_it(prompt, salt):
    with pytest.raises(InvalidInput, match="prompt: and `salt` do not give"):
        require_opens(commitment_of(PROMPT, SALT), prompt, salt)


@pytest.mark.parametrize(
    ("prompt", "salt", "field"),
    [
        ("", SALT, "prompt"),
        ("secret " * 100, SALT, "prompt"),
        ("secret\ud800", SALT, "prompt"),
        (["secret"], SALT, "prompt"),
        (PROMPT, "", "salt"),
        (PROMPT, "secret", "salt"),
        (PROMPT, "5A" * 32, "salt"),
        (PROMPT, "0x" + SALT, "salt"),
        (PROMPT, None, "salt"),
    ],
)
def test_an_error_names_the_field_and_shows_neither_text_nor_salt(prompt, salt, field):
    with pytest.raises(InvalidInput) as caught:
        commitment_of(prompt, salt)
    assert (caught.value.field, caught.value.value) == (field, None)
    assert "secret" not in str(caught.value)
