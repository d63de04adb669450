"""`python -m refrain_audit`: the same command as `python scripts/audit.py`."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main(prog="python -m refrain_audit"))
