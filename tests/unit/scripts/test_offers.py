"""A person's own folder: which files are offered, and what a wrong splits.csv is told."""

import pytest

from scripts.offers import Holder, OfferError, folder_offers, read_splits, slug


@pytest.fixture
def folder(tmp_path):
    for name in ("b.FLAC", "a.wav", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    return tmp_path


def splits(folder, *rows):
    (folder / "splits.csv").write_text("\n".join(("file,payee,share", *rows)) + "\n")
    return folder


def test_audio_files_are_offered_in_name_order(folder):
    assert [offer.path.name for offer in folder_offers(folder)] == ["a.wav", "b.FLAC"]


def test_without_splits_each_file_pays_an_owner_of_its_own(folder):
    offers = folder_offers(folder)
    assert all(offer.holders == () for offer in offers)
    assert len({offer.owner for offer in offers}) == 2


def test_splits_are_millionths(folder):
    splits(folder, "a.wav,Ada,66.6667", "a.wav,Bo,33.3333")
    assert folder_offers(folder)[0].holders == (Holder("Ada", 666_667), Holder("Bo", 333_333))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["c.wav,Ada,100"], "line 2: file"),
        (["a.wav,,100"], "line 2: payee"),
        (["a.wav,Ada,all"], "'all'"),
        (["a.wav,Ada,-5", "a.wav,Bo,105"], "'-5'"),
        (["a.wav,Ada,NaN"], "'NaN'"),
        (["a.wav,Ada,33.33333"], "'33.33333'"),
        (["a.wav,Ada,60", "a.wav,Bo,30"], "found 90"),
        (["a.wav,Ada,60", "a.wav,Ada,40"], "twice"),
    ],
)
def test_a_wrong_row_is_named(folder, rows, said):
    with pytest.raises(OfferError, match=said):
        folder_offers(splits(folder, *rows))


def test_wrong_columns_are_named(folder):
    (folder / "splits.csv").write_text("file;payee;share\n")
    with pytest.raises(OfferError, match="file;payee;share"):
        read_splits(folder / "splits.csv", {"a.wav"})


def test_a_folder_without_audio_is_refused(tmp_path):
    with pytest.raises(OfferError, match="no WAV"):
        folder_offers(tmp_path)


def test_a_slug_is_safe_in_a_file_name():
    assert slug("../Ünï côdé!.wav") == "n-c-d-wav"
