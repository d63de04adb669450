"""Roles of people: each name has one of its own, and none is the stack's."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.domain.names import name_of
from scripts.stack.layout import NODES, ORACLES
from scripts.stack.roles import owner_role, payee_role, slug

STACK = {"deployer", "guardian", "arbiter", "admin", "app", "challenger", *ORACLES, *NODES,
         *(f"sender-{name}" for name in ORACLES)}  # fmt: skip
PEOPLE = [
    "Admin", "admin", "ADMIN", "Node 1", "node-1", "Oracle 1", "app", "山田太郎", "佐藤花子",
    "Ада", "Ида", "René", "Rene", "Ren e", "rené", "ada", "Ada", "ａｄａ", "a-b", "a b", "a--b",
    "-", "é", "ada_99a563ab2f6e21e96998f9fd", "../admin", "payee-ada", "x" * 200,
]  # fmt: skip


def test_each_name_has_an_account_of_its_own():
    roles = {payee_role(name) for name in PEOPLE}
    assert len(roles) == len(PEOPLE)
    assert len({role.casefold() for role in roles}) == len(PEOPLE)


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60))
def test_two_names_never_share_a_role(one, other):
    assert (payee_role(one) == payee_role(other)) == (one == other)


@given(st.text(min_size=1, max_size=60))
def test_no_name_gets_a_role_of_the_stack(name):
    for role in (payee_role(name), owner_role(name)):
        assert role not in STACK
        assert role.startswith(("payee-", "owner-"))
        assert set(role) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_") and len(role) < 100


@pytest.mark.parametrize("file", ["a.wav", "A.wav", "a.WAV", "a-wav", "a wav", "夜.wav", "朝.wav"])
def test_a_file_has_an_owner_of_its_own(file):
    others = {"a.wav", "A.wav", "a.WAV", "a-wav", "a wav", "夜.wav", "朝.wav"} - {file}
    assert owner_role(file) not in {owner_role(other) for other in others}


def test_a_plain_name_can_be_read_in_its_role():
    assert payee_role("ada") == "payee-ada"
    assert owner_role("a.wav") == "owner-a-wav"
    assert payee_role("Ada").startswith("payee-ada_")


def test_unicode_forms_and_blanks_of_one_name_are_one_payee():
    forms = [unicodedata.normalize(form, " René\u00a0 Dubois ") for form in ("NFC", "NFD")]
    assert {name_of(form, "payee") for form in forms} == {"René Dubois"}


def test_a_slug_is_safe_in_a_file_name():
    assert slug("../Ünï côdé!.wav") == "n-c-d-wav"
