"""Amounts, shares, dates, uses and ids as people write them, to whole numbers and back.

All arithmetic is on whole numbers: no float and no rounding. Only ASCII digits count as digits, and
there are no signs, exponents or separators of thousands, so that a text has one meaning.
"""

from __future__ import annotations

import re
from calendar import timegm
from datetime import UTC, datetime, timedelta
from pathlib import Path

from oracle.domain.errors import InvalidInput

MILLION = 1_000_000
"""Shares of a table and weights of a request are in millionths."""
BASIS = 10_000
"""The largest share of one output is in 1/10,000."""
UINT32_MAX = 2**32 - 1
ETHER_DECIMALS = 18
MOST_DECIMALS = 60
"""More than any token has."""
USES = {"conditioning": 1, "training": 2, "commercial": 4, "voice": 8}
"""What a consent can permit, by its bit on the chain."""

_NUMBER = re.compile(r"([0-9]{1,60})(?:\.([0-9]{1,60}))?", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,60}", re.ASCII)
_DATE = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?(?: ?UTC|Z)?",
    re.ASCII,
)
_WORD = re.compile(r"0x[0-9a-fA-F]{64}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Malformed(InvalidInput):
    """An argument is not written as the command needs it: an error of usage."""


def amount(text: str, decimals: int, field: str, raw: bool = False) -> int:
    """An amount such as ``2.50`` in a token's smallest units; `raw`: already in these units.

    Raises:
        Malformed: not such a number, or more decimals than the token has.
    """
    if raw:
        return whole(text, field)
    found = _NUMBER.fullmatch(text)
    if not found:
        raise Malformed("must be an amount such as 2.50", field=field, value=text)
    part = found[2] or ""
    if len(part.rstrip("0")) > decimals:
        raise Malformed(f"must have at most {decimals} decimals", field=field, value=text)
    return int(found[1]) * 10**decimals + int(part[:decimals].ljust(decimals, "0") or "0")


def amount_text(units: int, decimals: int) -> str:
    """The amount with at least two decimals, where the token has them: ``2.50``, ``0.000001``."""
    digits = str(units).rjust(decimals + 1, "0")
    if not decimals:
        return digits
    part = digits[-decimals:]
    return f"{digits[:-decimals]}.{part.rstrip('0').ljust(min(2, decimals), '0')}"


def ether_text(wei: int) -> str:
    """Wei in ether, rounded up to six decimals, or to more where that leaves under 3 digits."""
    shown = next(p for p in (6, 9, 12, 15, 18) if wei >= 10 ** (20 - p) or p == 18 or not wei)
    step = 10 ** (ETHER_DECIMALS - shown)
    return amount_text(-(-wei // step) * step, ETHER_DECIMALS) + " ETH"


def percent(text: str, whole_is: int, field: str, raw: bool = False) -> int:
    """A share such as ``65%``, as parts of `whole_is`; `raw`: already in these parts.

    Raises:
        Malformed: no per cent sign, above 100 %, or finer than the chain keeps.
    """
    decimals = len(str(whole_is)) - 3
    if raw:
        found = whole(text, field)
    elif not text.endswith("%") or not _NUMBER.fullmatch(text[:-1].rstrip(" ")):
        raise Malformed("must be a share such as 65%", field=field, value=text)
    else:
        found = amount(text[:-1].rstrip(" "), decimals, field)
    if found > whole_is:
        raise Malformed("must be at most 100%", field=field, value=text)
    return found


def percent_text(share: int, whole_is: int) -> str:
    """A share of `whole_is` in per cent: ``65%``, ``33.3333%``."""
    text = amount_text(share, len(str(whole_is)) - 3)
    return f"{text.rstrip('0').rstrip('.')}%"


def moment(text: str, field: str, raw: bool = False) -> int:
    """Seconds since 1970 of a date such as ``2036-12-31`` (00:00 UTC) or ``2036-12-31 18:30``.

    Raises:
        Malformed: no such date, or outside of what the chain can keep (1970 to 2106).
    """
    if raw:
        return number(text, field, 0)
    found = _DATE.fullmatch(text)
    try:
        if not found:
            raise ValueError
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        made = timegm(datetime(year, month, day, hour, minute, second).timetuple())
    except ValueError:
        raise Malformed(
            "must be a date (UTC) such as 2036-12-31 or 2036-12-31 18:30", field=field, value=text
        ) from None
    if not 0 <= made <= UINT32_MAX:
        raise Malformed("must be from 1970-01-01 to 2106-02-07", field=field, value=text)
    return made


def moment_text(seconds: int) -> str:
    """The date, and the time of day (UTC) unless it is midnight."""
    if not 0 <= seconds <= UINT32_MAX:
        return f"second {seconds}"
    made = _EPOCH + timedelta(seconds=seconds)
    if seconds % 86_400 == 0:
        return made.strftime("%Y-%m-%d")
    return made.strftime("%Y-%m-%d %H:%M UTC" if made.second == 0 else "%Y-%m-%d %H:%M:%S UTC")


def uses(text: str, field: str, raw: bool = False) -> int:
    """The mask of names such as ``conditioning,commercial``.

    Raises:
        Malformed: no use at all, an unknown name, a name twice, or (raw) a number above 15.
    """
    if text.strip() in ("none", "0"):
        detail = "must permit a use; `refrain consent revoke` ends a consent"
        raise Malformed(detail, field=field, value=text)
    if raw:
        return number(text, field, 1, sum(USES.values()))
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in USES:
            known = ", ".join(USES)
            raise Malformed(f"must be some of {known}", field=field, value=name or text)
    if len(set(names)) != len(names):
        raise Malformed("names a use twice", field=field, value=text)
    return sum(USES[name] for name in names)


def most_of_track(text: str, field: str, raw: bool = False) -> int:
    """A largest share of one track, in 1/10,000; the contract takes none of 0."""
    found = percent(text, BASIS, field, raw)
    if not found:
        detail = "must be above 0%; `refrain consent revoke` ends a consent"
        raise Malformed(detail, field=field, value=text)
    return found


def uses_text(mask: int) -> str:
    """The names of a mask; an unknown bit shows as its number."""
    named = [name for name, bit in USES.items() if mask & bit]
    rest = mask & ~sum(USES.values())
    return ",".join([*named, *([str(rest)] if rest else [])]) or "none"


def number(text: str, field: str, low: int = 1, high: int = UINT32_MAX) -> int:
    """A whole number in [low, high], such as a recording's id."""
    found = whole(text, field)
    if not low <= found <= high:
        raise Malformed(f"must be from {low} to {high}", field=field, value=text)
    return found


def whole(text: str, field: str) -> int:
    """A whole number in at most 60 ASCII digits."""
    if not _WHOLE.fullmatch(text):
        raise Malformed("must be a whole number", field=field, value=text)
    return int(text)


def word(text: str, field: str) -> str:
    """32 bytes in 0x-hex, such as a generation's id or a transaction's hash; in lower case."""
    if not _WORD.fullmatch(text):
        raise Malformed("must be 0x and 64 hex digits", field=field, value=text)
    return text.lower()


def address(text: str, field: str) -> str:
    """The EIP-55 form of an address in EIP-55, lower case or upper case.

    Raises:
        Malformed: another text, or mixed case with a wrong checksum.
    """
    from oracle.adapters.addresses import checksummed

    try:
        return checksummed(text, field)
    except InvalidInput as error:
        raise Malformed(error.detail, field=field, value=text) from None


def pair(text: str, field: str, meant: str) -> tuple[str, str]:
    """The two parts of ``name=value``; `meant` is an example for the error."""
    name, sign, value = text.partition("=")
    if not sign or not name or not value:
        raise Malformed(f"must be written as {meant}", field=field, value=text)
    return name, value


def path(given: Path, field: str) -> Path:
    """A path that an operating system can have; `~` stands for the home of its user."""
    from oracle.domain.environment import path_of

    try:
        return path_of(str(given), field)
    except InvalidInput as error:
        raise Malformed(error.detail, field=field, value=error.value) from None


def file(given: Path, field: str) -> Path:
    """A plain file that exists."""
    try:
        if (found := path(given, field)).is_file():
            return found
    except OSError:
        pass  # too long, or a folder on the way that is closed
    raise InvalidInput("is not a file", field=field, value=given.name or given)
