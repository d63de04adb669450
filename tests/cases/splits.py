"""Tables of splits as spreadsheets write them; the inputs of the first list are in `data`."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from tests.cases.case import Case, Place, copied, written

CHECK = "refrain up --catalogue {folder} --check"
FAILED = "refrain up failed: CATALOGUE: "
HALVES = "a.wav: pays Ada 60%, Bo 40%"
ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"


def read(name: str, about: str, *says: str, audio: tuple[str, ...] = ("a.wav",)) -> Case:
    """A folder of `data` that is read as meant."""
    return Case(name, about, copied(f"splits/{name}", *audio), CHECK, 0, says)


def refused(name: str, about: str, says: str, audio: tuple[str, ...] = ("a.wav",)) -> Case:
    """A folder of `data` that is refused in one line."""
    return Case(name, about, copied(f"splits/{name}", *audio), CHECK, 1, (FAILED + says,))


def good(name: str, about: str, table: bytes, *says: str, file: str = "a.wav") -> Case:
    """A table made here that is read as meant."""
    return Case(name, about, written(table, file), CHECK, 0, says)


def bad(name: str, about: str, table: bytes, says: str, file: str = "a.wav") -> Case:
    """A table made here that is refused in one line."""
    return Case(name, about, written(table, file), CHECK, 1, (FAILED + says,))


def plain(*rows: str) -> bytes:
    """A table in UTF-8 with commas."""
    return ("\n".join(("file,payee,share", *rows)) + "\n").encode()


def workbook(inside: str) -> bytes:
    """A ZIP archive with one member, as workbooks are."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(inside, "<worksheet/>")
    return made.getvalue()


def package(folder: Path, place: Place) -> None:
    """A document of Numbers that is a folder, called splits.csv."""
    written(b"", "a.wav", name="unused")(folder, place)
    (folder / "unused").unlink()
    (folder / "splits.csv" / "Index").mkdir(parents=True)


def two_tables(folder: Path, place: Place) -> None:
    written(plain("a.wav,Ada,100"), "a.wav")(folder, place)
    (folder / "Splits.CSV").write_bytes(plain("a.wav,Bo,100"))


SHARED = [
    read("asis", "commas, UTF-8, LF", HALVES),
    read("semicolon_de", "Excel in German: byte order mark, `;`, CRLF", HALVES),
    read("semicolon_comma_dec", "decimal comma", "a.wav: pays Ada 66.6667%, Bo 33.3333%"),
    read("tab_utf16", "Excel's \"Unicode text\": UTF-16 with tabs", "a.wav: pays Ada 100%"),
    read("percent_sign", "`60%`", HALVES),
    read("header_case", "`File,Payee,Share`", "a.wav: pays Ada 100%"),
    read("sep_line", "first line `sep=,`", "a.wav: pays Ada 100%"),
    read("trailing_commas", "two columns without a name at the right", "a.wav: pays Ada 100%"),
    read("blank_rows", "rows of commas at the end", "a.wav: pays Ada 100%"),
    refused("cp1252", "Windows-1252, and nothing tells it",
            "splits.csv line 2: is not UTF-8: bytes 5a 6f e9, which may be 'Zoé' in Windows-1252 "
            "or 'Zoй' in Windows-1251 or 'Zoι' in Windows-1253; save it as CSV UTF-8"),
    read("nfd_name", "the file's name in NFD, the table's in NFC",
         "Cafe\u0301.wav: pays Ada 100%", audio=("Cafe\u0301.wav",)),
    read("windows_csv_name", "`Splits.csv`", "a.wav: pays Ada 100%"),
    refused("bad_checksum", "one letter of the address in the other case",
            "splits.csv line 2: payee: has a wrong EIP-55 checksum "
            "(found 0x52908400098527886E0F7030069857D2E4169Ee7)"),
    refused("addr_short", "38 digits",
            "splits.csv line 2: payee: looks like an address and is none: must be 0x and 40 hex "
            "digits (found 0x52908400098527886E0F7030069857D2E4169E)"),
    refused("addr_0X", "`0X`",
            "splits.csv line 2: payee: looks like an address and is none: must be 0x and 40 hex "
            "digits (found 0X52908400098527886E0F7030069857D2E4169EE7)"),
    refused("ens", "a name of ENS",
            "splits.csv line 2: payee: looks like an address and is none: must be 0x and 40 hex "
            "digits (found ada.eth)"),
    read("cjk_payees", "two Japanese names", "a.wav: pays 山田太郎 60%, 佐藤花子 40%"),
    read("accent_collide", "two names that differ by an accent and a blank",
         "a.wav: pays Renée 60%, Ren e 40%",
         "account of Renée: payee-ren-e_6e39a5fbc296fb6c9e665cd4",
         "account of Ren e: payee-ren-e_7f455c7a51e53bb2f4f9205e"),
    read("role_payee", "payees called like the stack's own roles",
         "a.wav: pays Admin 60%, Oracle 1 40%",
         "account of Admin: payee-admin_c1c224b03cd9bc7b6a86d77f",
         "account of Oracle 1: payee-oracle-1_204dd300b8e0f1c9ccaf1ce6"),
]  # fmt: skip

