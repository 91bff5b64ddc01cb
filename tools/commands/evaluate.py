"""The command `wq_evaluate`: word and letter error rates of a model on a corpus."""

from __future__ import annotations

import csv
import io
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
from absl import flags

from wqlite.converter.errors import ConversionError
from wqlite.converter.files import check_output, write_whole
from wqlite.delegate import DelegateError
from wqlite.models.beam_search import BEAM_WIDTH, WordListError, beam_search, read_word_list
from wqlite.models.corpus import CorpusError, Utterances, load_utterances, open_corpus
from wqlite.models.ctc import greedy_decode
from wqlite.tools.commands.command_line import CommandLine
from wqlite.tools.evaluation.error_rate import ErrorRate
from wqlite.tools.evaluation.recognizer import ModelError, Recognizer, open_recognizer

USAGE = """Measures how well a model recognises the speech of a corpus.

  wq_evaluate --model=model.tflite --data=corpus/test.jsonl --delegate

Prints the word error rate (WER) and the letter error rate (LER), each with its 95 % confidence
interval, and the real-time factor: seconds of work for a second of sound.
"""
COMMAND = CommandLine("wq_evaluate", USAGE, __name__, required=("model", "data"))
FRAMES_A_SECOND = 100

Decoder = Callable[[npt.NDArray[np.float32]], str]
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Evaluation:
    """What a model made of a corpus; sequences have one element for each utterance.

    Attributes:
        utterances: the corpus.
        hypotheses: what the model heard.
        words, letters: the errors.
        model_seconds: time from features to logits.
        decoder_seconds: time from logits to text.
    """

    utterances: Utterances
    hypotheses: Sequence[str]
    words: ErrorRate
    letters: ErrorRate
    model_seconds: Sequence[float]
    decoder_seconds: Sequence[float]

    @property
    def sound_seconds(self) -> float:
        """Length of all utterances, as the model sees them."""
        return float(self.utterances.frames.sum() / FRAMES_A_SECOND)

    @property
    def references(self) -> list[str]:
        """What was said."""
        return [example.text for example in self.utterances.examples]


def evaluate(
    recognizer: Recognizer,
    utterances: Utterances,
    decode: Decoder = greedy_decode,
    progress: Progress = lambda text: None,
) -> Evaluation:
    """Recognises every utterance.

    Args:
        recognizer: of `open_recognizer`.
        utterances: of `models.corpus.load_utterances`.
        decode: from logits [frames, 29] to text.
        progress: is told, after each utterance, how far it is and the error rate so far.
    """
    references = [example.text for example in utterances.examples]
    hypotheses: list[str] = []
    model_seconds, decoder_seconds = [], []
    for index in range(len(utterances)):
        features = utterances.features(index)
        times = [time.perf_counter()]
        logits = recognizer(features)
        times.append(time.perf_counter())
        hypotheses.append(decode(logits))
        times.append(time.perf_counter())
        model_seconds.append(times[1] - times[0])
        decoder_seconds.append(times[2] - times[1])
        progress(f"utterance {index + 1} of {len(utterances)}")
    return Evaluation(
        utterances,
        hypotheses,
        ErrorRate.of_words(references, hypotheses),
        ErrorRate.of_letters(references, hypotheses),
        model_seconds,
        decoder_seconds,
    )


def csv_table(evaluation: Evaluation) -> str:
    """One line for each utterance, for spreadsheets."""
    columns: dict[str, Iterable[Any]] = {
        "audio": (example.audio for example in evaluation.utterances.examples),
        "reference": evaluation.references,
        "hypothesis": evaluation.hypotheses,
        "words": evaluation.words.lengths,
        "word_errors": evaluation.words.errors,
        "letters": evaluation.letters.lengths,
        "letter_errors": evaluation.letters.errors,
        "seconds": (f"{n / FRAMES_A_SECOND:.2f}" for n in evaluation.utterances.frames),
        "model_seconds": (f"{seconds:.6f}" for seconds in evaluation.model_seconds),
        "decoder_seconds": (f"{seconds:.6f}" for seconds in evaluation.decoder_seconds),
    }
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return table.getvalue()


