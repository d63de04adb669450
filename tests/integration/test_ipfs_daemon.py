"""A real IPFS daemon: it computes the same CIDs, and its faults only cost a retry."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from oracle.adapters.pinning.daemon import Daemon, installed, offline
from oracle.adapters.pinning.kubo import KuboPinner, multiaddr_of
from oracle.domain.cid import CHUNK, cid_of
from oracle.domain.errors import InvalidInput, RefrainError, Unavailable, WrongBytes
from tests.support import faulty_ipfs as faults
from tests.support.faulty_ipfs import faulty, on
from tests.support.ipfs_daemon import ipfs_api, running_daemon  # noqa: F401  (ipfs_api is a fixture)

SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK, 40_000_000]
DATA = bytes(range(256)) * 5000
SECONDS = 2.0

CASES: dict[str, tuple[faults.Fault, type[RefrainError]]] = {
    "a bit flipped in a block": (on("block/get", faults.flip_a_bit), WrongBytes),
    "another block": (on("block/get", faults.serve_something_else), WrongBytes),
    "an empty block": (on("block/get", faults.say(b"")), WrongBytes),
    "another root": (on("add", faults.name_another_root), WrongBytes),
    "500 to add": (on("add", faults.say_500), Unavailable),
    "500 to read back": (on("block/get", faults.say_500), Unavailable),
    "500 to pin": (on("pin/add", faults.say_500), Unavailable),
    "500 to list": (on("pin/ls", faults.say_500), Unavailable),
    "not pinned after all": (on("pin/ls", faults.say_not_pinned), Unavailable),
    "no keys listed": (on("pin/ls", faults.say(b'{"Keys": {}}')), Unavailable),
    "hangs": (faults.hang, Unavailable),
    "hangs on a block": (on("block/get", faults.hang), Unavailable),
    "drips a header": (on("add", faults.drip_a_header), Unavailable),
    "drips a body": (on("block/get", faults.drip_a_body), Unavailable),
    "floods": (on("block/get", faults.flood), Unavailable),
    "floods its error": (on("add", faults.flood), Unavailable),
    "breaks off": (on("block/get", faults.break_off), Unavailable),
    "redirects": (faults.redirect, Unavailable),
    "packs": (on("block/get", faults.pack), Unavailable),
    "no JSON": (on("add", faults.say(b"<html>")), Unavailable),
    "an empty answer": (on("add", faults.say(b"")), Unavailable),
    "a list": (on("add", faults.say(b"[]")), Unavailable),
    "no root": (on("add", faults.say(b'{"Name": "x"}')), Unavailable),
    "a root that is none": (on("add", faults.say(b'{"Hash": null}')), WrongBytes),
    "two roots": (on("add", faults.say(b'{"Hash": "a"}{"Hash": "b"}')), Unavailable),
}


@pytest.mark.parametrize("size", SIZES)
def test_the_daemon_computes_the_same_cids(ipfs_api: str, size: int) -> None:  # noqa: F811
    """`pin` compares the root that the daemon's own code computed with ours."""
    data = os.urandom(size)
    assert KuboPinner(ipfs_api).pin(data) == cid_of(data)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_every_fault_is_refused_in_bounded_time(
    ipfs_api: str,  # noqa: F811
    case: tuple[faults.Fault, type[RefrainError]],
) -> None:
    fault, expected = case
    with faulty(ipfs_api, fault) as (server, url):
        started = monotonic()
        with pytest.raises(expected):
            KuboPinner(url, seconds=SECONDS).pin(DATA)
        assert monotonic() - started < SECONDS + 3
    assert "/inside" not in server.seen


def test_without_a_fault_the_proxy_changes_nothing(ipfs_api: str) -> None:  # noqa: F811
    with faulty(ipfs_api, faults.Handler.pass_on) as (server, url):
        assert KuboPinner(url).pin(DATA) == cid_of(DATA)
    assert server.seen == ["add", "block/get", "block/get", "block/get", "pin/add", "pin/ls"]


def test_nothing_is_pinned_before_it_is_read_back(ipfs_api: str) -> None:  # noqa: F811
    fault = on("block/get", faults.flip_a_bit)
    with faulty(ipfs_api, fault) as (server, url), pytest.raises(WrongBytes):
        KuboPinner(url).pin(b"never to be pinned")
    assert "pin/add" not in server.seen
    assert not KuboPinner(ipfs_api).pinned(cid_of(b"never to be pinned"))