FORMS = [
    good("utf16_be", "UTF-16, the other order of bytes",
         b"\xfe\xff" + plain("a.wav,Zoé,100").decode().encode("utf-16-be"),
         "a.wav: pays Zoé 100%"),
    good("utf16_no_mark", "UTF-16 without its mark", plain("a.wav,山田,100").decode().encode(
        "utf-16-le"), "a.wav: pays 山田 100%"),
    good("utf32", "UTF-32", plain("a.wav,Ада,100").decode().encode("utf-32"),
         "a.wav: pays Ада 100%"),
    good("cr_only", "each line ends with CR alone",
         plain("a.wav,Ada,60", "a.wav,Bo,40").replace(b"\n", b"\r"), HALVES),
    good("sep_semicolon", "`sep=;` and decimal comma in quotes",
         b'sep=;\r\nfile;payee;share\r\na.wav;Ada;"60,0"\r\na.wav;Bo;40,0\r\n', HALVES),
    good("quotes", "every field in quotes, doubled quotes inside",
         b'"file","payee","share"\n"a.wav","Ada ""the voice"" L","100"\n',
         'a.wav: pays Ada "the voice" L 100%'),
    good("nbsp_percent", "`60 %` with a blank that does not break",
         plain("a.wav,Ada,60\u00a0%", "a.wav,Bo,40\u202f%"), HALVES),
    good("wide_digits", "wide digits of a Japanese keyboard",
         plain("a.wav,Ada,６０％", "a.wav,Bo,４０"), HALVES),
    good("header_percent", "`share (%)`, blanks in the header",
         b" File , Payee ,Share (%)\na.wav,Ada,100\n", "a.wav: pays Ada 100%"),
    good("extra_column", "a column `Role`", b"file,payee,Role,share\na.wav,Ada,voice,100\n",
         "note  splits.csv: columns that are not read: 'Role'", "a.wav: pays Ada 100%"),
    good("million_blank_rows", "a million rows of commas",
         plain("a.wav,Ada,100") + b",,\r\n" * 10**6, "a.wav: pays Ada 100%"),
    good("cp1251_told", "Windows-1251; the file's name tells it",
         plain("Ночь.wav,Ада,100").decode().encode("cp1251"),
         "note  splits.csv is read as Windows-1251, as its file names tell",
         "Ночь.wav: pays Ада 100%", file="Ночь.wav"),
    good("cp932_told", "Shift JIS; the file's name tells it",
         plain("夜.wav,山田,100").decode().encode("cp932"),
         "note  splits.csv is read as Shift JIS, as its file names tell",
         "夜.wav: pays 山田 100%", file="夜.wav"),
    good("lower_address", "an address in small letters, without a checksum",
         plain(f"a.wav,{ADDRESS.lower()},100"), f"a.wav: pays {ADDRESS} 100%"),
    good("case_collide", "two names that differ by case", plain("a.wav,Ada,60", "a.wav,ada,40"),
         "note  splits.csv: 'Ada' and 'ada' look alike and are different payees",
         "a.wav: pays Ada 60%, ada 40%",
         "account of ada: payee-ada", "account of Ada: payee-ada_99a563ab2f6e21e96998f9fd"),
    good("accent_near", "two names that differ by an accent",
         plain("a.wav,René,60", "a.wav,Rene,40"),
         "note  splits.csv: 'Rene' and 'René' look alike and are different payees",
         "a.wav: pays René 60%, Rene 40%"),
    good("node_payee", "payees called like the account of a node",
         plain("a.wav,Node 1,60", "a.wav,node-1,40"),
         "note  splits.csv: 'Node 1' and 'node-1' look alike and are different payees",
         "account of node-1: payee-node-1"),
]  # fmt: skip

