"""A chain that was asked once: the audit runs on its answers, each of which a test may alter."""

from __future__ import annotations

import copy
import io
import json
from typing import Any

from scripts.auditor.cli import arguments
from scripts.auditor.report import Report
from scripts.auditor.rpc import Refused, Rpc
from scripts.auditor.run import audit
from scripts.auditor.scope import reached
from tests.audit.proxy import Alter
from tests.audit.world import World


def unaltered(method: str, params: list[Any], answer: Any) -> Any:
    return answer


class Recorded:
    """The answers of one node, each asked for at most once."""

    def __init__(self, made: World) -> None:
        self.made, self.rpc, self.known = made, Rpc(made.url), dict[str, Any]()
        self.alter: Alter = unaltered
        self.second: Alter = unaltered

    def __call__(self, method: str, *params: Any) -> Any:
        return self.answer(self.alter, method, *params)

    def answer(self, alter: Alter, method: str, *params: Any) -> Any:
        key = json.dumps([method, params])
        if key not in self.known:
            try:
                self.known[key] = {"result": self.rpc(method, *params)}
            except Refused as error:
                self.known[key] = {"error": str(error)}
        answer = alter(method, list(params), copy.deepcopy(self.known[key]))
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    def connect(self, url: str) -> Any:
        """The RPC at a URL; another one than the node's is the second, which has its own alter."""
        if url == self.made.url:
            return self
        return lambda method, *params: self.answer(self.second, method, *params)

    def run(self, alter: Alter, *more: str) -> tuple[Report, list[str]]:
        """The report and what it printed, where answers are altered."""
        self.alter = alter
        options = arguments(["--rpc", self.made.url, "--ledger", self.made.rig.ledger.address,
                             "--ipfs", str(self.made.blocks.root), *more])
        out = io.StringIO()
        report = Report([out])
        audit(options, report, 0.0, self.connect)
        return report, out.getvalue().splitlines()

    def lines(self, alter: Alter, *more: str) -> list[str]:
        return self.run(alter, *more)[1]

    def audited(self, alter: Alter, *more: str) -> tuple[int, list[str]]:
        """How many parts agree, and the lines that are not ok, where answers are altered."""
        report, lines = self.run(alter, *more)
        bad = ("MISMATCH", "UNREADABLE")
        return reached(report), [line for line in lines if line.startswith(bad)]
