"""Texts for others hold no folder of this machine."""

import pytest

from oracle.domain.text import without_folders


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cannot open /var/lib/refrain/vault/x.wav now", "cannot open x.wav now"),
        ("[Errno 2] No such file: '/root/a b.npy'", "[Errno 2] No such file: 'a b.npy'"),
        ("~/vault/audio/ab: gone", "ab: gone"),
        ("at (/a/b/c)", "at (c)"),
        ("see https://example.org/a/b", "see https://example.org/a/b"),
        ("44,100 frames/s, 3/4, and/or", "44,100 frames/s, 3/4, and/or"),
        ("references[0]/audio", "references[0]/audio"),
    ],
)
def test_a_path_is_only_its_last_name(text, shown):
    assert without_folders(text) == shown
