"""The trained models that ship: how well they hear new voices, and the delegate beside TFLite."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support import runtimes
from wqlite.models import checkpoints
from wqlite.models.corpus import Utterances, load_utterances, open_corpus, synthesize
from wqlite.models.corpus.acoustics import DIFFICULTIES
from wqlite.tools.evaluation.evaluate import evaluate
from wqlite.tools.evaluation.recognizer import open_recognizer

UTTERANCES = 30
LARGEST_WER = {"narrow_wav2letter": 0.35, "narrow_conv_dfsmn": 0.42}
"""Of greedy decoding; 0.25 and 0.31 with espeak-ng 1.51."""


@pytest.fixture(scope="module")
def utterances(tmp_path_factory: pytest.TempPathFactory) -> Utterances:
    """Voices and sentences that no training has seen; another seed than the accuracy table's."""
    folder = tmp_path_factory.mktemp("speech") / "corpus"
    synthesize(
        folder,
        train=0,
        validation=0,
        test=UTTERANCES,
        seed=7,
        difficulty=DIFFICULTIES[checkpoints.DIFFICULTY],
        words_of_a_kind=checkpoints.WORDS_OF_A_KIND,
    )
    return load_utterances(open_corpus(folder / "test.jsonl"))


def model_path(model: str) -> Path:
    return checkpoints.path(f"{model}_rsq.tflite")


def test_checkpoints_are_small_and_documented() -> None:
    text = (checkpoints.FOLDER / "README.md").read_text()
    assert {f"{model}_rsq.tflite" for model in checkpoints.MODELS} <= set(checkpoints.names())
    for name in checkpoints.names():
        assert checkpoints.path(name).stat().st_size < 10e6
        assert f"`{name}`" in text


@pytest.mark.parametrize("model", checkpoints.MODELS)
def test_new_voices_are_understood(model: str, utterances: Utterances) -> None:
    recognizer = open_recognizer(model_path(model), use_delegate=True)
    evaluation = evaluate(recognizer, utterances)
    assert evaluation.words.rate < LARGEST_WER[model]


@pytest.mark.parametrize("model", checkpoints.MODELS)
@pytest.mark.parametrize("algorithm", ["auto", "direct", "winograd_s16", "winograd_s8"])
def test_delegate_changes_no_logit(model: str, algorithm: str, utterances: Utterances) -> None:
    runtimes.import_in_order()
    alone = open_recognizer(model_path(model))
    helped = open_recognizer(
        model_path(model), use_delegate=True, algorithm=algorithm, log_level="error"
    )
    for index in range(len(utterances)):
        features = utterances.features(index)
        logits = alone(features)
        assert logits.std() > 1
        np.testing.assert_array_equal(helped(features), logits)


def test_unknown_checkpoint_is_refused_with_a_list() -> None:
    with pytest.raises(FileNotFoundError, match=r"no checkpoint wav2vec; there are .*rsq\.tflite"):
        checkpoints.path("wav2vec")
