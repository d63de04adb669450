"""A track is signed only after a node that is not paid for it has made it again."""

from __future__ import annotations

import pytest

from oracle.domain import canonical
from oracle.domain.errors import Inconsistent, Unavailable
from oracle.quorum.checks import require_checked
from tests.support.fakes import FakeNode
from tests.support.samples import NODE, manifest

OTHER, THIRD = "0x" + "11" * 20, "0x" + "22" * 20
MANIFEST = manifest()
GENERATION = MANIFEST.generation


@pytest.fixture
def nodes():
    """The maker of the track, and two other nodes."""
    made = [FakeNode("http://a", NODE), FakeNode("http://b", OTHER), FakeNode("http://c", THIRD)]
    files = [{"recording": one.recording, "audio": one.audio} for one in MANIFEST.references]
    made[0].start(GENERATION, {"request": MANIFEST.request.to_json(), "references": files})
    return made


class NoRows:
    """The rows of an oracle that knows the order only from others."""

    def known(self, generation):
        return None


ROWS = NoRows()


def check(nodes, **changes):
    trace = canonical.loads(nodes[0].trace(GENERATION)) | changes
    require_checked(nodes, ROWS, MANIFEST, nodes[0].audio(GENERATION), canonical.dumps(trace))


def test_another_node_checks_the_track(nodes):
    check(nodes)
    with pytest.raises(Inconsistent, match=r"trace\.levels"):
        check(nodes, levels=[10**9] * 10)


def test_the_maker_does_not_check_its_own_track(nodes):
    with pytest.raises(Unavailable, match="than the track's maker"):
        check(nodes[:1])
    twin = FakeNode("http://d", NODE.lower())
    with pytest.raises(Unavailable, match="than the track's maker"):
        check([nodes[0], twin])


def test_the_next_node_checks_if_one_cannot(nodes):
    nodes[1].fault = Unavailable("is away")
    check(nodes)
    nodes[2].missing = {2}
    with pytest.raises(Unavailable, match="http://b: is away"):
        check(nodes)


def lacking(nodes):
    """The second node has another analysis of recording 2, so it needs the maker's."""
    nodes[1].spoil = {"lacks": (2,), "records": nodes[0].records(GENERATION)}
    return nodes[:2]


def test_records_are_carried_from_the_maker_to_the_node_that_lacks_them(nodes):
    check(lacking(nodes))


def test_a_maker_that_does_not_give_its_records_is_named(nodes):
    pair = lacking(nodes)
    sound, trace = pair[0].audio(GENERATION), pair[0].trace(GENERATION)
    pair[0].jobs.clear()
    with pytest.raises(Unavailable, match="does not give its analysis records; http://a: no such"):
        require_checked(pair, ROWS, MANIFEST, sound, trace)


def test_records_that_do_not_help_leave_the_track_unsigned(nodes):
    nodes[1].spoil = {"lacks": (2,), "records": b"[1]"}
    with pytest.raises(Unavailable, match="analysis record"):
        check(nodes[:2])


def test_an_engine_that_nobody_can_check_is_refused_whatever_a_node_says(nodes):
    other = manifest(engine=("mosaic", "9"))
    with pytest.raises(Inconsistent, match=r"trace\.engine"):
        made = nodes[0].audio(GENERATION), nodes[0].trace(GENERATION)
        require_checked(nodes, ROWS, other, *made)


def test_a_second_node_checks_and_needs_the_makers_records_too(nodes):
    """Whoever names the wrong maker must not choose who checks."""
    nodes[2].spoil = {"lacks": (2,), "records": b"[1]"}
    check(nodes)  # the named maker comes before all others
    nodes[0].missing = {1}
    with pytest.raises(Unavailable, match="analysis record"):
        check(nodes)
    nodes[2].spoil = {"check": nodes[0].audio(GENERATION)[:-4] + b"\0\1\0\1"}
    with pytest.raises(Inconsistent, match=r"^audio: "):
        check(nodes)
