"""Users, passwords and tokens: sent as a header, and in no text that anybody reads."""

from base64 import b64decode

import pytest

from oracle.domain.access import authorization, without_user


@pytest.mark.parametrize(
    ("url", "pair"),
    [("http://ada:word@h/", b"ada:word"), ("http://ada@h", b"ada:"), ("http://:word@h", b":word"),
     ("https://a%40b:p%2Fw%C3%B6@h:5001/x", "a@b:p/wö".encode())],
)  # fmt: skip
def test_a_user_is_sent_without_the_escapes_of_the_url(url, pair):
    assert b64decode(authorization(url).removeprefix("Basic ")) == pair


@pytest.mark.parametrize("url", ["http://h", "/ip4/127.0.0.1/tcp/5001", "http://[", ""])
def test_without_a_user_nothing_is_sent(url):
    assert authorization(url) == ""


def test_a_token_counts_first_and_breaks_no_header():
    assert authorization("http://ada:word@h", "to\r\nken ") == "Bearer token"


@pytest.mark.parametrize(
    ("url", "plain"),
    [("http://ada:word@h:1/x", "http://h:1/x"), ("http://a@b:w@h", "http://h"),
     ("http://h/x@y", "http://h/x@y"), ("http://h?a@b", "http://h?a@b"),
     ("kubo:http://ada:word@h", "kubo:http://h"), ("/ip6/::1/tcp/5001", "/ip6/::1/tcp/5001")],
)  # fmt: skip
def test_a_url_is_shown_without_its_user(url, plain):
    assert without_user(url) == plain
