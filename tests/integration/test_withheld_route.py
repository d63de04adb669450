"""The route for withheld blocks: signed calls only, by oracles with a part in the order."""

import logging
import re

import pytest
from starlette.testclient import TestClient

from oracle.adapters.signing.calls import CallSigner
from oracle.api.app import create_app
from oracle.api.peer_routes import RAW_TYPE
from oracle.api.routes import Handlers
from oracle.domain import call
from oracle.domain.cid import CHUNK, blocks_of, cid_of
from oracle.domain.generation import Generation, Stage
from oracle.domain.reservation import Ballot
from oracle.domain.seat import Seat
from oracle.domain.typed_data import SigningDomain
from oracle.http.caller import Callers
from oracle.pipeline.runner import Pipeline
from oracle.pipeline.worker import Worker
from oracle.readiness import Readiness
from tests.support.fake_chain import CHAIN
from tests.support.samples import LEDGER, request
from tests.support.trio import key, make_trio

URL = "http://testserver"
DATA = bytes(range(256)) * 5_000


@pytest.fixture
def trio(tmp_path):
    return make_trio(tmp_path)


@pytest.fixture
def api(trio):
    context = trio.contexts[0]
    handlers = Handlers(context, lambda _id: None, Readiness(context, {}), "http://gateway")
    callers = Callers(trio.typed, trio.terms.oracle_set.signers, URL, trio.clock.now)
    app = create_app(handlers, Worker(Pipeline(context), threads=0), callers)
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def generation(trio):
    """An order that oracle 1 leads; oracle 0 promised that, and holds its track."""
    context, (order, signature) = trio.contexts[0], trio.order(request())
    name = trio.typed.order_hash(order)
    row = Generation(name, request(), order, signature, 1, stage=Stage.PUBLISHED)
    context.store.reserve(row, lambda _seat, _open: Seat(name, Ballot(1, 1), 0, 0))
    context.withheld.put(name, DATA)
    return name


def keys(trio):
    by_address = {key(f"oracle {i}").address: key(f"oracle {i}") for i in range(3)}
    return [by_address[signer] for signer in trio.terms.oracle_set.signers]


def path(generation, cid):
    return f"/v1/peers/withheld/{generation}/{cid}"


def signed(trio, by, target, url=URL):
    signer = CallSigner(by, SigningDomain(CHAIN, LEDGER), trio.clock.now)
    return signer.headers(url, "GET", target, b"")


def read(trio, api, by, target):
    return api.get(target, headers=signed(trio, by, target))


def test_the_leader_reads_every_block(trio, api, generation):
    blocks = list(blocks_of(DATA))
    assert len(blocks) == 3 and len(DATA) > CHUNK
    for cid, block in blocks:
        answer = read(trio, api, keys(trio)[1], path(generation, cid))
        assert (answer.status_code, answer.content) == (200, block)
        assert answer.headers["content-type"] == RAW_TYPE
        assert answer.headers["cache-control"] == "no-store"


def test_an_oracle_of_the_set_without_a_part_gets_404(trio, api, generation):
    answer = read(trio, api, keys(trio)[2], path(generation, cid_of(DATA)))
    assert answer.status_code == 404


@pytest.mark.parametrize("name", ["payer", "stranger", "oracle 3"])
def test_every_other_key_gets_401(trio, api, generation, name):
    answer = read(trio, api, key(name), path(generation, cid_of(DATA)))
    assert answer.status_code == 401


def without_signature(headers):
    return {}


def with_a_token(headers):
    return {"Authorization": "Bearer a token that oracles share"}


def of_another_block(headers):
    return headers | {call.NONCE: "0x" + "00" * 32}


@pytest.mark.parametrize("spoil", [without_signature, with_a_token, of_another_block])
def test_a_call_without_a_true_signature_gets_401(trio, api, generation, spoil):
    target = path(generation, cid_of(DATA))
    headers = spoil(signed(trio, keys(trio)[1], target))
    assert api.get(target, headers=headers).status_code == 401


def test_a_signed_call_reads_once_and_at_one_oracle_only(trio, api, generation):
    target = path(generation, cid_of(DATA))
    headers = signed(trio, keys(trio)[1], target)
    assert api.get(target, headers=headers).status_code == 200
    assert api.get(target, headers=headers).status_code == 401
    elsewhere = signed(trio, keys(trio)[1], target, "http://another-oracle")
    assert api.get(target, headers=elsewhere).status_code == 401
    other = path(generation, next(blocks_of(DATA))[0])
    assert api.get(other, headers=signed(trio, keys(trio)[1], target)).status_code == 401


@pytest.mark.parametrize(
    ("generation_id", "cid"),
    [("0x" + "AB" * 32, cid_of(DATA)), ("0x12", cid_of(DATA)), ("0x" + "ab" * 32, "QmX")],
)
def test_malformed_names_get_422(trio, api, generation_id, cid):
    target = path(generation_id, cid)
    assert read(trio, api, keys(trio)[1], target).status_code == 422


def test_the_log_names_reader_generation_and_block_and_no_signature(
    trio, api, generation, caplog
):
    target = path(generation, cid_of(DATA))
    headers = signed(trio, keys(trio)[1], target)
    with caplog.at_level(logging.DEBUG):
        api.get(target, headers=headers)
    for part in (keys(trio)[1].address, generation, cid_of(DATA)):
        assert part in caplog.text
    assert not re.search(headers[call.SIGNATURE][2:], caplog.text)
