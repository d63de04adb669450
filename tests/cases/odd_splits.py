"""Tables of splits that spreadsheets damaged, that pretend to be something else, or cost time."""

from __future__ import annotations

from tests.cases.case import Case, written
from tests.cases.splits import CHECK, FAILED, bad, good, plain


def called(name: str, about: str, written_as: str, file: str) -> Case:
    """A table that calls a file by another name; the error names the file that was meant."""
    says = f"splits.csv line 2: file: no such audio file; there is {file!r} (found {written_as!r})"
    return bad(name, about, plain(f"{written_as},Ada,100"), says, file=file)


def not_a_name(name: str, about: str, payee: str) -> Case:
    """A payee that a spreadsheet made."""
    says = (
        "splits.csv line 2: payee: is what a spreadsheet writes for a formula or a number, not a "
        f"name (found {payee})"
    )
    return bad(name, about, plain(f'a.wav,"{payee}",100'), says)


def unseen(name: str, about: str, payee: str, letter: str) -> Case:
    """A payee with a letter that nobody sees."""
    says = (
        f"splits.csv line 2: payee: holds the invisible character U+{ord(letter):04X} "
        f"(found {ascii(payee)[1:-1]})"
    )
    return bad(name, about, plain(f"a.wav,{payee},100"), says)


READ = [
    good("arabic_digits", "digits, comma and per cent in Arabic, a mark of direction",
         plain("a.wav,فيروز,٦٠٫٥٪", "a.wav,Bo,\u200f٣٩٫٥"), "a.wav: pays فيروز 60.5%, Bo 39.5%"),
    good("persian", "a name that needs a joiner", plain("a.wav,می\u200cخواهم,100"),
         "a.wav: pays می\u200cخواهم 100%"),
    good("ideograph", "a variant of an ideograph, as Japanese names have",
         plain("a.wav,葛\U000e0100城,100"), "a.wav: pays 葛\U000e0100城 100%"),
    good("cyrillic_twin", "a Cyrillic A",
         plain("a.wav,\u0410da,60", "a.wav,Ada,40"),
         "note  splits.csv: 'Ada' and '\u0410da' look alike and are different payees",
         "a.wav: pays \u0410da 60%, Ada 40%"),
    good("capital_i", "a capital i for an l", plain("a.wav,AIi,60", "a.wav,Ali,40"),
         "note  splits.csv: 'AIi' and 'Ali' look alike and are different payees"),
    good("mojibake", "UTF-8 that Excel read as Windows-1252 and saved again",
         plain("a.wav,Zo\u00c3\u00a9,100"),
         "note  splits.csv line 2: payee 'Zo\u00c3\u00a9' may be 'Zoé', which another program read "
         "in the wrong encoding"),
    good("many_columns", "2,000 columns that nobody asked for",
         ("file,payee,share," + ",".join(f"c{number}" for number in range(2_000))
          + "\na.wav,Ada,100\n").encode(),
         "note  splits.csv: columns that are not read: 'c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', "
         "'c7', 'c8', 'c9', 'c10', 'c11' and 1988 more", "a.wav: pays Ada 100%"),
]  # fmt: skip

DAMAGED = [
    bad("header_alone", "a header and no row", plain(), "splits.csv: holds no row"),
    not_a_name("formula", "a name that Excel took for a formula", "#NAME?"),
    not_a_name("formula_de", "the same in German", "#WERT!"),
    not_a_name("scientific_payee", "an address without 0x that became a number", "4,71E+47"),
    bad("lost_letter", "a letter that a program lost", plain("a.wav,Zo\ufffd,100"),
        "splits.csv line 2: payee: holds U+FFFD, which stands for a letter that was lost: write "
        "the name again (found Zo\ufffd)"),
    unseen("latin_joiner", "a joiner between Latin letters", "Ad\u200da", "\u200d"),
    unseen("latin_variant", "a variant of a Latin letter", "Ada\ufe0f", "\ufe0f"),
    unseen("hangul_filler", "a letter of Korean that is drawn as nothing", "\u3164", "\u3164"),
    unseen("braille_blank", "the sign of Braille without dots", "Ada\u2800", "\u2800"),
    called("smart_quote", "an apostrophe that a spreadsheet bent", "Ada\u2019s song.wav",
           "Ada's song.wav"),
    called("long_dash", "a hyphen that became a dash", "a \u2013 b.wav", "a - b.wav"),
    called("no_ending", "a file without its ending", "a", "a.wav"),
    called("with_folder", "a file with its folders", "C:\\Music\\a.wav", "a.wav"),
]  # fmt: skip

COSTLY = [
    Case("wide_header", "60,000 columns",
         written(b"file,payee,share," + b"".join(b"c%d," % n for n in range(60_000)), "a.wav"),
         CHECK, 1, (FAILED + "splits.csv line 1: has too many columns: at most 16384 "
                    "(found 60004)",)),
    bad("blank_lines", "fifteen million blank lines", b"\n" * 15_000_000 + plain("a.wav,Ada,100"),
        "splits.csv: has too many lines (found more than 1100000)"),
    bad("stacked_marks", "a letter with 120,000 marks",
        plain("a.wav,a" + "\u0301" * 60_000 + "\u0316" * 60_000 + ",100"),
        "splits.csv line 2: payee: must have at most 1000 characters (found 120001)"),
]  # fmt: skip

CASES = [*READ, *DAMAGED, *COSTLY]
