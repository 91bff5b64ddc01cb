"""Measures all that docs/accuracy.md says of trained models, and writes it.

    python -m tools.experiments.accuracy [--runs build/accuracy] [--corpus build/corpus/ablation]
                                         [--docs docs] [--limit N]

RUNS/<model>/<seed>/ holds {float,naive,rsq_no_distill,rsq,rsq_teacher}.keras, and
train.json, as tools/ablation.py makes them. Converts each, recognises the test set with it, on
TFLite's kernels and on each of the delegate's, and counts errors and differing logits. A second run
measures only what has changed. A run that is missing is named in the page.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tools.experiments import accuracy_page
from tools.experiments.accuracy_page import (
    CALIBRATION_UTTERANCES,
    MODELS,
    SEEDS,
    VARIANTS,
    Outcome,
    Report,
    Variant,
)
from tools.rig.results import Results
from wqlite import delegate
from wqlite.converter import ConversionError, convert
from wqlite.converter.files import write_whole
from wqlite.converter.quiet import captured_output
from wqlite.models.corpus import CorpusError, Utterances, load_utterances, open_corpus
from wqlite.models.ctc import greedy_decode
from wqlite.models.features import split_windows
from wqlite.models.shape import WINDOW_FRAMES
from wqlite.tools.evaluation.error_rate import ErrorRate
from wqlite.tools.evaluation.recognizer import ModelError, open_recognizer

ALGORITHMS = ("auto", "direct", "winograd_s16", "winograd_s8")


@dataclass(frozen=True)
class Corpus:
    """A folder with train.jsonl and test.jsonl.

    Attributes:
        folder: where it lies; features are kept in its sub-folder.
        limit: test utterances that are used, None for all.
    """

    folder: Path
    limit: int | None

    @cached_property
    def test(self) -> Utterances:
        """What is recognised."""
        return self._load("test", self.limit)

    @cached_property
    def calibration(self) -> npt.NDArray[np.float32]:
        """Windows of the training set, [samples, 296, 39]."""
        utterances = self._load("train", CALIBRATION_UTTERANCES)
        windows = (split_windows(utterances.features(i)) for i in range(len(utterances)))
        return np.concatenate([window.features for window in windows])

    def _load(self, name: str, limit: int | None) -> Utterances:
        examples = open_corpus(self.folder / f"{name}.jsonl")[:limit]
        return load_utterances(examples, cache=self.folder / "features")


def measure(checkpoint: Path, variant: Variant, output: Path, corpus: Corpus) -> Outcome:
    """Converts a checkpoint, if the variant is INT8, and recognises the test set.

    Args:
        checkpoint: the trained `.keras` model.
        variant: what to make of it.
        output: the `.tflite` file to write.
        corpus: for calibration and test.

    Raises:
        ConversionError, ModelError, delegate.DelegateError: with a sentence for the user.
    """
    if variant.quantized:
        with captured_output():  # RSQ models have their ranges: the windows only verify them.
            convert(
                checkpoint,
                output=output,
                calibration_data=corpus.calibration,
                time_steps=WINDOW_FRAMES,
            )
        others = [
            # At its usual level the delegate tells which layers cannot take the algorithm.
            open_recognizer(output, use_delegate=True, algorithm=name, log_level="error")
            for name in algorithms()
        ]
        recognizer = open_recognizer(output)
    else:
        others = []
        recognizer = open_recognizer(checkpoint, window=WINDOW_FRAMES)
    heard, differing, compared = [], 0, 0
    for index in range(len(corpus.test)):
        features = corpus.test.features(index)
        logits = recognizer(features)
        heard.append(greedy_decode(logits))
        for other in others:
            differing += int(np.count_nonzero(other(features) != logits))
            compared += logits.size
    said = [example.text for example in corpus.test.examples]
    return Outcome(
        ErrorRate.of_words(said, heard), ErrorRate.of_letters(said, heard), differing, compared
    )


def algorithms() -> list[str]:
    """The kernels that this delegate can be told to take, `auto` among them."""
    return [name for name in ALGORITHMS if name in delegate.describe_options()]


def collect(
    runs: Path, corpus: Corpus, results: Results, progress: Callable[[str], None]
) -> Report:
    """Measures every run that is there, unless its result is known."""
    outcomes, missing, settings = {}, [], {}
    for model in MODELS:
        for seed in SEEDS:
            folder = runs / model / seed
            if model not in settings and (folder / "train.json").is_file():
                settings[model] = json.loads((folder / "train.json").read_text())
            for key, variant in VARIANTS.items():
                checkpoint = folder / f"{variant.checkpoint}.keras"
                if not checkpoint.is_file():
                    missing.append((model, key, seed))
                    continue
                name = f"{key} {corpus.limit} {_digest(checkpoint)}"
                if name not in results:
                    progress(f"{MODELS[model]}, seed {seed}, {variant.title}")
                    outcome = measure(checkpoint, variant, folder / f"{key}.tflite", corpus)
                    results.update({name: outcome.to_json()})
                outcomes[model, key, seed] = Outcome.from_json(results[name])
    return Report(
        outcomes,
        missing=missing,
        settings=settings,
        algorithms=algorithms(),
        utterances=len(corpus.test),
        words=sum(len(example.text.split()) for example in corpus.test.examples),
    )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> int:
    """Runs the command described at the top."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=Path, default=Path("build/accuracy"))
    parser.add_argument("--corpus", type=Path, default=Path("build/corpus/ablation"))
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="where to write the page")
    parser.add_argument("--limit", type=int, help="only the first test utterances")
    flags = parser.parse_args()

    def progress(text: str) -> None:
        if sys.stderr.isatty():
            print(f"measuring {text} ...", file=sys.stderr)

    try:
        delegate.load()  # Imports the runtime, which must be there before TensorFlow.
        corpus = Corpus(flags.corpus, flags.limit)
        depends_on = [delegate.library_path(), flags.corpus / "test.jsonl"]
        results = Results(flags.runs / "results.json", depends_on)
        report = collect(flags.runs, corpus, results, progress)
        flags.docs.mkdir(parents=True, exist_ok=True)
        write_whole(flags.docs / "accuracy.svg", accuracy_page.bar_chart(report).encode())
        write_whole(
            flags.docs / "accuracy.json",
            f"{json.dumps(accuracy_page.numbers(report), indent=2)}\n".encode(),
        )
        write_whole(
            flags.docs / "accuracy.md", accuracy_page.render(report, datetime.date.today()).encode()
        )
    except (ConversionError, CorpusError, ModelError, delegate.DelegateError, OSError) as error:
        print(f"accuracy: {error}", file=sys.stderr)
        return 1
    for model in MODELS:
        for rsq in (accuracy_page.RSQ, accuracy_page.RSQ_TEACHER):
            print(accuracy_page.verdict(report, model, rsq))
    return 0


if __name__ == "__main__":
    sys.exit(main())
