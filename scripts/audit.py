"""Recompute every payout of a Refrain ledger from the chain and IPFS alone.

    python scripts/audit.py --rpc URL --ledger 0x.. --ipfs URL_OR_FOLDER

This is the front door of the package scripts/auditor, which imports nothing of Refrain's. Each
field gets a verdict; a mismatch names the field and both values. What was not checked is a finding
too. The last line is ``audit: M mismatches, U unreadable, S not checked of C checks; scope ..;
verdict``. The exit status is 0 only when the verdict reaches --require, money and content if it
is not named. docs/guides/auditor.md says what is checked and what has to be trusted.

Needs httpx, eth-abi, eth-account, eth-keys and eth-utils; numpy, scipy and soundfile for
--references only.
"""

import sys
from pathlib import Path

# Python leaves this folder out under -I and PYTHONSAFEPATH.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from auditor.cli import main

if __name__ == "__main__":
    sys.exit(main())
