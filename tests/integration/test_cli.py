"""`refrain` on a real chain: what each command changes, shows, asks and refuses."""

from __future__ import annotations

import io
import re
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracle.cli.main import main
from tests.support.chain_world import ESCROW, PRICE, copied_world
from tests.support.refrain import arguments, commands
from tests.support.shell import Shell


@pytest.fixture
def world(tmp_path):
    with copied_world(tmp_path) as made:
        yield made


@pytest.fixture
def shell(world, tmp_path, monkeypatch, capsys):
    return Shell(world, tmp_path, monkeypatch, capsys)


def sent(world, role):
    return world.rpc.count(world.address(role))


class TestConsent:
    def test_what_is_not_named_keeps_its_value(self, world, shell):
        before = world.ledger().recording(1)
        assert shell("mara", "consent", "set", "--recording", 1, "--max-share", "30%", "--yes") == 0
        world.pass_time(90_000)
        shell("mara", "consent", "floors", "0.05", "0.2", "--recording", 1, "--yes")
        assert shell("mara", "consent", "set", "--recording", 1, "--uses", "conditioning",
                     "--yes") == 0  # fmt: skip
        after = world.ledger().recording(1)
        assert (after.uses, after.max_share) == (1, 3_000)
        assert after.consent_until == before.consent_until
        assert after.floors == (50_000, 200_000, 0, 0)
        assert (after.owner, after.split) == (before.owner, before.split)

    def test_only_what_changes_is_shown(self, shell):
        shell("mara", "consent", "set", "--recording", 1, "--uses", "conditioning",
              "--until", "2099-12-31", "--yes")  # fmt: skip
        assert "conditioning,commercial   conditioning" in shell.err
        assert "2099-12-31" in shell.err and "ETH" in shell.err
        assert "largest share" not in shell.err
        assert re.search(r"\ntakes effect from +20[0-9-]+.* now *\n", shell.err)

    def test_the_same_consent_sends_nothing(self, world, shell):
        count = sent(world, "mara")
        for words in (["set", "--uses", "conditioning,commercial"], ["floors", "0"],
                      ["floors", "keep", "keep"]):  # fmt: skip
            assert shell("mara", "consent", *words, "--recording", 1) == 0
            assert "Nothing changes" in shell.out
        assert sent(world, "mara") == count

    def test_floors_that_are_not_named_stay(self, world, shell):
        shell("mara", "consent", "floors", "0.05", "0.2", "--recording", 1, "--yes")
        shell("mara", "consent", "floors", "keep", "0.3", "--recording", 1, "--yes")
        assert world.ledger().recording(1).floors == (50_000, 300_000, 0, 0)
        shell("mara", "consent", "floors", "7", "--raw", "--recording", 1, "--yes")
        assert world.ledger().recording(1).floors == (7, 300_000, 0, 0)

    def test_an_end_in_the_past_is_refused(self, world, shell):
        assert shell("mara", "consent", "set", "--recording", 1, "--until", "2020-01-01",
                     "--yes") == 1  # fmt: skip
        assert "name a later --until" in shell.err
        shell("mara", "consent", "revoke", "--recording", 1, "--yes")
        assert world.ledger().recording(1).revoked_at
        assert shell("mara", "consent", "set", "--recording", 1, "--uses", "voice", "--yes") == 1
        assert "name a later --until" in shell.err

    def test_a_consent_that_changed_lately_says_when_it_can_again(self, shell):
        shell("mara", "consent", "set", "--recording", 1, "--max-share", "30%", "--yes")
        assert shell("mara", "consent", "set", "--recording", 1, "--max-share", "40%", "--yes") == 1
        assert "changed again from 20" in shell.err and len(shell.err.splitlines()) == 1

    def test_revoking_twice_sends_once(self, world, shell):
        shell("mara", "consent", "revoke", "--recording", 1, "--yes")
        count = sent(world, "mara")
        assert shell("mara", "consent", "revoke", "--recording", 1) == 0
        assert "already" in shell.out and sent(world, "mara") == count

    def test_show_is_of_the_chain(self, shell):
        found = shell.json("stranger", "consent", "show", "--recording", 3)
        assert found["uses"] == ["conditioning", "commercial"] and found["max_share"] == 10_000
        assert found["floors"]["personal"] == {"units": "0", "decimals": 6, "symbol": "TUSD"}


