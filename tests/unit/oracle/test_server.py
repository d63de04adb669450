"""How many connections a server takes, given the files that its process may open."""

import asyncio
import errno
import logging

import pytest

from oracle.http.connections import Limits
from oracle.http.server import AT_ONCE, OWN_FILES, Server, at_once, fitting


@pytest.mark.parametrize("files", [16, 64, 100, 256, 1024, 20_000])
def test_all_connections_and_what_is_accepted_in_one_go_fit_into_the_files(files):
    most = fitting(Limits(), files).connections
    assert 1 <= most <= Limits.connections
    assert most + 2 * at_once(files) <= files - min(OWN_FILES, files // 2)


def test_with_enough_files_the_limits_stay():
    assert fitting(Limits(), 65_536) == Limits()
    assert at_once(65_536) == AT_ONCE


def test_one_client_never_has_more_than_all():
    assert fitting(Limits(connections=500, each=500), 256).each < 100


@pytest.fixture
def server():
    return Server(lambda: None, "127.0.0.1", 0, Limits())


class Loop:
    """An event loop that records what it is told."""

    def __init__(self):
        self.told = []

    def default_exception_handler(self, context):
        self.told.append(context)


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_without_files_it_takes_fewer_connections_and_writes_one_line(server, number, caplog):
    loop = Loop()
    with caplog.at_level(logging.ERROR):
        server._on_error(loop, {"message": "accept", "exception": OSError(number, "no files")})
    assert loop.told == [] and server._open._most == 1
    assert [record.getMessage() for record in caplog.records] == [
        "no connection can be accepted: no files"
    ]


@pytest.mark.parametrize("error", [None, OSError(errno.EBADF, "x"), ValueError("x")])
def test_any_other_error_of_the_loop_is_reported_as_always(server, error):
    loop, context = Loop(), {"message": "x", "exception": error}
    server._on_error(loop, context)
    assert loop.told == [context]


def test_the_protocol_of_the_server_is_bounded(server):
    async def made():
        server.config.load()
        return server.config.http_protocol_class(
            config=server.config, server_state=server.server_state, app_state={}
        )

    protocol = asyncio.run(made())
    assert protocol._all is server._open
