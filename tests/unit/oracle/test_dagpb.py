"""dag-pb nodes: written nodes are read again, and no bytes break the parser."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.domain.dagpb import file_size, links, node
from oracle.domain.errors import InvalidInput

CHILDREN = st.lists(st.tuples(st.binary(max_size=40), st.integers(0, 2**50), st.integers(0, 2**50)))


@given(CHILDREN)
def test_the_links_of_a_node_are_its_children(children: list[tuple[bytes, int, int]]) -> None:
    assert links(node(children)) == [cid for cid, _, _ in children]


def test_the_bytes_of_a_small_node() -> None:
    """Field by field by the dag-pb and UnixFS specifications."""
    link = b"\x12\x07" + b"\x0a\x01c" + b"\x12\x00" + b"\x18\x09"
    data = b"\x0a\x08" + b"\x08\x02" + b"\x18\xac\x02" + b"\x20\xac\x02"
    assert node([(b"c", 9, 300)]) == link + data


@pytest.mark.parametrize(
    "block",
    [
        b"\x12",
        b"\x12\x05abc",
        b"\x80" * 20,
        b"\x0b",
        b"\x0d\x00",
        b"\x0a\x05ab",
        b"\x12\x02\x18\x01",
        b"\x12\x02\x08\x01",
        b"\x10\x01",
    ],
)
def test_bytes_that_are_not_a_node_are_refused(block: bytes) -> None:
    with pytest.raises(InvalidInput):
        links(block)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_parser(block: bytes) -> None:
    with suppress(InvalidInput):
        assert all(isinstance(link, bytes) for link in links(block))


def test_the_size_of_a_file_is_read_from_its_node_only() -> None:
    assert file_size(node([(b"c", 9, 300), (b"d", 9, 41)])) == 341
    directory, raw_data = b"\x0a\x02\x08\x01", b"\x0a\x02\x10\x01"
    for other in (b"", directory, raw_data, b"\x08\x02", b"\x0a\x04\x08\x02\x1a\x00"):
        with pytest.raises(InvalidInput):
            file_size(other)
