"""Embeds files in one process and prints JSON; arguments: checkpoint, files."""

import json
import sys
from pathlib import Path

from generator.embeddings import Clap

if __name__ == "__main__":
    clap = Clap.cached(Path(sys.argv[1]))
    print(json.dumps({Path(name).stem: clap.embed(Path(name)) for name in sys.argv[2:]}))
