"""What artists and apps do with the functions of oracle.client."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from oracle.adapters.signing import signatures
from oracle.client.app import App
from oracle.client.song import Song, metadata_of
from oracle.domain import canonical
from oracle.domain.cid import cid_of
from oracle.domain.errors import Inconsistent, InvalidInput
from tests.support.chain_world import ESCROW, PRICE, copied_world
from tests.support.http_script import scripted


@pytest.fixture
def world(tmp_path):
    with copied_world(tmp_path) as made:
        yield made


@pytest.fixture
def api():
    with scripted() as script:
        yield script


@pytest.fixture
def app(world, api):
    key = world.keys["payer"]
    return App(world.wallet("payer"), key, world.deployment, api.url)


class TestArtist:
    def test_metadata_is_pinned_and_its_digest_registered(self, world, tmp_path):
        path = tmp_path / "new.wav"
        path.write_bytes(b"new")
        pinned = []

        def pin(data):
            pinned.append(data)
            return cid_of(data)

        song = Song(path, "Neu \u266a", "Mara", "XX-9", uses=1, max_share=2_500)
        (number,) = world.artist("mara").register([song], pin)
        found = world.ledger().recording(number)
        metadata = canonical.loads(pinned[0])
        assert metadata["title"] == "Neu \u266a" and metadata["audio"]["bytes"] == 3
        assert metadata["audio"]["sha256"] == found.audio == hashlib.sha256(b"new").hexdigest()
        assert found.metadata == "0x" + hashlib.sha256(pinned[0]).hexdigest()
        assert (found.uses, found.max_share, found.isrc) == (1, 2_500, "XX-9")

    def test_a_pinner_that_names_another_cid_stops_it(self, world):
        with pytest.raises(Inconsistent, match="another CID"):
            world.artist("mara").register(world.songs[:1], lambda data: "bafkreiother")
        assert world.ledger().recording_count() == 3

    def test_metadata_is_one_block(self, world):
        with pytest.raises(InvalidInput, match="one block"):
            metadata_of(replace(world.songs[0], title="x" * 1_048_576), b"")

    def test_the_same_table_has_one_id(self, world):
        jonas = world.artist("jonas")
        holders = {world.address("jonas"): 700_000, world.address("holder"): 300_000}
        assert jonas.create_split(holders) == 1
        assert jonas.create_split(dict(reversed(holders.items()))) == 2

    def test_a_table_that_does_not_sum_is_refused_by_name(self, world):
        with pytest.raises(Inconsistent, match=r"SharesDoNotSum\(total=999999\)"):
            world.artist("jonas").create_split({world.address("jonas"): 999_999})

    def test_an_upload_is_signed_by_the_owner_for_this_file(self, world, api):
        api.says({"recording": 1, "audio": "ab", "seconds": 3, "bpm": 90, "record": "cd"}, 201)
        song = world.songs[0]
        assert world.artist("mara").upload(api.url, 1, song.path)["bpm"] == 90
        (asked,) = api.asked
        path, _, deadline = asked.path.partition("?deadline=")
        assert (asked.method, path) == ("PUT", "/v1/vault/1")
        assert asked.body == song.path.read_bytes()
        audio = hashlib.sha256(asked.body).digest()
        digest = world.typed.upload_digest(1, audio, int(deadline))
        signature = signatures.from_hex(asked.headers["x-refrain-signature"])
        assert signatures.recover(digest, signature) == world.address("mara")

    def test_what_a_node_refuses_is_told(self, world, api):
        api.problem("Invalid input", 422, detail="is not audio", field="body")
        with pytest.raises(InvalidInput, match="body: is not audio"):
            world.artist("mara").upload(api.url, 1, world.songs[0].path)

    def test_only_the_owner_revokes(self, world):
        with pytest.raises(Inconsistent, match=r"Catalogue_NotOwner\(caller="):
            world.artist("jonas").revoke(1)
        world.artist("mara").revoke(1)
        assert world.ledger().recording(1).revoked_at > 0

    def test_anyone_may_have_holders_paid(self, world):
        world.settle(world.case())
        assert world.artist("stranger").withdraw([1, 3]) == 0
        world.pass_windows()
        assert world.artist("stranger").withdraw([1, 3, 99]) == PRICE * 85 // 100
        assert world.artist("stranger").withdraw([1, 3]) == 0

    def test_neighbours_of_equal_terms_share_a_transaction(self, world, tmp_path):
        path = tmp_path / "some.wav"
        path.write_bytes(b"some")
        terms = (1, 1, 5, 1)
        songs = [Song(path, "s", "Mara", f"I{n}", uses=uses) for n, uses in enumerate(terms)]
        before = world.rpc.count(world.address("mara"))
        assert world.artist("mara").register(songs) == [4, 5, 6, 7]
        assert world.rpc.count(world.address("mara")) == before + 3
        found = [world.ledger().recording(number) for number in range(4, 8)]
        assert [(r.uses, r.isrc) for r in found] == [(1, "I0"), (1, "I1"), (5, "I2"), (1, "I3")]

    def test_an_isrc_with_a_comma_would_be_two(self, world):
        with pytest.raises(InvalidInput, match="isrc: must not hold a comma"):
            world.artist("mara").register([replace(world.songs[0], isrc="A,B")])

    def test_more_floors_than_tiers_are_refused(self, world):
        with pytest.raises(InvalidInput, match="floors: must be at most 4"):
            world.artist("mara").set_floors(1, [1] * 5)


class TestApp:
    @pytest.mark.parametrize(("permit", "transactions"), [(True, 1), (False, 2)])
    def test_money_goes_into_escrow(self, world, app, permit, transactions):
        app.mint(5)
        before = world.rpc.count(app.address)
        app.fund(5, permit)
        assert app.escrow() == ESCROW + 5
        assert world.rpc.count(app.address) == before + transactions

    def test_a_token_without_permits_takes_two(self, world, app):
        app.mint(5)
        # An ABI whose functions the ledger's token has, at a contract that has none of them.
        funding = app._funding
        funding._token = world.artifacts.contract("TestDollar", world.deployment.splits)
        assert funding._permit(5) is None
