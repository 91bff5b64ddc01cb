"""docs/accuracy.md: what is measured, what is kept, and what the page says of it."""

from __future__ import annotations

import datetime
import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.support import runtimes
from tools.experiments import accuracy, accuracy_page
from tools.experiments.accuracy_page import FLOAT, MODELS, RSQ, SEEDS, VARIANTS, Outcome, Report
from tools.rig.results import Results
from wqlite.models import speech
from wqlite.tools.evaluation.error_rate import ErrorRate

FIRST, SECOND = MODELS
UTTERANCES, WORDS = 50, 10


def outcome(errors: int, differing: int = 0) -> Outcome:
    """So many word errors in 500 words, one at most in each of the first utterances."""
    wrong = np.zeros(UTTERANCES, np.int64)
    for error in range(errors):
        wrong[error % UTTERANCES] += 1
    rate = ErrorRate(wrong, np.full(UTTERANCES, WORDS))
    return Outcome(rate, rate, differing, 1000)


def report(errors: dict[str, Sequence[int]], **changes: Any) -> Report:
    """The first model with these word errors of its seeds, by variant."""
    outcomes = {
        (FIRST, key, seed): outcome(count)
        for key, counts in errors.items()
        for seed, count in zip(SEEDS, counts, strict=False)
    }
    missing = [
        (model, key, seed)
        for model in MODELS
        for key in VARIANTS
        for seed in SEEDS
        if (model, key, seed) not in outcomes
    ]
    fields: dict[str, Any] = {
        "outcomes": outcomes,
        "missing": missing,
        "algorithms": ["auto", "direct"],
        "settings": {},
        "utterances": UTTERANCES,
        "words": UTTERANCES * WORDS,
    }
    return Report(**{**fields, **changes})