def test_wrong_bytes_from_the_daemon_are_refused(ipfs_api: str) -> None:  # noqa: F811
    cid = KuboPinner(ipfs_api).pin(DATA)
    with faulty(ipfs_api, faults.serve_something_else) as (_, url), pytest.raises(WrongBytes):
        KuboPinner(url).fetch(cid)
    with faulty(ipfs_api, faults.flip_a_bit) as (_, url), pytest.raises(WrongBytes):
        KuboPinner(url).block(cid)


def test_an_endless_answer_is_refused_long_before_the_timeout(ipfs_api: str) -> None:  # noqa: F811
    started = monotonic()
    fault = on("block/get", faults.flood)
    with faulty(ipfs_api, fault) as (_, url), pytest.raises(Unavailable, match="more than"):
        KuboPinner(url, seconds=60).pin(DATA)
    assert monotonic() - started < 20


def test_calls_that_timed_out_do_not_block_later_ones(ipfs_api: str) -> None:  # noqa: F811
    with faulty(ipfs_api, faults.hang) as (_, url):
        for _ in range(20):
            with pytest.raises(Unavailable):
                KuboPinner(url, seconds=0.1).pin(b"x")
    assert KuboPinner(ipfs_api).pin(b"x") == cid_of(b"x")


@pytest.fixture
def lonely() -> Iterator[tuple[Daemon, str]]:
    with running_daemon() as pair:
        yield pair


def test_a_stopped_daemon_costs_a_bounded_wait(
    lonely: tuple[Daemon, str],
) -> None:
    daemon, address = lonely
    pinner = KuboPinner(address, seconds=SECONDS)
    assert daemon.pid is not None
    os.kill(daemon.pid, signal.SIGSTOP)
    try:
        started = monotonic()
        with pytest.raises(Unavailable):
            pinner.pin(DATA)
        assert monotonic() - started < SECONDS + 3
    finally:
        os.kill(daemon.pid, signal.SIGCONT)
    assert KuboPinner(address).pin(DATA) == cid_of(DATA)


def test_pins_survive_a_restart_and_a_dead_daemon_is_unavailable(
    lonely: tuple[Daemon, str],
) -> None:
    daemon, address = lonely
    cid = KuboPinner(address).pin(DATA)
    daemon.stop()
    with pytest.raises(Unavailable):
        KuboPinner(address, seconds=SECONDS).fetch(cid)
    again = KuboPinner(daemon.start())
    assert again.pinned(cid)
    assert again.fetch(cid) == DATA


def test_a_daemon_that_cannot_start_reports_the_reason(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no such luck"):
        Daemon(tmp_path, ["/bin/sh", "-c", "echo no such luck; exit 1"]).start()


def test_the_installed_daemon_is_the_one_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="REFRAIN_IPFS_API"):
        installed()
    (tmp_path / "ipfs").write_text("#!/bin/sh\n")
    (tmp_path / "ipfs").chmod(0o755)
    assert installed() == [str(tmp_path / "ipfs")]


def test_a_started_daemon_has_no_other_nodes() -> None:
    config = offline({"AutoConf": {}, "Bootstrap": ["auto"], "Addresses": {"Swarm": ["/ip4/0"]}})
    assert "auto" not in str(config)
    assert config["Bootstrap"] == config["Addresses"]["Swarm"] == []
    assert config["Addresses"]["API"] == "/ip4/127.0.0.1/tcp/0"


@pytest.mark.parametrize(
    ("given", "multiaddr"),
    [
        ("/ip4/127.0.0.1/tcp/5001", "/ip4/127.0.0.1/tcp/5001"),
        ("http://127.0.0.1:5001", "/ip4/127.0.0.1/tcp/5001/http"),
        ("http://localhost:5001/api/v0/", "/dns/localhost/tcp/5001/http"),
        ("https://ipfs.example", "/dns/ipfs.example/tcp/443/https"),
        ("http://[::1]:5001", "/ip6/::1/tcp/5001/http"),
    ],
)
def test_the_address_may_be_a_url(given: str, multiaddr: str) -> None:
    assert multiaddr_of(given) == multiaddr


@pytest.mark.parametrize(
    "given",
    ["", "localhost:5001", "ftp://x:1", "http://", "http://h:x", "http://h:1/other", "/ip4/999",
     "/ip4/127.0.0.1/udp/1", "http://h:1?x=1", "http://me:secret@h:1/x"],
)  # fmt: skip
def test_other_addresses_are_refused_without_repeating_a_password(given: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        KuboPinner(given)
    assert "secret" not in str(caught.value)