REFUSED = [
    bad("xlsx", "an Excel workbook renamed to CSV", workbook("xl/worksheets/sheet1.xml"),
        "splits.csv: is an Excel workbook, not CSV: save it as CSV UTF-8"),
    bad("numbers", "a document of Numbers renamed to CSV", workbook("Index/Document.iwa"),
        "splits.csv: is a Numbers document, not CSV: save it as CSV UTF-8"),
    Case("numbers_folder", "a document of Numbers that is a folder", package, CHECK, 1,
         (FAILED + "splits.csv: is a folder, not a CSV file: save it as CSV UTF-8",)),
    bad("xls", "an old Excel workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
        "splits.csv: is an old Excel workbook, not CSV: save it as CSV UTF-8"),
    bad("html", "a web page saved as CSV", b"\xef\xbb\xbf\r\n<HTML><table><tr><td>file</td></tr>",
        "splits.csv: is a web page (HTML), not CSV: save it as CSV UTF-8"),
    bad("nul", "a NUL byte", plain("a.wav,A\0da,100"), "splits.csv line 2: holds a NUL byte"),
    bad("long_field", "a field of 140 kB", plain(f"a.wav,{'A' * 140_000},100"),
        "splits.csv line 2: is no row of a CSV: field larger than field limit (131072)"),
    bad("doubled_header", "a column twice", b"file,payee,share,Share\na.wav,Ada,100,100\n",
        "splits.csv line 1: is a column twice (found 'share')"),
    bad("nameless_column", "a value in a column without a name",
        b"file,payee,share,\na.wav,Ada,60,\na.wav,Bo,40,voice\n",
        "splits.csv line 3: is in column 4, which has no name (found 'voice')"),
    bad("open_quote", "a quote that never ends", plain('a.wav,"Ada,100', "a.wav,Bo,40"),
        "splits.csv line 2: is no row of a CSV: unexpected end of data"),
    bad("fractions", "shares that sum to 1", plain("a.wav,Ada,0.6", "a.wav,Bo,0.4"),
        "splits.csv: the shares of a.wav must sum to 100; write 60 for 60 per cent, not 0.6 "
        "(found 1)"),
    bad("thousands", "a separator of thousands", plain("a.wav,Ada,\"1.000,00\""),
        "splits.csv line 2: share: must be a share in per cent, such as 60, 33.3333 or 33,3333 "
        "(found '1.000,00')"),
    bad("no_header", "the header is missing", b"a.wav,Ada,100\n",
        "splits.csv: columns must be file,payee,share (found a.wav,Ada,100)"),
    bad("german_header", "a header in German", b"Datei;Name;Anteil\na.wav;Ada;100\n",
        "splits.csv: columns must be file,payee,share (found Datei,Name,Anteil)"),
    bad("address_twice", "one address in two forms",
        plain(f"a.wav,{ADDRESS},60", f"a.wav,{ADDRESS.lower()},40"),
        f"splits.csv line 3: payee: is named twice for a.wav (found {ADDRESS})"),
    bad("cyrillic_address", "an address whose x is Cyrillic",
        plain("a.wav,0\u0445" + ADDRESS[2:] + ",100"),
        "splits.csv line 2: payee: looks like an address and is none: must be 0x and 40 hex "
        f"digits (found 0\u0445{ADDRESS[2:]})"),
    bad("invisible", "a name with a blank of no width", plain("a.wav,Ad\u200ba,100"),
        "splits.csv line 2: payee: holds the invisible character U+200B (found Ad\\u200ba)"),
    bad("file_case", "the file's name in another case", plain("A.WAV,Ada,100"),
        "splits.csv line 2: file: no such audio file; there is 'a.wav' (found 'A.WAV')"),
    Case("two_tables", "two tables that differ by case", two_tables, CHECK, 1,
         (FAILED + "splits.csv: Splits.CSV and splits.csv differ by case only: keep one",)),
]  # fmt: skip

CASES = [*SHARED, *FORMS, *REFUSED]