def row(page: str, title: str) -> list[str]:
    line = next(line for line in page.splitlines() if line.startswith(f"| {title} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_table_has_means_and_differences_of_the_seeds() -> None:
    table = accuracy_page.model_table(report({FLOAT: [5, 10, 15], RSQ: [10, 15, 20]}), FIRST)
    float_row, rsq_row = row(table, "FP32"), row(table, "RSQ")
    assert float_row[1].startswith("2.00 (")
    assert float_row[2] == ""
    assert float_row[3] == "1.00, 2.00, 3.00"
    assert rsq_row[1].startswith("3.00 (")
    assert rsq_row[2].startswith("+1.00 (+")
    assert rsq_row[5] == "0 of 3000"
    assert row(table, "7-bit naive")[1] == "not measured"


def test_difference_is_that_of_common_seeds() -> None:
    table = accuracy_page.model_table(report({FLOAT: [5, 10, 15], RSQ: [5]}), FIRST)
    assert row(table, "RSQ")[2].startswith("+0.00 (")


def test_changed_logits_are_counted() -> None:
    outcomes = {(FIRST, RSQ, "0"): outcome(1, differing=3), (FIRST, RSQ, "2"): outcome(1)}
    table = accuracy_page.model_table(report({}, outcomes=outcomes), FIRST)
    assert row(table, "RSQ")[5] == "3 of 2000"


@pytest.mark.parametrize(
    ("rsq", "said"),
    [
        (10, "RSQ has +0.00 % of errors against FP32, within the target of +0.1 %"),
        (11, "RSQ has +0.20 % of errors against FP32, **not within** the target"),
        (9, "RSQ has -0.20 % of errors against FP32, within"),
    ],
)
def test_verdict_follows_the_target(rsq: int, said: str) -> None:
    verdict = accuracy_page.verdict(report({FLOAT: [10], "naive": [40], RSQ: [rsq]}), FIRST)
    assert said in verdict
    assert f"{(40 - rsq) / 5:+.2f} % fewer than 7-bit naive" in verdict


def test_verdict_is_that_of_common_seeds() -> None:
    some = report({FLOAT: [10, 400], "naive": [40], RSQ: [10]})
    assert "RSQ has +0.00 %" in accuracy_page.verdict(some, FIRST)


def test_missing_runs_are_named() -> None:
    page = accuracy_page.render(report({FLOAT: [5, 6]}), datetime.date(2026, 1, 2))
    assert "2026-01-02" in page
    assert f"- {MODELS[FIRST]}, FP32: seed 2\n" in page
    assert f"- {MODELS[SECOND]}, RSQ: seed 0, 1, 2" in page
    assert "runs are missing, so nothing can be said" in page
    whole = report({key: [1, 2, 3] for key in VARIANTS}, missing=[])
    assert "Not measured" not in accuracy_page.render(whole, datetime.date.today())


def test_settings_are_in_the_page() -> None:
    training = {
        "float": {"flags": {"epochs": 10}, "seconds": 900},
        "rsq": {"flags": {"epochs": 2, "weights": "range_scaled"}, "seconds": 300},
    }
    page = accuracy_page.render(report({}, settings={FIRST: training}), datetime.date.today())
    assert row(page, "epochs")[1:] == ["10", "2"]
    assert row(page, "weights")[1:] == ["", "range_scaled"]
    assert row(page, "seconds on this machine")[1:] == ["900", "300"]


def test_chart_has_a_bar_for_each_variant() -> None:
    drawing = ElementTree.fromstring(
        accuracy_page.bar_chart(report({FLOAT: [5, 5, 5], RSQ: [10, 10, 10]}))
    )
    space = "{http://www.w3.org/2000/svg}"
    _background, *rectangles = drawing.iter(f"{space}rect")
    bars = [float(rectangle.attrib["width"]) for rectangle in rectangles]
    assert bars[1] == pytest.approx(2 * bars[0], abs=0.2)
    labels = [text.text for text in drawing.iter(f"{space}text")]
    assert {"1.00 %", "2.00 %", "FP32", "RSQ"} <= set(labels)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A float model of the first kind, untrained, and a corpus of two utterances in each part."""
    from wqlite.models.wav2letter import ConvLayer, build

    runtimes.import_in_order()
    folder = tmp_path_factory.mktemp("runs")
    for part in ("train", "test"):
        lines = []
        for seed, text in enumerate(("turn on the light", "what is the time")):
            sound = folder / f"{part}{seed}.wav"
            soundfile.write(sound, speech.speak_at_random(text, seed=seed).audio, 16000)
            lines.append(json.dumps({"audio": sound.name, "text": text, "duration": 2.0}))
        (folder / f"{part}.jsonl").write_text("\n".join(lines))
    run = folder / FIRST / "1"
    run.mkdir(parents=True)
    build(layers=[ConvLayer(8, 7, stride=2)], activation="relu").save(run / "float.keras")
    (run / "train.json").write_text('{"float": {"flags": {}, "seconds": 0}}')
    return folder


def collect(runs: Path, steps: list[str]) -> Report:
    results = Results(runs / "results.json", [runs / "test.jsonl"])
    return accuracy.collect(runs, accuracy.Corpus(runs, None), results, steps.append)


def test_what_is_there_is_measured_once(runs: Path) -> None:
    steps: list[str] = []
    first = collect(runs, steps)
    assert steps == [f"{MODELS[FIRST]}, seed 1, {VARIANTS[key].title}" for key in first_keys(first)]
    assert first_keys(first) == [FLOAT, "post_training"]
    assert len(first.missing) == len(MODELS) * len(SEEDS) * len(VARIANTS) - 2
    assert first.settings == {FIRST: {"float": {"flags": {}, "seconds": 0}}}
    int8 = first.outcomes[FIRST, "post_training", "1"]
    assert (int8.differing, int8.words.lengths.tolist()) == (0, [4, 4])
    assert int8.logits > 2 * 29 * 30 * len(first.algorithms)
    assert first.outcomes[FIRST, FLOAT, "1"].logits == 0

    again = collect(runs, steps)
    assert len(steps) == 2
    assert accuracy_page.numbers(again) == accuracy_page.numbers(first)


def first_keys(report: Report) -> list[str]:
    return [key for key in VARIANTS if report.seeds(FIRST, key)]


def test_another_model_is_measured_again(runs: Path) -> None:
    from wqlite.models.wav2letter import ConvLayer, build

    steps: list[str] = []
    collect(runs, steps)
    layers = [ConvLayer(8, 5, stride=2)]
    build(layers=layers, activation="relu").save(runs / FIRST / "1" / "float.keras")
    before = len(steps)
    collect(runs, steps)
    assert len(steps) - before == 2


def test_delegate_is_compared_with_all_its_kernels() -> None:
    assert {"auto", "direct", "winograd_s16"} <= set(accuracy.algorithms())
