"""What preparing a model costs stays known: it is counted for a model that ships with wqlite."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.environment import ROOT, require
from tools.rig import prepare
from tools.rig.count import DELEGATE, Block, Counts, RigError
from wqlite.models import checkpoints

MODEL = checkpoints.path("narrow_wav2letter_rsq.tflite")
# Without running TFLite's kernels, to find how they round and to compare with them.
UNASKED = {"verify": "off", "rounding": "double_away", "rounding_one_step": "double_up"}


@pytest.fixture(scope="module")
def counts() -> Counts:
    require(ROOT / DELEGATE, "the ARMv7 rig; run tools/rig/setup.sh")
    return prepare.count_preparation(MODEL, UNASKED)


def test_weights_are_measured_once(counts: Counts) -> None:
    """A look at a weight takes half an instruction; nearly all of the file is weights."""
    weights = MODEL.stat().st_size
    assert 0.3 * weights < counts.phases["measuring weights"] < 0.7 * weights


def test_preparing_takes_few_instructions(counts: Counts) -> None:
    """The proofs of an RSQ model transform its weights as well as what goes ahead."""
    plans = counts.phases["proofs and plans"]
    assert counts.instructions - plans < 10 * MODEL.stat().st_size
    assert plans < 10_000_000  # whatever the model's size


def test_asking_the_runtime_is_cheap(counts: Counts) -> None:
    """It may take 20 ms of a core that executes 0.75 instructions a nanosecond."""
    asked = prepare.count_preparation(MODEL)
    assert 0 < asked.instructions - counts.instructions < 15_000_000


def test_only_the_delegate_counts(counts: Counts) -> None:
    names = {Path(block.path).name for block in counts.blocks}
    assert "libwq_delegate.so" in names
    assert not any("python" in name or "tensorflow" in name for name in names)


def test_time_is_longer_with_the_delegate() -> None:
    times = prepare.time_preparation(MODEL)
    assert 0 < times.tflite < times.wqlite


def test_model_that_cannot_be_prepared_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.tflite").write_bytes(b"not a model")
    with pytest.raises(RigError, match=r"cannot be prepared here: .*not a TFLite model"):
        prepare.time_preparation(tmp_path / "broken.tflite")


def test_report() -> None:
    block = Block("", 0, 4, (0, 0, 0, 0, 1))
    text = prepare.report(Counts({block: 2_500_000}), prepare.Milliseconds(0.4, 12.5), top=1)
    assert "2.50  all" in text
    assert "2.50    other" in text
    assert "on this machine: 12.5 ms (TFLite alone 0.4 ms)" in text
