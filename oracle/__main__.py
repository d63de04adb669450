"""`python -m oracle serve | check | gateway`, as `refrain oracle` and `refrain gateway`."""

import sys

from oracle.cli.main import main

if __name__ == "__main__":
    words = sys.argv[1:]
    sys.exit(main(words if words[:1] == ["gateway"] else ["oracle", *words]))
