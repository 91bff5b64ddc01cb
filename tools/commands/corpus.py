"""The command `wq_corpus`."""

from __future__ import annotations

import dataclasses
from typing import NoReturn

from absl import flags

from wqlite.models.corpus import CorpusError, synthesize
from wqlite.models.corpus.acoustics import DIFFICULTIES, Difficulty
from wqlite.models.corpus.synthesis import Made
from wqlite.models.speech import SpeechError
from wqlite.tools.commands.command_line import CommandLine

USAGE = """Makes a corpus of synthetic speech, spoken by espeak-ng, for training and testing.

  wq_corpus --output=corpus --train=6000 --validation=300 --test=600 --difficulty=medium

It writes corpus/train.jsonl, validation.jsonl and test.jsonl and their sound files. No speaker and
no sentence is in two of them. The same seed makes the same corpus.
"""
COMMAND = CommandLine("wq_corpus", USAGE, __name__, required=("output",))


def define_flags() -> None:
    """Defines the flags of this command."""
    flags.DEFINE_string("output", None, "The folder to make.")
    flags.DEFINE_integer("train", 6000, "Utterances to train with.", lower_bound=0)
    flags.DEFINE_integer("validation", 300, "Utterances to validate with.", lower_bound=0)
    flags.DEFINE_integer("test", 600, "Utterances to test with.", lower_bound=0)
    flags.DEFINE_integer("seed", 0, "Seed of all random numbers.", lower_bound=0)
    flags.DEFINE_enum(
        "difficulty", "medium", list(DIFFICULTIES), "How much noise and reverberation."
    )
    flags.DEFINE_list(
        "snr_db", None, "Instead: lowest and highest signal to noise in decibels, as in 5,20."
    )
    flags.DEFINE_list(
        "reverberation_s",
        None,
        "Instead: shortest and longest reverberation (60 dB) in seconds, as in 0,0.5.",
    )
    flags.DEFINE_float("max_seconds", 2.9, "Longer utterances are dropped.", lower_bound=0)
    flags.DEFINE_integer(
        "words_of_a_kind",
        None,
        "Use at most so many names, animals, ..., for a small vocabulary.",
        lower_bound=1,
    )
    flags.DEFINE_enum("format", "flac", ["flac", "wav"], "Of the sound files.")
    flags.DEFINE_integer(
        "workers", None, "Threads; as many as the machine has processors.", lower_bound=1
    )


def run() -> NoReturn:
    """Entry point of `wq_corpus`: exit code 0 on success, 1 for a refusal, 2 for wrong flags."""
    define_flags()
    COMMAND.run(_main, refusals=(CorpusError, SpeechError))


def _main() -> None:
    values = flags.FLAGS
    difficulty = _difficulty()
    with COMMAND.progress() as progress:
        made = synthesize(
            values.output,
            train=values.train,
            validation=values.validation,
            test=values.test,
            seed=values.seed,
            difficulty=difficulty,
            max_seconds=values.max_seconds,
            audio_format=values.format,
            words_of_a_kind=values.words_of_a_kind,
            workers=values.workers,
            progress=progress,
        )
    for split, part in made.items():
        print(_describe(split, part))


def _difficulty() -> Difficulty:
    preset = DIFFICULTIES[flags.FLAGS.difficulty]
    return dataclasses.replace(
        preset,
        snr_db=_range("snr_db") or preset.snr_db,
        reverberation_s=_range("reverberation_s", lowest=0) or preset.reverberation_s,
    )


def _range(name: str, lowest: float = float("-inf")) -> tuple[float, float] | None:
    values = flags.FLAGS[name].value
    if values is None:
        return None
    try:
        low, high = map(float, values)
    except ValueError:
        low, high = 1.0, 0.0  # Refused below.
    if not lowest <= low <= high < float("inf"):
        COMMAND.fail_flags(
            f"The flag --{name} takes two numbers, the smaller first, not '{','.join(values)}'"
        )
    return low, high


def _describe(split: str, made: Made) -> str:
    dropped = f", {made.dropped} dropped as too long" if made.dropped else ""
    return (
        f"{split}: {made.utterances} utterances, {made.seconds / 60:.1f} minutes, "
        f"{made.words} different words{dropped}"
    )


if __name__ == "__main__":
    run()