class TestQuestion:
    def test_no_leaves_everything(self, world, shell):
        count = sent(world, "mara")
        assert shell("mara", "consent", "revoke", "--recording", 1, typed="n\n") == 1
        assert "nothing was changed" in shell.err and sent(world, "mara") == count

    def test_yes_does_it(self, world, shell):
        assert shell("mara", "consent", "revoke", "--recording", 1, typed="y\n") == 0
        assert world.ledger().recording(1).revoked_at

    def test_an_end_of_input_is_no(self, world, shell):
        assert shell("mara", "consent", "revoke", "--recording", 1, typed="") == 1
        assert not world.ledger().recording(1).revoked_at

    def test_without_a_terminal_it_refuses_in_one_line(self, world, shell):
        count = sent(world, "mara")
        assert shell("mara", "consent", "revoke", "--recording", 1) == 1
        assert "--yes" in shell.err and len(shell.err.splitlines()) == 1
        assert sent(world, "mara") == count

    def test_too_little_ether_names_the_address_and_the_amount(self, world, shell):
        world.chain.rpc("anvil_setBalance", world.address("mara"), "0x1")
        assert shell("mara", "consent", "revoke", "--recording", 1, "--yes") == 1
        assert f"{world.address('mara')} needs up to 0." in shell.err and "ETH" in shell.err
        assert not world.ledger().recording(1).revoked_at


class TestSplits:
    def test_the_same_table_is_not_stored_twice(self, world, shell):
        table = [f"{world.address('jonas')}=70%", f"{world.address('holder')}=30%"]
        count = sent(world, "jonas")
        found = shell.json("jonas", "split", "create", *table)
        assert (found["split"], found["existed"]) == (1, True) and sent(world, "jonas") == count

    def test_a_table_from_a_spreadsheet_is_the_same_split(self, world, shell, tmp_path):
        mara, holder = world.address("mara"), world.address("holder")
        rows = f"Payee;Share;Role\r\n{mara.lower()};66,6667;voice\r\n{holder};33,3333 %;\r\n;;\r\n"
        path = tmp_path / "table.csv"
        path.write_bytes(rows.encode("utf-16"))
        found = shell.json("mara", "split", "create", "--from", path, "--yes")
        shares = [(row["address"], row["share"]) for row in found["holders"]]
        assert shares == [(mara, 666_667), (holder, 333_333)]
        assert "Note: table.csv: columns that are not read: 'Role'" in shell.err
        words = [f"{mara}=66.6667%", f"{holder}=33.3333%"]
        again = shell.json("mara", "split", "create", *words)
        assert (again["split"], again["existed"]) == (found["split"], True)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("payee,share\nAda,100\n", "table.csv line 2: payee: must be an address, not a name"),
            ("file,payee,share\na.wav,0x{1:040x},100\n", "table.csv: has a column file"),
            ("payee,share\n", "table.csv: holds no row"),
            ("payee,share\n0x{1:040x},50\n0x{1:040X},50\n", "line 3: payee: is named twice"),
            ("payee,share\n0x{0:040x},100\n", "nobody has the address of zeros"),
            ("payee,share\n0x{1:040x},50\n", "the shares must sum to 100 (found 50)"),
            ("payee;share\nZoé;100\n", "table.csv line 2: is not UTF-8: bytes 5a 6f e9"),
        ],
    )
    def test_a_wrong_table_is_one_line(self, world, shell, tmp_path, text, said):
        path, count = tmp_path / "table.csv", sent(world, "mara")
        path.write_bytes(text.format(0, 2**159 + 10).encode("latin-1"))
        assert shell("mara", "split", "create", "--from", path, "--yes") == 1
        assert said in shell.err and len(shell.err.splitlines()) == 1
        assert sent(world, "mara") == count

    def test_another_table_is_assigned(self, world, shell):
        assert shell("mara", "split", "assign", 1, "--recording", 1, "--yes") == 1
        assert "--pay-others" in shell.err
        assert shell("mara", "split", "assign", 1, "--recording", 1, "--yes", "--pay-others") == 0
        assert world.ledger().recording(1).split == 1
        assert shell("mara", "split", "assign", 0, "--recording", 1, "--yes") == 0
        assert world.ledger().recording(1).split == 0

    @pytest.mark.parametrize(
        ("table", "said", "code"),
        [
            (["{mara}=60%", "{holder}=30%"], "sum to 100% (found 90%)", 2),
            (["ada=100%"], "must be an address, not a name (found ada)", 2),
            (["{mara}=50%", "{mara}=50%"], "is named twice", 2),
            (["{mara}=100%", "{holder}=0%"], "must be above 0%", 2),
            (["{mara}"], "0xAddress=65%", 2),
            (["{wrong}=100%"], "EIP-55", 2),
            (["{mara}=-5%"], "must be a share such as 65% (found -5%)", 2),
        ],
    )
    def test_what_is_no_table_is_refused(self, world, shell, table, said, code):
        names = {name: world.address(name) for name in ("mara", "holder")}
        names["wrong"] = names["mara"].swapcase().replace("0X", "0x")
        words = [text.format(**names) for text in table]
        assert shell("mara", "split", "create", *words, "--yes") == code
        assert said in shell.err


