"""Letters that look like a Latin one, and Latin letters and digits that look like each other.

The tables hold what alphabets share by shape, not every sign of Unicode: they serve a warning.
"""

from __future__ import annotations

_CYRILLIC = (
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u051b\u051d\u04bb\u043c",
    "aeopcyxijsdqwhm",
)
_CYRILLIC_CAPITALS = (
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405\u0417",
    "ABEKMHOPCTYXIJS3",
)
_GREEK = (
    "\u03bf\u03b1\u03bd\u03c1\u03b9\u03ba\u03c5\u03c7",
    "oavpikux",
)
_GREEK_CAPITALS = (
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
    "ABEZHIKMNOPTYX",
)

LATIN = {
    ord(letter): twin
    for letters, twins in (_CYRILLIC, _CYRILLIC_CAPITALS, _GREEK, _GREEK_CAPITALS)
    for letter, twin in zip(letters, twins, strict=True)
}
"""Letters of Cyrillic and Greek, and the Latin ones of the same shape."""

SAME = str.maketrans({"l": "i", "1": "i", "|": "i", "\u0131": "i", "0": "o"})
"""Small letters and digits that many fonts draw alike, when case is left out."""
