"""The client of an IPFS daemon's API: who it says it is, and what it does when told to wait."""

from base64 import b64decode

import pytest

from oracle.adapters.pinning.kubo import KuboPinner, multiaddr_of
from oracle.domain.cid import cid_of
from oracle.domain.errors import Busy, RefrainError
from tests.support.http_script import scripted

CID = cid_of(b"a track")


@pytest.fixture
def daemon():
    with scripted() as script:
        script.says({"Keys": {}})
        yield script


def test_a_user_of_the_url_is_a_header(daemon):
    url = daemon.url.replace("http://", "http://us%40er:se%2Fcret@")
    KuboPinner(url).pinned(CID)
    sent = daemon.asked[0].headers["authorization"].removeprefix("Basic ")
    assert b64decode(sent) == b"us@er:se/cret" and "secret" not in daemon.asked[0].path


def test_a_token_is_a_header(daemon):
    KuboPinner(daemon.url, token="a-secret").pinned(CID)
    assert daemon.asked[0].headers["authorization"] == "Bearer a-secret"


@pytest.mark.parametrize("status", [401, 500])
def test_neither_is_in_an_error(daemon, status):
    daemon.status = status
    pinner = KuboPinner(daemon.url.replace("http://", "http://user:se-cret@"), token="to-ken")
    with pytest.raises(RefrainError) as caught:
        pinner.pinned(CID)
    assert "se-cret" not in str(caught.value) and "to-ken" not in str(caught.value)
    with pytest.raises(RefrainError) as caught:
        KuboPinner("ftp://user:se-cret@host")
    assert "se-cret" not in str(caught.value)


@pytest.mark.parametrize("busy", [(429, "0"), (502, None), (503, "0")])
def test_a_daemon_that_is_busy_is_asked_again(daemon, busy):
    daemon.busy = [busy, busy]
    assert not KuboPinner(daemon.url).pinned(CID)
    assert len(daemon.asked) == 3


def test_a_daemon_that_stays_busy_is_given_up(daemon):
    daemon.busy = [(429, "60")]
    with pytest.raises(Busy) as caught:
        KuboPinner(daemon.url, seconds=5).pinned(CID)
    assert caught.value.after == 60 and len(daemon.asked) == 1


@pytest.mark.parametrize("host", ["[::1]", "[::ffff:127.0.0.1]"])
def test_an_address_of_ipv6_may_be_a_url(host):
    assert multiaddr_of(f"http://{host}:5001").startswith("/ip6/")
