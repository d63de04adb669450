"""What people really hand over: each case is an input, a command and what the command prints."""

from tests.cases.case import Case
from tests.cases.files import FILES


def every() -> dict[str, Case]:
    """Every case by its name, such as ``splits/percent_sign``, in the order of the report."""
    return {f"{kind}/{case.name}": case for kind, cases in FILES.items() for case in cases}
