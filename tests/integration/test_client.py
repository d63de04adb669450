"""What artists and apps do with the functions and the command line that we give them."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import replace

import pytest

from oracle.adapters.pinning import PINNERS
from oracle.adapters.signing import signatures
from oracle.domain import canonical
from oracle.domain.cid import cid_of, decode
from oracle.domain.errors import Inconsistent, InvalidInput, Refused, Unavailable
from oracle.domain.request import parse_request
from scripts import client, commands
from scripts.app import App
from scripts.artist import Song, metadata_of
from tests.chain_world import ESCROW, PRICE, copied_world
from tests.http_script import scripted

REQUEST = parse_request({
    "engine": "mosaic", "length": 30, "prompt": "slow dawn", "rule": "realised",
    "tier": "commercial", "references": [{"recording": 1, "weight": 1_000_000}],
})  # fmt: skip


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
    return App(world.wallet("payer"), key, world.deployment, world.artifacts, api.url)


def quote(world, **changes):
    """An honest oracle's quote for REQUEST; `changes` go into the order."""
    honest = replace(world.case().order, request=REQUEST.digest(), max_price=PRICE)
    order = replace(honest, **changes)
    return {
        "permitted": True, "refusals": [], "price": str(PRICE), "expires": 9,
        "typed_data": world.typed.order_typed_data(order),
    }  # fmt: skip


def tell(api, answers, number):
    """Has the oracle give these answers in turn; what it took has the id `number`."""
    lock, plain = threading.Lock(), api.answer

    def answer(request):
        with lock:
            found = next(answers)
        api.says({**found, "id": number} if "permitted" not in found else found)
        plain(request)

    api.answer = answer


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
        app._token = world.artifacts.contract("TestDollar", world.deployment.splits)
        assert app._permit(5) is None

    def test_an_upgrade_names_the_original(self, world, app, api):
        original = "0x" + "ab" * 32
        made = quote(world, request=bytes.fromhex(original[2:]))
        answers = iter([made, {"id": None}, {"stage": "settled", "detail": ""}])
        number = world.typed.order_hash(
            replace(world.case().order, request=bytes.fromhex(original[2:]), max_price=PRICE)
        )
        tell(api, answers, number)
        assert app.upgrade(original, "commercial", PRICE)["stage"] == "settled"
        paths = [asked.path for asked in api.asked]
        assert paths[:2] == ["/v1/upgrades/quotes", "/v1/upgrades"]
        assert json.loads(api.asked[0].body) == {
            "original": original, "tier": "commercial", "payer": app.address,
        }  # fmt: skip

    def test_an_upgrade_of_something_else_is_not_signed(self, world, app, api):
        api.says(quote(world))
        with pytest.raises(Inconsistent, match="not the order that was asked for"):
            app.upgrade("0x" + "ab" * 32, "commercial", PRICE)

    def test_a_quote_is_asked_for_and_its_order_signed(self, world, app, api):
        api.says(quote(world))
        order = app.order_from(app.quote(REQUEST), REQUEST, PRICE)
        asked = json.loads(api.asked[0].body)
        assert asked == {"request": REQUEST.to_json(), "payer": world.address("payer")}
        assert world.typed.order_signer(order, app.sign(order)) == world.address("payer")

    @pytest.mark.parametrize("change", ["payer", "request"])
    def test_an_order_of_somebody_else_is_not_signed(self, world, app, change):
        other = {"payer": world.address("mara"), "request": bytes(32)}[change]
        with pytest.raises(Inconsistent, match="not the order that was asked for"):
            app.order_from(quote(world, **{change: other}), REQUEST, PRICE)

    @pytest.mark.parametrize("place", ["domain", "types", "primaryType"])
    def test_nor_one_for_another_ledger_chain_or_type(self, world, app, place):
        made = quote(world)
        other = {"domain": {**made["typed_data"]["domain"], "chainId": 1}, "types": {},
                 "primaryType": "Permit"}[place]  # fmt: skip
        made["typed_data"] = {**made["typed_data"], place: other}
        with pytest.raises(Inconsistent):
            app.order_from(made, REQUEST, PRICE)

    def test_nor_one_that_is_too_dear(self, world, app):
        with pytest.raises(InvalidInput, match=f"maxPrice: is above {PRICE - 1}"):
            app.order_from(quote(world), REQUEST, PRICE - 1)

    def test_a_refusal_says_which_recording_and_why(self, world, app):
        made = quote(world) | {"permitted": False, "typed_data": None}
        made["refusals"] = [{"recording": 7, "reason": "revoked", "detail": "was revoked at 9"}]
        with pytest.raises(Refused, match="7: was revoked at 9"):
            app.order_from(made, REQUEST, PRICE)

    def test_an_order_is_placed_under_its_own_key(self, world, app, api):
        order = app.order_from(quote(world), REQUEST, PRICE)
        number = world.typed.order_hash(order)
        api.says({"id": number, "stage": "ordered", "links": {}}, 202)
        assert app.place(REQUEST, order, app.sign(order)) == number
        assert api.asked[0].headers["idempotency-key"] == number
        api.says({"id": "0x" + "00" * 32, "stage": "ordered", "links": {}}, 202)
        with pytest.raises(Inconsistent, match="order's hash"):
            app.place(REQUEST, order, app.sign(order))

    def test_it_waits_and_tells_each_change_once(self, app, api):
        seen = []

        def tell(view):
            seen.append(view["stage"])
            api.says({"stage": "settled", "detail": ""})

        api.says({"stage": "posted", "detail": ""})
        assert app.wait("0x12", 20, tell, pause=0.01)["stage"] == "settled"
        assert seen == ["posted", "settled"]

    def test_it_does_not_wait_for_ever(self, app, api):
        api.says({"stage": "posted", "detail": "waiting"})
        with pytest.raises(Unavailable, match="has not ended"):
            app.wait("0x12", 0.2, pause=0.01)


