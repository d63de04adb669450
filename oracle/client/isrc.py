"""The ISRC of a recording, in the one form in which it is registered."""

from __future__ import annotations

from oracle.domain.errors import InvalidInput

FORM = "two letters, three letters or digits, and seven digits, such as ZZ-XXX-26-00001"


def normalised(text: str, field: str = "isrc") -> str:
    """The code in capital letters without hyphens and blanks; empty for an empty one.

    The word ISRC before it is left out.

    Raises:
        InvalidInput: another form, or letters that are no country and no agency that ISRCs have.
    """
    from stdnum import isrc
    from stdnum.exceptions import InvalidComponent, ValidationError

    code = text.strip()
    if code[:4].upper() == "ISRC":
        code = code[4:].lstrip(" :")
    if not code:
        return ""
    try:
        compact = isrc.compact(code) if code.isprintable() else code
        # upper() makes two letters of one that no ISRC holds.
        if not compact.isascii() or len(compact) > len(code):
            raise ValidationError
        return str(isrc.validate(compact))
    except InvalidComponent:
        detail = "is no ISRC: it begins with letters that no country and no agency has"
        raise InvalidInput(detail, field=field, value=text) from None
    except ValidationError:
        raise InvalidInput(f"is no ISRC: must be {FORM}", field=field, value=text) from None
