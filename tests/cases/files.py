"""The files of cases; each one is a list called CASES and a section of the report."""

from tests.cases import audio, edge, folders, odd_splits, receivers, splits, statement, tables
from tests.cases.case import Case

FILES: dict[str, list[Case]] = {
    "splits": splits.CASES,
    "odd splits": odd_splits.CASES,
    "tables": tables.CASES,
    "receivers": receivers.CASES,
    "folders": folders.CASES,
    "audio": audio.CASES,
    "statement": statement.CASES,
    "edge": edge.CASES,
}