class TestOwners:
    def test_a_recording_changes_hands(self, world, shell):
        holder = world.address("holder")
        assert shell("mara", "recording", "offer", 1, "--to", holder, "--yes") == 0
        assert shell("mara", "recording", "accept", 1, "--yes") == 1
        assert "not offered to you" in shell.err
        assert shell("holder", "recording", "accept", 1, "--split", 1, "--yes") == 0
        found = world.ledger().recording(1)
        assert (found.owner, found.split) == (holder, 1)

    def test_an_offer_is_taken_back(self, world, shell):
        shell("mara", "recording", "offer", 1, "--to", world.address("holder"), "--yes")
        assert shell("mara", "recording", "offer", 1, "--cancel", "--yes") == 0
        assert shell("holder", "recording", "accept", 1, "--yes") == 1


class TestMoney:
    def test_what_you_got_and_what_the_others_got(self, world, shell):
        world.settle(world.case())
        assert shell("jonas", "earn", "withdraw") == 0
        assert "nothing was sent" in shell.out and "open to dispute" in shell.out
        world.pass_windows()
        found = shell.json("jonas", "earn", "withdraw", 1, 3, "--yes")
        royalty = PRICE * 85 // 100
        first, third = royalty * 6 // 10, royalty * 4 // 10
        assert int(found["you"]["units"]) == third * 7 // 10
        amounts = {who: int(amount["units"]) for who, amount in found["paid"].items()}
        assert amounts == {
            world.address("mara"): first, world.address("jonas"): third * 7 // 10,
            world.address("holder"): third * 3 // 10,
        }  # fmt: skip

    def test_without_numbers_it_is_all_that_pays_you(self, world, shell):
        world.settle(world.case())
        world.pass_windows()
        assert shell("holder", "earn", "withdraw", "--yes") == 0
        assert "You got 0.1224 TUSD." in shell.out and world.address("jonas") in shell.out
        assert world.address("mara") not in shell.out
        assert shell("mara", "earn", "withdraw", "--yes") == 0
        assert "You got 0.612 TUSD." in shell.out

    def test_nothing_to_withdraw_sends_nothing(self, world, shell):
        count = sent(world, "stranger")
        mara = world.address("mara")
        for words in ([], [1, 2, 3], ["--parked", mara], ["--claimed", mara]):
            assert shell("stranger", "earn", "withdraw", *words) == 0
            assert "nothing was sent" in shell.out
        assert sent(world, "stranger") == count

    def test_an_app_puts_money_in(self, world, shell):
        found = shell.json("payer", "app", "fund", "7.5", "--mint", "--yes")
        assert int(found["escrow"]["units"]) == ESCROW + 7_500_000
        assert shell("payer", "app", "fund", "7.5", "--yes") == 1
        assert "has 0.00 TUSD and needs 7.50 TUSD" in shell.err

    @pytest.mark.parametrize(("option", "number"), [([], 2), (["--no-permit"], 3)])
    def test_a_permit_saves_a_transaction(self, world, shell, option, number):
        count = sent(world, "payer")
        assert shell("payer", "app", "fund", "1", "--mint", "--yes", *option) == 0
        assert sent(world, "payer") == count + number

    def test_the_faucet_gives_tokens_and_gas(self, world, shell):
        world.chain.rpc("anvil_setBalance", world.address("stranger"), "0x0")
        assert shell("stranger", "faucet", "12.5", "--yes") == 0
        found = shell.json("stranger", "balance")
        assert found["wallet"] == {"units": "12500000", "decimals": 6, "symbol": "TUSD"}
        assert int(found["gas"]["units"]) > 9 * 10**18

    def test_a_balance_is_anybodys(self, world, shell):
        found = shell.json("stranger", "balance", world.address("payer"))
        assert int(found["escrow"]["units"]) == ESCROW


