"""`refrain app order | show | wait` after the order was sent, whatever the oracle says."""

from __future__ import annotations

import _thread

import pytest

from tests.support.chain_world import copied_world
from tests.support.http_script import scripted
from tests.support.oracle_answers import (
    DAWN,
    REQUEST,
    in_turn,
    order_of,
    quote_for,
    settling,
    view_of,
)
from tests.support.shell import Shell

WORDS = ["--prompt", DAWN, "--length", 30, "--reference", "1=60%", "--reference", "3=40%"]


@pytest.fixture
def world(tmp_path):
    with copied_world(tmp_path) as made:
        yield made


@pytest.fixture
def api():
    with scripted() as script:
        yield script


@pytest.fixture
def shell(world, api, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("REFRAIN_API", api.url)
    return Shell(world, tmp_path, monkeypatch, capsys)


def number_of(world, named=None, **changes):
    return world.typed.order_hash(order_of(world, named or REQUEST.digest(), **changes))


def settled(world, vector=None):
    """Settles the order, then says so."""
    order = order_of(world, REQUEST.digest())

    def answer():
        world.settle(settling(world, order, REQUEST.weights()))
        shares = [{"recording": n, "weight": w} for n, w in REQUEST.weights().items()]
        return view_of(world.typed.order_hash(order), price="1", vector=vector or shares)

    return answer


def test_an_oracle_that_lies_about_the_end_is_not_believed(world, shell, api):
    number = number_of(world)
    lie = view_of(number, transaction="0x" + "ab" * 32, block=1)
    in_turn(api, [quote_for(world, REQUEST), {"id": number}, lie, lie, lie])
    assert shell("payer", "app", "order", *WORDS, "--limit", "2", "--yes") == 1
    assert "the oracle says settled; the chain does not" in shell.err and not shell.out
    for command in ("show", "wait"):
        assert shell("payer", "app", command, number) == 1
        assert "the oracle says settled; the chain does not" in shell.err


def test_an_order_can_be_looked_at_again(world, shell, api):
    number = number_of(world)
    refused = view_of(number, "refused", "no consent")
    in_turn(api, [view_of(number, "posted"), settled(world), refused, refused])
    assert shell.json("payer", "app", "show", number)["stage"] == "posted"
    assert shell("payer", "app", "wait", number) == 0
    assert "1.20 TUSD" in shell.out and "settled" in shell.out
    assert shell("payer", "app", "show", number) == 0 and "no consent" in shell.out
    assert shell("payer", "app", "wait", number) == 1 and "refused: no consent" in shell.err


def goes_on(err, number):
    """Whether the last line says not to repeat the order and how to look at it."""
    said = (f"do not order again: `refrain app show {number}` shows it and "
            f"`refrain app wait {number}` waits for it")  # fmt: skip
    return said in err.splitlines()[-1]


def test_a_wait_that_runs_out_says_that_the_order_goes_on(world, shell, api):
    number = number_of(world)
    waiting = view_of(number, "posted", "in the pool")
    in_turn(api, [quote_for(world, REQUEST), {"id": number}, *[waiting] * 9])
    assert shell("payer", "app", "order", *WORDS, "--limit", "2", "--yes", "--wait", 1) == 3
    assert goes_on(shell.err, number) and "the order goes on" in shell.err
    assert "posted: in the pool" in shell.err and "('" not in shell.err


def test_an_order_without_an_answer_may_have_been_taken(world, shell, api):
    number = number_of(world)

    in_turn(api, [quote_for(world, REQUEST), {"id": "0x" + "00" * 32}])
    assert shell("payer", "app", "order", *WORDS, "--limit", "2", "--yes") == 1
    assert goes_on(shell.err, number) and "the oracle may have the order" in shell.err


def test_an_interrupted_wait_says_so_too(world, shell, api):
    number = number_of(world)

    def interrupting():
        _thread.interrupt_main()
        return view_of(number, "posted")

    in_turn(api, [quote_for(world, REQUEST), {"id": number}, interrupting])
    assert shell("payer", "app", "order", *WORDS, "--limit", "2", "--yes") == 130
    assert goes_on(shell.err, number) and "nothing was changed" not in shell.err
