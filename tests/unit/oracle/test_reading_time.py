"""Every reader of others' text takes time in proportion to it; measured as CPU time.

A head has at most 64 KiB, a body of an oracle too. Each reader gets 0.3 s for a text of that size,
because processor time grows on a busy machine; one in quadratic time would need many seconds.
"""

import pytest
from starlette.requests import Request

from generator.node import request_body
from oracle.api.errors import path_of
from oracle.api.gateway import form_of, gateway
from oracle.domain import cid, dagpb, environment, fields
from oracle.domain.manifest import LARGEST as LARGEST_MANIFEST
from oracle.domain.manifest_reader import parse_manifest
from oracle.domain.proxies import proxy_of
from oracle.http.connections import client_of
from tests.unit.oracle.test_canonical_time import seconds

SIZE = 64 * 1024
HALF = SIZE // 2
SECONDS = 0.3

TEXTS = {
    "digits": "1" * SIZE,
    "zeros": "0" * SIZE,
    "hex": "0x" + "ab" * HALF,
    "hex with a wrong end": "0x" + "ab" * HALF + "g",
    "an address and more": "0x" + "a" * SIZE,
    "base32": "b" + "a" * SIZE,
    "letters of another script": "١" * HALF,
    "blanks": " " * SIZE,
    "commas": "," * SIZE,
    "semicolons and equals signs": ";=" * HALF,
    "quotes": '"' * SIZE,
    "dots": "." * SIZE,
    "colons": ":" * SIZE,
    "per cent signs": "%" * SIZE,
    "brackets": "[" * SIZE,
}


def asked(header=b"accept", value="", query=""):
    return Request({
        "type": "http", "method": "GET", "path": "/", "path_params": {},
        "headers": [(header, value.encode())], "query_string": query.encode(),
    })  # fmt: skip


READERS = {
    "decimal": lambda text: fields.decimal(text, "field"),
    "text": lambda text: fields.text(text, "field", 100),
    "long text": lambda text: fields.text(text, "field", SIZE * 2),
    "choice": lambda text: fields.choice(text, "field", ("a", "b")),
    "bytes": lambda text: fields.hex_bytes(text, "field"),
    "word": lambda text: fields.word(text, "field"),
    "digest": lambda text: fields.digest(text, "field"),
    "address": lambda text: fields.address(text, "field"),
    "mapping": lambda text: fields.mapping({text: 1, text + "a": 2}, text, ("a",)),
    "cid": cid.decode,
    "recording": request_body.path_recording,
    "accept": lambda text: form_of(asked(b"accept", text)),
    "format": lambda text: form_of(asked(query=f"format={text}")),
    "place": lambda text: path_of(("body", text, 1, text)),
    "client": client_of,
    "number": lambda text: environment.integer({"N": text}, "N", 1, 1, 9),
    "proxy": lambda text: proxy_of("http://node.example", {"HTTP_PROXY": "x", "NO_PROXY": text}),
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_of_any_shape_is_read_or_refused_in_time(read, text):
    assert seconds(read, text) <= SECONDS


@pytest.mark.parametrize(
    "block", [b"\x80" * cid.CHUNK, b"\x08\x00" * (SIZE // 2), b"\x12\x00" * (SIZE // 2)]
)
def test_a_block_of_any_shape_is_read_in_proportion_to_its_size(block):
    assert seconds(dagpb.links, block) <= SECONDS
    assert seconds(dagpb.file_size, block) <= SECONDS


@pytest.mark.parametrize("begin", [b"", b'"', b'{"chain":', b'{"a":1,"a":'])
@pytest.mark.parametrize("unit", [b'\\"', b"[", b"1,", b'"a":{', b"\\ud800"])
def test_a_manifest_of_any_shape_is_read_in_proportion_to_its_size(begin, unit):
    data = begin + unit * ((LARGEST_MANIFEST - len(begin)) // len(unit))
    assert seconds(parse_manifest, data) <= 1.0


def test_headers_of_a_request_for_a_file_cost_little():
    from starlette.testclient import TestClient

    class Nothing:
        def block(self, name):
            return b"a track"

    known = cid.cid_of(b"a track")
    with TestClient(gateway(Nothing())) as client:
        for name in ("Range", "If-None-Match", "Accept"):
            for text in (",", ";=,", "bytes=1-,", '"a",', "0"):
                sent = {name: text * (SIZE // len(text))}
                assert seconds(lambda sent=sent: client.get(f"/ipfs/{known}", headers=sent)) <= 0.2
