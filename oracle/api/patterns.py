"""The forms that texts of a request must have, and the same in words for errors."""

from __future__ import annotations

ADDRESS = r"^0x[0-9a-fA-F]{40}$"
WORD = r"^0x[0-9a-f]{64}$"
DIGEST = r"^[0-9a-f]{64}$"
SIGNATURE = r"^0x[0-9a-fA-F]{128}([0-9a-fA-F]{2})?$"
DECIMAL = r"^(0|[1-9][0-9]{0,77})$"
CID = r"^b[a-z2-7]{58}$"
PRINTABLE = r"^[\x20-\x7e]+$"
PLACE = r"^[0-9]{1,10}$"

IN_WORDS = {
    ADDRESS: "must be an address: 0x and 40 hex digits",
    WORD: "must be 32 bytes: 0x and 64 lower-case hex digits",
    DIGEST: "must be 32 bytes: 64 lower-case hex digits, without 0x",
    SIGNATURE: "must be a signature of 65 or 64 bytes: 0x and 130 or 128 hex digits",
    DECIMAL: "must be a whole number in a string, at most 78 digits, no sign, no leading zeros",
    CID: "must be a CIDv1 in base32: b and 58 lower-case letters or digits 2 to 7",
    PRINTABLE: "must be printable ASCII",
    PLACE: "must be a whole number of at most 10 digits",
}
"""Pattern to the detail of the error for a text that does not have this form."""
