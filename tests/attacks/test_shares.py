"""One oracle of the set keeps everything busy that another one does for its callers."""

import threading

import pytest

from oracle.api.load import PEERS_AT_ONCE
from oracle.api.peer_routes import MOST_ATTESTING
from oracle.domain.generation import Stage
from oracle.domain.ordered import ordered_json
from oracle.domain.proposal import proposed_json
from oracle.orders.acceptance import take
from oracle.pipeline.runner import Pipeline
from oracle.quorum import attestations, cancelling
from tests.support.oracle_api import Idle, call, client_of, oracle_key
from tests.support.samples import ordered, request
from tests.support.trio import make_trio

LIAR, HONEST, ASKED = 2, 1, 0
SIGNATURE = "0x" + "11" * 65
BUSY = {"/v1/peers/attestations": MOST_ATTESTING, "/v1/peers/cancellations": PEERS_AT_ONCE}


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


def proposal(trio, index=HONEST):
    """What an oracle of the set proposes, published and reserved."""
    context = trio.contexts[index]
    name = take(context, ordered(request(), *trio.order(request()))).id
    while (known := context.store.load(name)).stage is not Stage.PUBLISHED:
        Pipeline(context).advance(name)
    attestations.attest(context, known.proposed())
    return known


@pytest.mark.parametrize("path", BUSY)
def test_one_oracle_cannot_keep_all_places_of_another_one(trio, monkeypatch, path):
    known = proposal(trio)
    honest = proposed_json(known.proposed())
    mine = {
        "/v1/peers/attestations": {**honest, "ballot": {"round": 2, "leader": LIAR}},
        "/v1/peers/cancellations": {**ordered_json(known.ordered()), "cancellation": SIGNATURE},
    }[path]
    free, held = threading.Event(), threading.Semaphore(0)
    real = attestations.attest

    def hang(context, what, *more):
        if getattr(what, "ballot", None) == known.ballot:
            return real(context, what)
        held.release()
        free.wait(60)
        return (trio.contexts[ASKED].attester.address, "0x" + "11" * 64)

    monkeypatch.setattr(attestations, "attest", hang)
    monkeypatch.setattr(cancelling, "agree", hang)
    answers = []

    def ask(by, to, body):
        answers.append((by, call(trio, client, oracle_key(trio, by), to, body).status_code))

    with client_of(trio, Idle(), index=ASKED) as client:
        asks = [threading.Thread(target=ask, args=(LIAR, path, mine)) for _ in range(BUSY[path])]
        for each in asks:
            each.start()
        while held.acquire(timeout=2):
            pass
        last = threading.Thread(target=ask, args=(HONEST, "/v1/peers/attestations", honest))
        last.start()
        last.join(20)
        seen = list(answers)
        free.set()
        for each in (last, *asks):
            each.join()
    assert (HONEST, 200) in seen
