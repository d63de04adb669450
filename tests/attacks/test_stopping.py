"""Attempts to stop a server: each meets a server of ours in a process of its own."""

import json
import resource
import socket
import struct
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress

import pytest

from oracle.adapters.pinning.folder import FolderPinner
from oracle.api.load import AT_ONCE, WAITING
from oracle.domain.ordered import placed_json
from tests.e2e.running import running_up
from tests.support.lone_server import KINDS, LoneServer
from tests.support.odd_audio import music, write
from tests.support.samples import ordered, request, request_json
from tests.support.trio import make_trio

pytestmark = pytest.mark.long

MANY = 2_000
HOST = b"Host: x\r\n"
GET = b"GET /v1/recordings HTTP/1.1\r\n" + HOST
POST = b"POST /v1/quotes HTTP/1.1\r\nContent-Type: application/json\r\n" + HOST
SHORT = {"head_seconds": 1.0, "idle_seconds": 1.0, "write_seconds": 1.0}
LARGEST_BODY = 64 * 1024


@pytest.fixture(scope="module", autouse=True)
def enough_files():
    """This process needs a file for each connection that it opens."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 4 * MANY)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A new folder for a server; the gateway's has one large file."""
    return lambda: tmp_path_factory.mktemp("server")


def served(kind, folders, **plan):
    """A server, and the path of a large file for a gateway."""
    folder = folders()
    cid = FolderPinner(folder / "pins").pin(b"x" * 8_000_000)
    server = LoneServer(kind, folder, **plan)
    server.large = f"GET /ipfs/{cid} HTTP/1.1\r\n".encode() + HOST + b"\r\n"
    return server


@pytest.fixture(scope="module")
def usual(folders):
    """The servers by kind, with the usual limits."""
    with running(served(kind, folders) for kind in KINDS) as found:
        yield found


@pytest.fixture(scope="module")
def hasty(folders):
    """The servers by kind, with limits of one second."""
    with running(served(kind, folders, limits=SHORT) for kind in KINDS) as found:
        yield found


@contextmanager
def running(servers):
    found = {server.kind: server for server in servers}
    try:
        for server in found.values():
            server.start()
        yield found
    finally:
        for server in found.values():
            server.stop()


@pytest.fixture
def server(request, usual):
    """The usual server of the test's kind, when nobody is connected to it."""
    found = usual[getattr(request, "param", "oracle")]
    eventually(lambda: found.connections() == 0, 30.0)
    return found


of_each_kind = pytest.mark.parametrize("server", KINDS, indirect=True)


@contextmanager
def connections(server, count, sent=b""):
    """Open connections on which `sent` was sent, with small buffers."""
    made = []
    try:
        for _ in range(count):
            wire = socket.create_connection(("127.0.0.1", server.port), timeout=10)
            made.append(wire)
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            if sent:
                # The server may have closed this one already.
                try_send(wire, sent)
        yield made
    finally:
        for wire in made:
            wire.close()


def try_send(wire, sent):
    try:
        wire.sendall(sent)
    except OSError:
        return


def reset(wire):
    """Closes a connection as a process does that dies."""
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()


def stretched(seconds):
    """Seconds of a machine that does nothing else, on this one as busy as it is now."""
    wall, own = time.monotonic(), time.process_time()
    while time.process_time() - own < 0.1:
        pass
    return seconds * max(1.0, (time.monotonic() - wall) / 0.1)


