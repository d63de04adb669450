"""A process with a job in hand, for tests to kill; arguments: vault folder, job as JSON."""

import json
import sys
import time
from pathlib import Path

from generator.jobs import Jobs
from generator.vault import Vault
from generator.workshop import Workshop
from tests.unit.generator.tiny_engine import SlowEngine

if __name__ == "__main__":
    folder, body = Path(sys.argv[1]), json.loads(sys.argv[2])
    workshop = Workshop({"tiny": SlowEngine}, folder / "cache")
    jobs = Jobs(folder / "jobs", workshop, Vault(folder, "here", workshop, "tiny"))
    jobs.start()
    jobs.submit(body)
    while True:
        print(json.dumps(jobs.view(body["id"])), flush=True)
        time.sleep(0.05)
