"""Recordings that are registered with the same audio file."""

from __future__ import annotations

from collections import defaultdict

from .books import Books


def check_likeness(books: Books) -> None:
    """Names recordings that share an audio hash, with their owners at the head.

    It is no mismatch: the ledger lets two accounts register the same file, and which of them may
    is for the court.
    """
    history, now = books.history, (books.chain.head + 1, 0)
    sharing: dict[str, list[int]] = defaultdict(list)
    for number, (audio, _) in history.recordings.items():
        sharing[audio].append(number)
    for audio, numbers in sharing.items():
        if len(numbers) > 1:
            told = ", ".join(f"{one} of {history.holder(one, now)[0]}" for one in numbers)
            books.report.notice("same audio", f"recordings with audio {audio}", told)
