"""A person's own folder: which files are offered, who is paid, and what is left out."""

import pytest

from scripts.stack.catalogue_folder import Holder, OfferError, demo_offers, folder_offers
from scripts.stack.roles import payee_role


@pytest.fixture
def folder(tmp_path):
    for name in ("b.FLAC", "a.wav", "notes.txt"):
        (tmp_path / name).write_bytes(name.encode())
    return tmp_path


def splits(folder, *rows):
    (folder / "splits.csv").write_text("\n".join(("file,payee,share", *rows)) + "\n")
    return folder


def test_audio_files_are_offered_in_name_order(folder):
    found = folder_offers(folder)
    assert [offer.path.name for offer in found.offers] == ["a.wav", "b.FLAC"]
    assert [item.name for item in found.left_out] == ["notes.txt"]


def test_without_splits_each_file_pays_an_owner_of_its_own(folder):
    offers = folder_offers(folder).offers
    assert all(offer.holders == () for offer in offers)
    assert len({offer.owner for offer in offers}) == 2


def test_splits_are_millionths(folder):
    splits(folder, "a.wav,Ada,66.6667", "a.wav,Bo,33.3333")
    assert folder_offers(folder).offers[0].holders == (
        Holder("Ada", 666_667, payee_role("Ada")), Holder("Bo", 333_333, payee_role("Bo")),
    )  # fmt: skip


def test_an_address_has_no_account_of_the_stack(folder):
    address = "0x52908400098527886E0F7030069857D2E4169EE7"
    splits(folder, f"a.wav,{address.lower()},100")
    assert folder_offers(folder).offers[0].holders == (Holder(address, 1_000_000),)


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
        (["a.wav,Ada,"], "line 2: share: must not be empty"),
        (["a.wav,Ada"], "line 2: share: must not be empty"),
        (["a.wav,Ada,6 0"], "'6 0'"),
        (["a.wav,Ada,0"], "'0'"),
        (["a.wav,Ada,1e2"], "'1e2'"),
        ([",Ada,100"], "line 2: file: must not be empty"),
    ],
)
def test_a_wrong_row_is_named(folder, rows, said):
    with pytest.raises(OfferError, match=said):
        folder_offers(splits(folder, *rows))


def test_a_row_of_a_file_that_is_left_out_is_no_error(folder):
    (folder / "c.m4a").write_bytes(b"c")
    found = folder_offers(splits(folder, "c.m4a,Ada,100"))
    assert [offer.holders for offer in found.offers] == [(), ()]
    assert "c.m4a: M4A is not read: must be WAV, AIFF, FLAC, MP3 or Ogg" in map(str, found.left_out)


def test_two_equal_files_that_both_have_payees_are_refused(folder):
    (folder / "c.wav").write_bytes(b"a.wav")
    with pytest.raises(OfferError, match=r"a\.wav and c\.wav, which hold the same bytes"):
        folder_offers(splits(folder, "a.wav,Ada,100", "c.wav,Bo,100"))


def test_of_two_equal_files_the_one_that_the_table_names_is_offered(folder):
    (folder / "c.wav").write_bytes(b"a.wav")
    found = folder_offers(splits(folder, "c.wav,Bo,100"))
    assert [offer.path.name for offer in found.offers] == ["b.FLAC", "c.wav"]
    assert "a.wav: holds the same bytes as c.wav" in map(str, found.left_out)


def test_a_folder_without_audio_is_refused(tmp_path):
    with pytest.raises(OfferError, match="no WAV"):
        folder_offers(tmp_path)


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(OfferError, match="is not a folder"):
        folder_offers(tmp_path / "nowhere")


def test_a_file_name_that_is_not_utf_8_has_a_title_and_an_owner_of_its_own(tmp_path):
    for name in ("Caf\udce9.wav", "Caf\udcea.wav"):
        (tmp_path / name).write_bytes(name.encode(errors="surrogateescape"))
    offers = folder_offers(tmp_path).offers
    assert [offer.title for offer in offers] == ["Caf\\udce9", "Caf\\udcea"]
    assert len({offer.owner for offer in offers}) == 2


def test_the_demos_own_payees_are_roles(tmp_path):
    holders = demo_offers(tmp_path)[0].holders
    assert [holder.role for holder in holders] == ["artist-halina-verne", "producer-jo"]
    assert sum(holder.share for holder in holders) == 1_000_000
