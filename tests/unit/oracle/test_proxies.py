"""Which proxy a client uses: none for this machine, the environment's choice elsewhere."""

import pytest

from oracle.domain.proxies import is_loopback, proxy_of

PROXY = {"HTTP_PROXY": "http://proxy:3128", "HTTPS_PROXY": "http://secure:3128"}


@pytest.mark.parametrize(
    "host",
    ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]",
     "LOCALHOST"],
)  # fmt: skip
def test_this_machine_needs_no_proxy(host):
    assert proxy_of(f"http://{host}:8545/path", PROXY | {"ALL_PROXY": "http://all:1"}) is None


@pytest.mark.parametrize(
    "host", ["node.example", "192.0.2.1", "[2001:db8::1]", "localhost.example"]
)
def test_any_other_host_has_the_proxy_of_its_scheme(host):
    assert proxy_of(f"http://{host}:1", PROXY) == "http://proxy:3128"
    assert proxy_of(f"https://{host}:1", PROXY) == "http://secure:3128"


@pytest.mark.parametrize(
    ("environment", "proxy"),
    [
        ({}, None),
        ({"HTTP_PROXY": " "}, None),
        ({"HTTPS_PROXY": "http://secure:1"}, None),
        ({"ALL_PROXY": "http://all:1"}, "http://all:1"),
        (PROXY | {"ALL_PROXY": "http://all:1"}, "http://proxy:3128"),
        (PROXY | {"http_proxy": "http://lower:1"}, "http://lower:1"),
        ({"HTTP_PROXY": "proxy:3128"}, "http://proxy:3128"),
    ],
)
def test_the_environment_chooses(environment, proxy):
    assert proxy_of("http://node.example", environment) == proxy


@pytest.mark.parametrize(
    ("excepted", "host"),
    [
        ("*", "node.example"),
        ("example", "node.example"),
        (".example", "node.example"),
        ("other, node.example", "node.example"),
        ("node.example:8090", "node.example:8090"),
        ("192.0.2.1", "192.0.2.1:80"),
        ("10.0.0.0/8", "10.1.2.3"),
        ("x/y, 10.0.0.0/8", "10.1.2.3:8090"),
        ("2001:db8::/32", "[2001:db8::1]:80"),
        ("2001:db8::1", "[2001:db8::1]:80"),
    ],
)
def test_what_is_excepted_needs_no_proxy(excepted, host):
    assert proxy_of(f"http://{host}/", PROXY | {"NO_PROXY": excepted}) is None


@pytest.mark.parametrize("excepted", ["ample", "other.example", "10.0.0.0/8", "node.example:1"])
def test_what_is_not_excepted_has_its_proxy(excepted):
    url = "http://user:secret@node.example:8090/"
    assert proxy_of(url, PROXY | {"no_proxy": excepted}) == "http://proxy:3128"


def test_a_malformed_url_has_no_proxy():
    assert proxy_of("http://[::1", PROXY) is None


def test_a_name_that_only_looks_like_this_machine_is_not():
    assert not any(map(is_loopback, ["localhost.example", "128.0.0.1", "::2", "notlocalhost", ""]))
