"""A share as spreadsheets of any country write it: ``60``, ``66.6667``, ``66,6667``, ``60 %``.

Digits may be those of any script, such as the wide ones of Japan or those of Arabic.
"""

from __future__ import annotations

import re
import unicodedata

from oracle.domain.errors import InvalidInput
from oracle.domain.money import MILLION

_SIGNS = str.maketrans("．，％٫٪", ".,%.%", "\u200e\u200f\u061c")
"""Wide and Arabic signs; marks of direction say nothing about a number."""
_SHARE = re.compile(r"([0-9]{1,60})(?:[.,]([0-9]{1,60}))?\s*%?")
_DECIMALS = 4


def millionths(text: str, field: str) -> int:
    """A share in per cent, as millionths of the whole.

    Point and comma both begin the decimals: a share has no thousands. A sign of
    per cent and the blanks around it, also those that do not break, are passed over, and so are
    marks of the direction of a text.

    Raises:
        InvalidInput: another text, 0, above 100, or finer than a millionth of the whole.
    """
    plain = "".join(map(_digit, text.translate(_SIGNS))).strip()
    if not plain:
        raise InvalidInput("must not be empty", field=field)
    found = _SHARE.fullmatch(plain)
    if not found:
        detail = "must be a share in per cent, such as 60, 33.3333 or 33,3333"
        raise InvalidInput(detail, field=field, value=repr(text))
    part = (found[2] or "").rstrip("0")
    share = int(found[1]) * 10**_DECIMALS + int(part[:_DECIMALS].ljust(_DECIMALS, "0"))
    if len(part) > _DECIMALS or not 0 < share <= MILLION:
        detail = "must be above 0 and at most 100 per cent, with at most four decimals"
        raise InvalidInput(detail, field=field, value=repr(text))
    return share


def _digit(letter: str) -> str:
    """The ASCII digit of a decimal digit of any script; any other letter as it is."""
    return str(unicodedata.decimal(letter, letter))


def percent_of(share: int) -> str:
    """Millionths in per cent, exact and without trailing zeros: ``60``, ``33.3333``."""
    text = f"{share // 10_000}.{share % 10_000:04d}"
    return text.rstrip("0").rstrip(".")