def eventually(holds, seconds=10.0):
    end = time.monotonic() + stretched(seconds)
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def answer_of(server, sent):
    """All that the server answers until it closes the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as wire:
        try_send(wire, sent)
        return b"".join(iter(lambda: wire.recv(65536), b""))


HALVES = {
    "nothing": b"",
    "half a head": GET + b"X-Long: ",
    "half a body": POST + b"Content-Length: 100\r\n\r\n{",
}


@of_each_kind
@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
def test_two_thousand_half_sent_requests_stop_nobody(server, half):
    before = len(server.log())
    with connections(server, MANY, half):
        assert sorted(server.healthy(60.0) for _ in range(3))[1] < stretched(1.0)
        eventually(lambda: server.connections() <= 250)
        assert len(server.log()) - before < 4_000


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("half", [b"", GET + b"X-Long: "], ids=["nothing", "half a head"])
def test_a_half_sent_request_is_closed(kind, half, hasty):
    with connections(hasty[kind], 3, half) as wires:
        for wire in wires:
            assert wire.recv(100) == b""


@pytest.mark.parametrize("kind", KINDS)
def test_a_connection_without_a_next_request_is_closed(kind, hasty):
    sent = f"GET {hasty[kind].health} HTTP/1.1\r\n".encode() + HOST + b"\r\n"
    started = time.monotonic()
    assert answer_of(hasty[kind], sent).startswith(b"HTTP/1.1 200 ")
    assert time.monotonic() - started < stretched(4.0)


def test_a_body_that_comes_after_its_refusal_keeps_no_connection(hasty):
    with connections(hasty["oracle"], 1, POST + b"Content-Length: 1000000\r\n\r\n{") as (wire,):
        assert wire.recv(100).startswith(b"HTTP/1.1 413 ")
        end = time.monotonic() + stretched(4.0)
        with suppress(OSError):  # closed, which this waits for
            while time.monotonic() < end:
                wire.sendall(b"x")
                time.sleep(0.1)
        assert time.monotonic() < end


def test_a_reader_who_stops_keeps_no_connection(hasty):
    server = hasty["gateway"]
    with connections(server, 3, server.large):
        eventually(lambda: server.connections() == 3)
        eventually(lambda: server.connections() == 0)


ENDLESS = {
    "a header": GET + b"X: " + b"y" * 300_000,
    "headers": GET + b"X: y\r\n" * 100_000,
    "a path": b"GET /" + b"a" * 300_000,
    "a trailer": POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\nX: " + b"y" * 300_000,
    "an extension": POST + b"Transfer-Encoding: chunked\r\n\r\n1;a=" + b"y" * 300_000,
    "requests ahead": (POST + b"Content-Length: 1\r\n\r\n{") * 5_000,
}


@of_each_kind
@pytest.mark.parametrize("sent", ENDLESS.values(), ids=ENDLESS)
def test_an_endless_head_is_refused(server, sent):
    with suppress(ConnectionResetError):  # closed with bytes that nobody reads any more
        assert b"HTTP/1.1 400 " in answer_of(server, sent)
    eventually(lambda: server.connections() == 0, 2.0)


@pytest.mark.parametrize("kind", KINDS)
def test_an_exhaustion_of_files_is_survived_with_few_lines(kind, folders):
    short = served(kind, folders, files=200, files_held=110)
    with running([short]), connections(short, MANY, GET):
        assert short.healthy(60.0) < stretched(10.0)
        assert sorted(short.healthy(60.0) for _ in range(3))[1] < stretched(1.0)
        said = short.log()
        assert "Too many open files" in said and "Traceback" not in said
        assert len(said) < 8_000


HANGING_UP = {
    "before a request": b"",
    "in a head": GET,
    "in a body": POST + b"Content-Length: 100\r\n\r\n{",
    "before an answer": GET + b"\r\n",
}


def lines(server):
    return len(server.log().splitlines())


@of_each_kind
@pytest.mark.parametrize("sent", HANGING_UP.values(), ids=HANGING_UP)
@pytest.mark.parametrize("close", [socket.socket.close, reset], ids=["closed", "reset"])
def test_a_client_that_hangs_up_is_at_most_one_line(server, sent, close):
    before = lines(server)
    with connections(server, 100, sent) as wires:
        for wire in wires:
            close(wire)
    eventually(lambda: server.connections() == 0)
    server.healthy(60.0)
    assert lines(server) - before <= 1


def test_a_client_that_hangs_up_in_an_answer_is_at_most_one_line(usual):
    server = usual["gateway"]
    before = lines(server)
    with connections(server, 20, server.large) as wires:
        for wire in wires:
            assert wire.recv(1000)
            reset(wire)
    eventually(lambda: server.connections() == 0)
    assert lines(server) - before <= 1


@of_each_kind
def test_a_thousand_malformed_requests_are_few_lines(server):
    started, before = time.monotonic(), lines(server)
    with connections(server, 1_000, b"\x00\r\n\r\n"):
        eventually(lambda: "Invalid HTTP request received. (and" in server.log())
    causes, seconds = 2, time.monotonic() - started  # malformed, and too many at a time
    assert lines(server) - before <= causes * (seconds + 1)


BODIES = {
    "a string that does not end": b'"' + b'\\"' * (LARGEST_BODY // 2 - 1),
    "brackets": b"[" * LARGEST_BODY,
    "numbers": b"[" + b"9," * (LARGEST_BODY // 2 - 2) + b"9]",
    "keys": b"{" + b",".join(b'"%x":1' % n for n in range(LARGEST_BODY // 10)) + b"}",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_costs_a_tenth_of_a_second_of_cpu(body, server):
    sent = POST + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    answer_of(server, sent)
    before = server.cpu()
    for _ in range(5):
        assert answer_of(server, sent)[9:12] in (b"400", b"422")
    assert server.cpu() - before <= 5 * 0.1


def test_a_body_in_chunks_of_one_byte_costs_a_fifth_of_a_second_of_cpu(server):
    chunks = b"1\r\n \r\n" * (LARGEST_BODY - 2) + b"0\r\n\r\n"
    sent = POST + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
    before = server.cpu()
    for _ in range(5):
        assert answer_of(server, sent).startswith(b"HTTP/1.1 400 ")
    assert server.cpu() - before <= 5 * 0.2


def test_five_hundred_quotes_at_once_delay_neither_health_nor_readiness(folders):
    body = json.dumps({"request": request_json(), "payer": "0x" + "11" * 20}).encode()
    sent = POST + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    slow = served("oracle", folders, chain_seconds=0.02, limits={"each": 1_000})
    with running([slow]), ThreadPoolExecutor(500) as clients:
        started = time.monotonic()
        asked = [clients.submit(answer_of, slow, sent) for _ in range(500)]
        assert slow.healthy(60.0) < stretched(1.0)
        assert slow.healthy(60.0, "/v1/ready") < stretched(2.0)
        answers = [answer.result() for answer in as_completed(asked)]
        assert time.monotonic() - started < stretched(10.0)
    counted = Counter(answer[9:12] for answer in answers)
    assert counted.keys() == {b"200", b"503"} and counted[b"200"] >= AT_ONCE + WAITING
    assert all(b"\r\nretry-after: " in answer for answer in answers if answer[9:12] == b"503")


def order_of(trio, nonce):
    asked = request()
    order, signature = trio.order(asked, nonce=nonce)
    body = json.dumps(placed_json(ordered(asked, order, signature))).encode()
    head = POST.replace(b"/v1/quotes", b"/v1/generations") + b"Connection: close\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def test_orders_at_once_do_not_wait_for_the_disk_one_after_another(folders):
    slow = served("oracle", folders, commit_seconds=0.2)
    trio = make_trio(folders())  # the same keys as the server's, to sign orders with
    orders = [order_of(trio, nonce) for nonce in range(32)]
    with running([slow]), ThreadPoolExecutor(32) as clients:
        started = time.monotonic()
        answers = [*clients.map(lambda order: answer_of(slow, order), orders)]
        seconds = time.monotonic() - started
    assert {answer[9:12] for answer in answers} == {b"202"}
    assert seconds < max(len(orders) * 0.2 / 2, stretched(2.0))


@pytest.mark.e2e
@pytest.mark.slow
def test_a_proxy_in_the_environment_does_not_keep_the_stack_from_running(tmp_path):
    songs = tmp_path / "songs"
    songs.mkdir()
    for name, level in (("a.wav", 1), ("b.wav", 0.5)):
        write(songs / name, level * music(44_100, 2), 44_100, "PCM_16")
    nobody = [f"{name}=http://127.0.0.1:9" for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")]
    with running_up(tmp_path, "--catalogue", str(songs), before=("env", *nobody)) as up:
        found = up.described()
    assert [item["recording"] for item in found["recordings"]] == [1, 2]
