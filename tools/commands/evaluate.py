"""The command `wq_evaluate`: word and letter error rates of a model on a corpus."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from absl import flags

from wqlite.converter.errors import ConversionError
from wqlite.converter.files import check_output, write_whole
from wqlite.delegate import DelegateError
from wqlite.models.beam_search import BEAM_WIDTH, WordListError, beam_search, read_word_list
from wqlite.models.corpus import CorpusError, load_utterances, open_corpus
from wqlite.models.ctc import greedy_decode
from wqlite.models.features import FRAMES_A_SECOND
from wqlite.tools.commands.command_line import CommandLine
from wqlite.tools.evaluation.error_rate import ErrorRate
from wqlite.tools.evaluation.evaluate import Decoder, Evaluation, evaluate
from wqlite.tools.evaluation.recognizer import ModelError, Recognizer, open_recognizer

USAGE = """Measures how well a model recognises the speech of a corpus.

  wq_evaluate --model=model.tflite --data=corpus/test.jsonl --delegate

Prints the word error rate (WER) and the letter error rate (LER), each with its 95 % confidence
interval, and the real-time factor: seconds of work for a second of sound.
"""
COMMAND = CommandLine("wq_evaluate", USAGE, __name__, required=("model", "data"))


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
    flags.DEFINE_enum(
        "verify",
        None,
        ["off", "quick", "full"],
        "How far --delegate compares each layer with TFLite's own kernel before it runs it.",
    )
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
    if values.verify and not values.delegate:
        raise DelegateError("--verify is for the delegate: add --delegate.")
    decode, decoder = _decoder(values.decoder, values.word_list, values.beam_width)
    examples = open_corpus(values.data)[: values.limit]
    with COMMAND.progress() as progress:
        progress("loading the model")
        recognizer = open_recognizer(
            values.model,
            use_delegate=values.delegate,
            num_threads=values.num_threads,
            window=values.time_steps,
            **({"verify": values.verify} if values.verify else {}),
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