class TestCommandLine:
    @pytest.fixture
    def run(self, world, tmp_path, capsys):
        """Runs a command with a role's key; returns what it printed, or raises with the error."""
        world.deployment.write(tmp_path / "deployment.json")

        def run(role, name, *args):
            key = tmp_path / f"{role}.key"
            if not key.exists():
                key.touch(0o600)
                key.write_text(world.chain.keys[list(world.keys).index(role)])
            where = {
                "--rpc": world.chain.url, "--deployment": tmp_path / "deployment.json",
                "--artifacts": world.artifacts.folder, "--key-file": key,
            }  # fmt: skip
            options = [str(part) for option in where.items() for part in option]
            code = client.main([name, *map(str, args), *options])
            said = capsys.readouterr()
            return code, said.out.strip() if code == 0 else said.err.strip()

        return run

    def test_a_key_is_made_once(self, tmp_path, capsys):
        assert client.main(["key", str(tmp_path / "new.key")]) == 0
        assert capsys.readouterr().out.startswith("0x")
        assert client.main(["key", str(tmp_path / "new.key")]) == 1
        assert "cannot be made" in capsys.readouterr().err

    def test_an_artists_day(self, world, run, tmp_path):
        path, store = tmp_path / "one.wav", tmp_path / "store"
        path.write_bytes(b"one")
        holders = [f"{world.address('mara')}=900000", f"{world.address('holder')}=100000"]
        assert run("mara", "split", *holders) == (0, "2")
        code, out = run("mara", "register", path, "--artist", "Mara", "--split", 2,
                        "--pin", f"folder:{store}")  # fmt: skip
        assert (code, out) == (0, f"4\t{path}")
        digest = world.ledger().recording(4).metadata
        pinner = PINNERS["folder"](commands.Where(store, None))
        (pin,) = (store / "pins").iterdir()
        assert "0x" + decode(pin.name)[1].hex() == digest
        assert canonical.loads(pinner.fetch(pin.name))["title"] == "one"
        assert run("mara", "revoke", "--recording", 4)[0] == 0
        assert world.ledger().recording(4).revoked_at
        assert run("stranger", "withdraw", 1, 2, 3, 4) == (0, "0")

    def test_consent_floors_and_owners_change(self, world, run):
        assert run("mara", "amend", "--recording", 1, "--uses", 1)[0] == 0
        assert run("mara", "floors", 5, 7, "--recording", 1)[0] == 0
        holder = world.address("holder")
        assert run("mara", "transfer", "--recording", 1, "--to", holder)[0] == 0
        assert run("holder", "transfer", "--recording", 1, "--accept", "--split", 1)[0] == 0
        found = world.ledger().recording(1)
        assert (found.uses, found.version, found.floors) == (1, 1, (5, 7, 0, 0))
        assert (found.owner, found.split) == (holder, 1)

    def test_what_waits_for_a_payee_is_collected(self, world, run):
        code, said = run("stranger", "withdraw", "--parked", world.address("mara"))
        assert code == 1 and "Payouts_NothingParked" in said
        code, said = run("stranger", "withdraw", "--claimed", world.address("mara"))
        assert code == 1 and "Payouts_NothingClaimed" in said

    def test_an_app_puts_money_in(self, world, run):
        code, out = run("payer", "fund", 7, "--mint")
        assert (code, out) == (0, f"{world.address('payer')} holds {ESCROW + 7} in escrow")

    def test_an_app_orders(self, world, run, api):
        made = quote(world)
        answers = iter([
            made, {"id": None}, {"stage": "settled", "detail": "", "price": str(PRICE)},
        ])  # fmt: skip
        number = world.typed.order_hash(
            replace(world.case().order, request=REQUEST.digest(), max_price=PRICE)
        )
        tell(api, answers, number)
        code, out = run(
            "payer", "generate", "--api", api.url, "--prompt", "slow dawn", "--length", 30,
            "--reference", "1=1000000", "--limit", PRICE,
        )  # fmt: skip
        assert code == 0 and json.loads(out)["stage"] == "settled"

    @pytest.mark.parametrize(
        "name, args, said",
        [
            ("transfer", ["--recording", "1", "--accept"], "Catalogue_NotOffered"),
            ("transfer", ["--recording", "1", "--to", "me"], "--to: must be an address"),
            ("amend", ["--recording", "1", "--uses", "16"], "Catalogue_UnknownUses(uses=16)"),
            ("floors", ["1", "2", "3", "4", "5", "--recording", "1"], "at most 4"),
            ("revoke", ["--recording", "3"], "Catalogue_NotOwner"),
            ("split", ["0x12=1000000"], "holder: must be an address"),
            ("split", ["0x12"], "holder: must be a whole number"),
            ("register", ["nowhere.wav", "--artist", "A"], "nowhere.wav"),
            ("register", ["nowhere.wav", "--artist", "A", "--pin", "tape:x"], "--pin: must be"),
            ("fund", ["5"], "ERC20InsufficientBalance(sender="),
        ],
    )
    def test_what_cannot_be_done_is_one_line(self, run, name, args, said):
        code, err = run("mara", name, *args)
        assert code == 1 and said in err and len(err.splitlines()) == 1