class TestCourt:
    def test_a_settlement_is_challenged_and_upheld(self, world, shell, tmp_path):
        transaction = world.settle(world.case())
        grounds, store = tmp_path / "why.txt", tmp_path / "store"
        grounds.write_text("I do not hear my song in it")
        assert shell.json("mara", "court", "show", transaction)["challenged"] is False
        words = ["court", "challenge", transaction, "--grounds", grounds, "--yes",
                 "--pin", f"folder:{store}"]  # fmt: skip
        assert shell("mara", *words) == 1
        assert "the bond is 10.00 TUSD and you have 0.00 TUSD" in shell.err
        shell("mara", "faucet", "10", "--yes")
        secret = ["--grounds", shell.key("mara")]
        assert shell("mara", *words, *secret) == 1
        assert "--grounds: is a key file" in shell.err and not store.exists()
        assert shell("mara", *words) == 0
        assert list((store / "pins").iterdir())
        found = shell.json("mara", "court", "show", transaction)
        assert found["open"] and found["challenger"] == world.address("mara")
        assert shell("mara", "court", "rule", transaction, "--uphold", "--yes") == 1
        assert "only an arbiter" in shell.err
        assert shell("arbiter", "court", "rule", transaction, "--reverse", "--yes") == 0
        assert not shell.json("mara", "court", "show", transaction)["open"]
        assert world.app.escrow() == ESCROW


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (["recording", "offer", 1, "--to", "me", "--yes"], "--to: must be an address", 2),
        (["recording", "offer", 1, "--yes"], "--to or --cancel", 2),
        (["consent", "set", "--recording", 1], "name at least one of", 2),
        (["consent", "set", "--recording", 1, "--uses", "300", "--yes"], "--uses: must be", 2),
        (["consent", "set", "--recording", 3, "--uses", "voice", "--yes"], "belongs to", 1),
        (["consent", "set", "--recording", 1, "--uses", "none"], "`refrain consent revoke`", 2),
        (["consent", "set", "--recording", 1, "--uses", "0", "--raw"], "consent revoke`", 2),
        (["consent", "set", "--recording", 1, "--max-share", "0%"], "consent revoke`", 2),
        (["earn", "withdraw", "--parked", "0x" + "aB" * 20], "EIP-55 checksum", 2),
        (["balance", "0x" + "aB" * 20], "EIP-55 checksum", 2),
        (["split", "create", "--yes"], "either ADDRESS=SHARE or --from FILE", 2),
        (["split", "create", "0x1=100%", "--from", "x.csv"], "either ADDRESS=SHARE or", 2),
        (["split", "create", "--from", "nowhere.csv", "--yes"], "nowhere.csv: is not a file", 1),
        (["consent", "floors", "1", "2", "3", "4", "5", "--recording", 1], "at most 4", 2),
        (["consent", "floors", "1.0000001", "--recording", 1], "at most 6 decimals", 2),
        (["consent", "revoke", "--recording", 3, "--yes"], "belongs to", 1),
        (["consent", "revoke", "--recording", 99, "--yes"], "recording: is not registered", 1),
        (["catalogue", "register", "nowhere.wav", "--artist", "A", "--yes"], "nowhere.wav", 1),
        (["catalogue", "show", 0], "must be from 1", 2),
        (["split", "show", 9], "there are 1", 1),
        (["app", "fund", "2000000", "--yes"], "and needs 2000000.00 TUSD", 1),
        (["app", "fund", "0", "--yes"], "above 0", 2),
        (["app", "quote", "--prompt", "x", "--length", 9, "--reference", "1=100%"], "api", 1),
        (["court", "show", "0x12"], "64 hex digits", 2),
        (["court", "show", "0x" + "12" * 32], "no such transaction", 1),
        (["audit", "--ledger", "x", "--profile", "nobody"], "no such profile", 1),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_line(shell, words, said, code):
    assert shell("mara", *words) == code
    assert said in shell.err and len(shell.err.splitlines()) == 1
    assert shell.out == ""


EVERY = commands()
ON_CHAIN = sorted(
    name for name in EVERY
    if name.split()[0] not in ("node", "oracle", "gateway", "up", "deploy", "audit", "key")
)  # fmt: skip


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with copied_world(tmp_path_factory.mktemp("fuzz")) as made:
        made.deployment.write(made.folder / "deployment.json")
        key = made.folder / "key"
        key.touch(0o600)
        key.write_text(made.chain.keys[list(made.keys).index("mara")])
        yield made


@pytest.mark.parametrize("name", ON_CHAIN)
@given(data=st.data())
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_argument_ends_in_a_traceback(name, data, shared, monkeypatch):
    monkeypatch.chdir(shared.folder)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    monkeypatch.setenv("REFRAIN_CONFIG", str(shared.folder / "config.toml"))
    monkeypatch.setenv("REFRAIN_RPC", shared.chain.url)
    monkeypatch.setenv("REFRAIN_DEPLOYMENT", str(shared.folder / "deployment.json"))
    monkeypatch.setenv("REFRAIN_KEY", str(shared.folder / "key"))
    monkeypatch.setenv("REFRAIN_API", "http://127.0.0.1:9")
    words = data.draw(arguments(EVERY[name]))
    assert main([*name.split(), *words]) in (0, 1, 2, 3)