def summary(evaluation: Evaluation, recognizer: Recognizer, decoder: str) -> str:
    """The result as text, one figure a line."""
    utterances, words = len(evaluation.hypotheses), evaluation.words.lengths.sum()
    sound = evaluation.sound_seconds
    model, decoding = sum(evaluation.model_seconds), sum(evaluation.decoder_seconds)
    lines = {
        "model": recognizer.description,
        "decoder": decoder,
        "corpus": f"{utterances} utterances, {words} words, {sound:.1f} s of sound",
        "WER": _percent(evaluation.words),
        "LER": _percent(evaluation.letters),
        "real-time factor": f"{model / sound:.4f} (model), {decoding / sound:.4f} (decoder)",
    }
    return "\n".join(f"{title:17} {text}" for title, text in lines.items())


def _percent(rate: ErrorRate) -> str:
    low, high = (100 * end for end in rate.interval())
    return f"{100 * rate.rate:.2f} % (95 % confidence interval {low:.2f} to {high:.2f} %)"


def run() -> NoReturn:
    """Entry point of `wq_evaluate`: exit code 0 on success, 1 for a refusal, 2 for wrong flags."""
    flags.DEFINE_string("model", None, "A .tflite or .keras file.")
    flags.DEFINE_string("data", None, "A manifest (.jsonl) or a folder of LibriSpeech.")
    flags.DEFINE_bool("delegate", False, "Run a .tflite with wqlite's kernels.")
    flags.DEFINE_enum("decoder", "greedy", ["greedy", "beam"], "How logits become text.")
    flags.DEFINE_string("word_list", None, "Words that the beam search may use, one a line.")
    flags.DEFINE_integer(
        "beam_width", BEAM_WIDTH, "Texts that the beam search keeps.", lower_bound=1
    )
    flags.DEFINE_string("csv", None, "Write a line for each utterance to this file.")
    flags.DEFINE_string("cache", None, "Folder that keeps the features between runs.")
    flags.DEFINE_integer("num_threads", 1, "Threads of a .tflite.", lower_bound=1)
    flags.DEFINE_integer(
        "time_steps", None, "Window of a .keras with an open time axis.", lower_bound=1
    )
    flags.DEFINE_integer("limit", None, "Only the first utterances.", lower_bound=1)
    flags.DEFINE_bool("strict", False, "Refuse a corpus in which an utterance cannot be used.")
    COMMAND.run(_main, (CorpusError, ConversionError, DelegateError, ModelError, WordListError))


def _main() -> None:
    values = flags.FLAGS
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if values.csv:
        check_output(Path(values.csv), None)
    decode, decoder = _decoder(values.decoder, values.word_list, values.beam_width)
    examples = open_corpus(values.data)[: values.limit]
    with COMMAND.progress() as progress:
        progress("loading the model")
        recognizer = open_recognizer(
            values.model,
            use_delegate=values.delegate,
            num_threads=values.num_threads,
            window=values.time_steps,
        )
        utterances = load_utterances(
            examples, cache=values.cache, strict=values.strict, progress=progress
        )
        evaluation = evaluate(recognizer, utterances, decode, progress)
    if values.csv:
        write_whole(Path(values.csv), csv_table(evaluation).encode())
    print(summary(evaluation, recognizer, decoder))


def _decoder(kind: str, word_list: str | None, beam_width: int) -> tuple[Decoder, str]:
    """The function, and how reports call it."""
    if kind == "greedy":
        if word_list:
            raise WordListError("--word_list is for the beam search: add --decoder=beam.")
        return greedy_decode, "greedy"
    words = read_word_list(word_list) if word_list else None
    search = partial(beam_search, words=words, beam_width=beam_width)
    return search, f"beam search, width {beam_width}" + (f", words of {word_list}" if words else "")


if __name__ == "__main__":
    run()
