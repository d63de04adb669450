"""Receivers of money and of recordings who could never pass on what they get; odd terms."""

from __future__ import annotations

from tests.cases.audio import artist, as_artist, registers
from tests.cases.case import Case, written
from tests.cases.sounds import files
from tests.support.containers_made import chunk, id3, wav

DEAD = "0x000000000000000000000000000000000000dEaD"
KEEPS = "of this deployment, which keeps for ever what it gets"
LONG = id3(("TIT2", "x" * 400), ("TPE1", "Ada"))
LOST = "nobody has the key of this address, so money sent there is lost"


def on_chain(name: str, about: str, command: str, status: int, says: str) -> Case:
    """A command of an artist that would send money or a recording."""
    nothing = artist(lambda folder, place: None)
    return Case(name, about, nothing, f"refrain {command} --yes", status, (says,), as_artist,
                "registry")  # fmt: skip


def song(words: str):
    return files(x_wav=wav), f"{{folder}}/x.wav --artist Ada {words}"


CASES = [
    on_chain("token_paid", "the token as a holder", "split create {token}=100%", 2,
             f"Invalid input: holder: is the token {KEEPS} (found TOKEN)"),
    on_chain("ledger_paid", "the ledger as a holder", "split create {ledger}=100%", 2,
             f"Invalid input: holder: is the ledger {KEEPS} (found LEDGER)"),
    on_chain("burnt", "an address to burn tokens", f"split create {DEAD}=100%", 2,
             f"Invalid input: holder: {LOST} (found {DEAD})"),
    on_chain("precompile", "a contract of the chain itself",
             f"split create 0x{1:040x}=100%", 2,
             f"Invalid input: holder: {LOST} (found 0x{1:040x})"),
    Case("burnt_table", "an address to burn tokens, in a table",
         written(f"payee,share\n{DEAD},100".encode(), name="table.csv"),
         "refrain split create --from {folder}/table.csv --yes", 1,
         (f"Invalid input: table.csv line 2: payee: {LOST} (found {DEAD})",)),
    on_chain("token_owner", "a recording for the token", "recording offer 1 --to {token}", 2,
             f"Invalid input: --to: is the token {KEEPS} (found TOKEN)"),
    registers("ended", "a consent that has ended already", *song("--until 2020-01-01"), 2,
              "Invalid input: --until: must be later than now and than --from (found 2020-01-01)"),
    registers("ends_first", "a consent that ends before it begins",
              *song("--from 2040-01-02 --until 2040-01-01"), 2,
              "Invalid input: --until: must be later than now and than --from (found 2040-01-01)"),
    registers("long_title", "a title of 10,000 letters", *song("--title " + "x" * 10_000), 2,
              "Invalid input: title: must have at most 300 characters (found 10000)"),
    registers("long_tag", "a title of 400 letters in the tags",
              files(x_wav=lambda: wav(hertz=330, after=chunk(b"id3 ", LONG, "<"))),
              "{folder}/x.wav", 0, "x.wav: its tag of title has more than 300 characters and is "
              "left out", "x.wav: from its tags: artist"),
]  # fmt: skip
