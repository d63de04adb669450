"""`refrain split create | show | assign`: who shares the money of a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from oracle.cli import units
from oracle.cli.confirm import Change
from oracle.cli.output import table
from oracle.cli.params import PayOthers, RecordingOption
from oracle.cli.payees import receiver
from oracle.cli.recordings import (
    done_json,
    holder_changes,
    holders_table,
    named,
    owned,
    payment_state,
    split_json,
    split_of,
    split_or_owner,
    split_that_pays,
    watch,
)
from oracle.cli.session import Session, command, group
from oracle.cli.units import MILLION, Malformed
from oracle.domain.money import MOST_HOLDERS

app = group("Who shares the money of a recording.")

Id = Annotated[str, typer.Argument(metavar="SPLIT", help="Number of the split.")]


@command(app, "create", changes=True)
def create(
    do: Session,
    holders: Annotated[
        list[str] | None,
        typer.Argument(metavar="ADDRESS=SHARE", help="Such as 0xAda...=65%; sum 100%."),
    ] = None,
    table_file: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="CSV: columns payee (addresses) and share."),
    ] = None,
) -> None:
    """Store a table of holders and print its number. The same table always has the same number.

    The table is written after the command, or it comes from a file that a spreadsheet saved as CSV,
    with shares in per cent.
    """
    if bool(holders) == bool(table_file):
        detail = "name either ADDRESS=SHARE or --from FILE"
        raise Malformed(detail, field="holders", value=" ".join(holders or []) or None)
    wanted = _of_file(do, table_file) if table_file else _holders(do, holders or [])
    number, exists = do.connection.splits.find(wanted)
    rows = [
        (units.percent_text(share, MILLION), named(address, do))
        for address, share in wanted.items()
    ]
    shown = table(("share", "holder"), rows, f"Split {number}", right=["share"])
    if not exists:
        do.change(
            f"Split {number}, which nobody can change later",
            [Change(units.percent_text(s, MILLION), "-", named(a, do)) for a, s in wanted.items()],
        )
        number = do.connection.artist.create_split(wanted)
    else:
        do.out.note(f"This table exists already as split {number}; nothing was sent.")
    listed = [{"address": address, "share": share} for address, share in wanted.items()]
    document = {"split": number, "holders": listed, "existed": exists}
    if do.address not in wanted:
        do.out.note("This split does not name you.")
    do.out.result(document, shown, f"Next: `refrain split assign {number} --recording N`.")


def _of_file(do: Session, path: Path) -> dict[str, int]:
    """EIP-55 address to millionths, of a table of splits; its notes are printed."""
    from oracle.client.splits_table import read_split

    found = read_split(units.path(path, "--from"))
    for note in found.notes:
        do.out.note(f"Note: {note}")
    return {receiver(do, row.payee, f"{row.place}: payee"): row.share for row in found.rows}


def _holders(do: Session, given: list[str]) -> dict[str, int]:
    """EIP-55 address to millionths, checked: shares above 0 that sum to 100 %."""
    if len(given) > MOST_HOLDERS:
        raise Malformed(f"must be at most {MOST_HOLDERS}", field="holders", value=len(given))
    wanted: dict[str, int] = {}
    for text in given:
        who, share = units.pair(text, "holder", "0xAddress=65%")
        if not who.startswith("0x"):
            raise Malformed("must be an address, not a name", field="holder", value=who)
        who = receiver(do, who, "holder")
        if who in wanted:
            raise Malformed("is named twice", field="holder", value=who)
        wanted[who] = units.percent(share, MILLION, f"share of {who}", do.raw)
        if not wanted[who]:
            raise Malformed("must be above 0%", field=f"share of {who}", value=share)
    total = sum(wanted.values())
    if total != MILLION:
        found = units.percent_text(total, MILLION)
        raise Malformed("the shares must sum to 100%", field="holders", value=found)
    return wanted


@command(app, "show", measured=False)
def show(do: Session, split: Id) -> None:
    """Show who a split pays now, tables inside of it included."""
    found = do.connection.splits.load(units.number(split, "SPLIT"))
    heading = f"Split {found.id} ({found.form})"
    if found.deals:
        do.out.note("A recoupment is inside: the shares change once its amount is paid back.")
    do.out.result(split_json(found), holders_table(found, do, heading))


@command(app, "assign", changes=True, measured=False)
def assign(
    do: Session,
    split: Annotated[str, typer.Argument(metavar="SPLIT", help="Its number; 0 is you alone.")],
    recording: RecordingOption,
    pay_others: PayOthers = False,
) -> None:
    """Have a recording paid through another split from now on.

    What can be withdrawn now is paid to the holders of before.
    """
    number = units.number(recording, "--recording")
    wanted = units.number(split, "SPLIT", 0)
    found = owned(do, number)
    if wanted == found.split:
        paid = split_or_owner(do, wanted, found.owner)
        do.out.result({"recording": number, **split_json(paid), "transaction": None},
                      f"Recording {number} is paid through this split already.")  # fmt: skip
        return
    after = split_that_pays(do, wanted, pay_others)
    changes = holder_changes(split_of(do, found), after, do)
    watched = watch(do, found, lambda again: payment_state(again, do, after))
    do.change(f"Who is paid for recording {number}", changes, watched)
    receipt = do.connection.artist.assign(number, wanted)
    do.out.result(done_json(receipt, recording=number, **split_json(after)),
                  f"Recording {number} pays through split {wanted} since block {receipt.block}.",
                  holders_table(after, do))  # fmt: skip
