"""Tables of one split for `refrain split create --from`: what is no such table is one line.

That a right table becomes a split is a test of the commands on a chain, in `tests/integration`.
"""

from __future__ import annotations

from tests.cases.case import Case, written
from tests.cases.splits import ADDRESS, workbook

CREATE = "refrain split create --from {folder}/table.csv --yes"


def refused(name: str, about: str, table: bytes, says: str) -> Case:
    made = written(table, name="table.csv")
    return Case(name, about, made, CREATE, 1, (f"Invalid input: table.csv{says}",))


def plain(*rows: str) -> bytes:
    return "\n".join(("payee,share", *rows)).encode()


CASES = [
    refused("name", "a name instead of an address", plain("Ada,100"),
            " line 2: payee: must be an address, not a name (found Ada)"),
    refused("ens_name", "a name of ENS", plain("ada.eth,100"),
            " line 2: payee: looks like an address and is none: must be 0x and 40 hex digits "
            "(found ada.eth)"),
    refused("checksum", "one letter of the address in the other case",
            plain(f"{ADDRESS[:-1]}e,100").replace(b"Ee", b"ee"),
            f" line 2: payee: has a wrong EIP-55 checksum (found {ADDRESS[:-2]}ee)"),
    refused("zeros", "the address of zeros", plain(f"0x{0:040x},100"),
            f" line 2: payee: nobody has the address of zeros (found 0x{0:040x})"),
    refused("sum", "shares that sum to 90", plain(f"{ADDRESS},90"),
            ": the shares must sum to 100 (found 90)"),
    refused("files", "the table of a folder", f"file,payee,share\na.wav,{ADDRESS},100".encode(),
            ": has a column file: a split is one table, without files"),
    refused("no_rows", "a header alone", plain(), ": holds no row"),
    refused("empty", "no bytes", b"", ": columns must be payee,share (found nothing)"),
    refused("xlsx_table", "an Excel workbook renamed to CSV", workbook("xl/workbook.xml"),
            ": is an Excel workbook, not CSV: save it as CSV UTF-8"),
    Case("no_table", "no such file", written(b"", name="other.csv"), CREATE, 1,
         ("Invalid input: table.csv: is not a file",)),
]  # fmt: skip
