"""Runs one job until a test kills it; arguments: vault folder, job as JSON."""

import json
import sys
import time
from pathlib import Path

from generator.node.job_queue import Jobs
from generator.node.vault import Vault
from generator.sandbox.process import EngineProcess
from tests.unit.generator.tiny_engine import SlowEngine

if __name__ == "__main__":
    folder, body = Path(sys.argv[1]), json.loads(sys.argv[2])
    engine_process = EngineProcess({"tiny": SlowEngine}, folder / "cache")
    jobs = Jobs(folder / "jobs", engine_process, Vault(folder, "here", engine_process, "tiny"))
    jobs.start()
    jobs.submit(body, "0x" + "11" * 20)
    while True:
        print(json.dumps(jobs.view(body["id"])), flush=True)
        time.sleep(0.05)
