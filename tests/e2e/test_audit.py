"""The results of the running system pass the audit; after a change of one byte they do not."""

import json
import shutil
from pathlib import Path

import pytest

from scripts.demo import outputs
from tests.audit.ending import SOUND, passed

from .world import asked

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def settled(world):
    """A settled generation, as the oracle shows it."""
    weights = (500_000, 300_000, 200_000)
    numbers = [item.recording for item in world.chosen]
    pairs = sorted(zip(numbers, weights, strict=True))
    view = world.app.wait(world.place(asked(pairs, length=12)))
    assert view["stage"] == "settled", view["detail"]
    return view


@pytest.fixture
def audited(world, settled, tmp_path):
    """A function that audits everything, with a copy of the pinned blocks that tests may change."""
    out = outputs.fresh_folder(tmp_path / "out")
    payees = sorted({payee for item in world.chosen for payee in item.payees})
    for payee in payees:
        outputs.write_statement(world.api, payee, out)
    outputs.fetch_pinned(settled["links"], out)
    pins = tmp_path / "pins"
    shutil.copytree(world.stack.folder / "pins", pins)
    references = world.chosen[0].offer.path.parent

    def run():
        stack = world.stack.describe() | {"gateway": str(pins)}
        return outputs.run_audit(stack, out, references)

    return out, pins, run


def block_file(pins: Path, digest: str) -> Path:
    return pins / "blocks" / digest[:2] / digest


def test_every_settlement_passes_the_audit(audited):
    _, _, run = audited
    code, lines = run()
    assert code == 0 and passed(lines[-1], SOUND)
    assert any("largest difference 0 of 32768" in line for line in lines)


def mismatches(run):
    code, lines = run()
    assert code != 0
    assert lines[-1].startswith("audit: ") and lines[-1].endswith("; does not agree")
    return [line for line in lines if line.startswith("MISMATCH")]


def test_a_changed_byte_of_the_audio_is_found(audited):
    from oracle.domain.cid import blocks_of, decode

    out, pins, run = audited
    cid = next(iter(blocks_of((out / "track.wav").read_bytes())))[0]
    path = block_file(pins, decode(cid)[1].hex())
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    path.write_bytes(data)
    found = mismatches(run)
    assert any("audio" in line and cid in line for line in found), found


def test_a_changed_weight_of_the_manifest_is_found(audited, settled):
    import hashlib

    out, pins, run = audited
    raw = (out / "manifest.json").read_bytes()
    manifest = json.loads(raw)
    first = manifest["vectors"]["realised"][0]
    was, now = first["weight"], first["weight"] + 1
    changed = raw.replace(f'"weight":{was}'.encode(), f'"weight":{now}'.encode())
    block_file(pins, hashlib.sha256(raw).hexdigest()).write_bytes(changed)
    found = mismatches(run)
    assert any("realised" in line and str(was) in line and str(now) in line for line in found)


def test_a_changed_amount_of_a_statement_is_found(audited):
    out, _, run = audited
    path = sorted((out / "statements").iterdir())[0]
    header, row, *rest = path.read_text().splitlines()
    before, was, to = row.rsplit(",", 2)
    now = str(int(was) + 1)
    path.write_text("\n".join([header, f"{before},{now},{to}", *rest]) + "\n")
    found = mismatches(run)
    assert any(path.stem in line and "amount" in line and was in line and now in line
               for line in found), found
