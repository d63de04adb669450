"""The table of generations: what acceptance reads costs the same with any number of ended rows."""

from dataclasses import replace

import pytest
from sqlalchemy import event, text

from oracle.adapters.database import open_database, writing
from oracle.adapters.store import DatabaseStore
from oracle.domain.generation import Generation, Stage
from tests.support.samples import PAYER, order_for, request

FEW, MANY = 200, 20_000
ENDED = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
    INSERT INTO generations (id, payer, nonce, price, stage, body, open)
    SELECT :payer || i, :payer, i, '5', 'settled', '{}', 0 FROM n
"""


def generation(number, **changes):
    order = order_for(request(), nonce=number)
    base = Generation(f"0x{number:064x}", request(), order, "0x" + "02" * 65, 200_000)
    return replace(base, **changes)


def filled(path, rows):
    """A store with ended rows of the payer and of others, and three open orders of the payer."""
    engine = open_database(path)
    store = DatabaseStore(engine)
    for number in range(1, 4):
        store.take(generation(number), lambda held: None)
    with writing(engine) as connection:
        for payer in (PAYER.lower(), "0x" + "ee" * 20):
            connection.execute(text(ENDED), {"payer": payer, "rows": rows // 2})
    return engine, store


def steps_of(engine, action):
    """Steps of SQLite's machine during an action, in tens."""
    counted = [0]

    def count():
        counted[0] += 1

    def watch(connection, _record, _proxy):
        connection.set_progress_handler(count, 10)

    event.listen(engine, "checkout", watch)
    action()
    event.remove(engine, "checkout", watch)
    return counted[0]


ACTIONS = {
    "reservations": lambda store: store.reservations(PAYER),
    "open orders": lambda store: store.open_orders(PAYER),
    "take": lambda store: store.take(generation(9), lambda held: None),
    "save": lambda store: store.save(generation(1, stage=Stage.FAILED)),
    "unfinished": lambda store: store.unfinished(),
    "prune": lambda store: store.prune(5),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_it_costs_the_same_with_many_ended_rows(tmp_path, name):
    costs = []
    for rows in (FEW, MANY):
        engine, store = filled(tmp_path / f"{rows}.sqlite", rows)
        costs.append(steps_of(engine, lambda store=store: ACTIONS[name](store)))
    assert costs[1] <= 1.2 * costs[0] + 5, costs
