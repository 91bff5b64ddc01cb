"""The main job from end to end: speech, Keras models, INT8, the delegate, on two machines.

    python -m tools.experiments.demo [--folder build/demo] [--no-rig]

Synthesises speech, builds Tiny Wav2letter and Wav2letter, converts both with wq_convert, and runs
them, and the trained models that ship with wqlite, on its features with and without the delegate,
on this machine and under the ARMv7 rig. Then lets the trained models say what they hear in new
voices. Ends with exit code 1 when a single output byte differs.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tools.experiments.steps import StepError, convert, execute
from tools.rig import count, log
from wqlite.models import checkpoints, features, speech
from wqlite.models.beam_search import WordList, beam_search
from wqlite.models.corpus import CorpusError, grammar, load_utterances, open_corpus, synthesize
from wqlite.models.corpus.acoustics import DIFFICULTIES
from wqlite.tools.evaluation.error_rate import ErrorRate
from wqlite.tools.evaluation.recognizer import open_recognizer

MODELS = ("tiny_wav2letter", "wav2letter")
TRAINED = tuple(f"{model}_rsq" for model in checkpoints.MODELS)
HEARD_SENTENCES = 8
HEARD_SEED = 2026
CALIBRATION_SENTENCES = 4
TEST_SENTENCES = 3
HOST_REPEAT = 10


@dataclass(frozen=True)
class Comparison:
    """One model on one machine, TFLite's built-in kernels against the delegate's.

    Attributes:
        taken: the delegate's summary line.
        layers: as the delegate logged them.
        differing: output bytes that differ, of `total`.
        milliseconds: median of an inference: without, with.
    """

    taken: str
    layers: list[log.Layer]
    differing: int
    total: int
    milliseconds: tuple[float, float]


def make_speech(folder: Path) -> Path:
    """Speaks, and writes calibration.npz; returns the file of the test windows."""
    windows = []
    for seed in range(CALIBRATION_SENTENCES + TEST_SENTENCES):
        text = speech.SENTENCES[seed % len(speech.SENTENCES)]
        utterance = speech.speak_at_random(text, seed=seed)
        extracted = features.extract(utterance.audio)
        windows.append(features.split_windows(extracted).features)
        print(f"  {utterance.voice:20} {len(utterance.audio) / 16000:4.1f} s  {text}")
    np.savez(folder / "calibration.npz", features=np.concatenate(windows[:CALIBRATION_SENTENCES]))
    np.save(folder / "test.npy", np.concatenate(windows[CALIBRATION_SENTENCES:]))
    return folder / "test.npy"


def make_model(name: str, folder: Path) -> Path:
    """Builds the Keras model (untrained: weights from a seed) and converts it."""
    keras_file, tflite_file = folder / f"{name}.keras", folder / f"{name}.tflite"
    build = f"from wqlite.models import wav2letter; wav2letter.{name}(activation='relu')"
    execute([sys.executable, "-c", f"{build}.save({str(keras_file)!r})"], f"building {name}")
    convert(keras_file, folder / "calibration.npz", tflite_file)
    return tflite_file


def take_checkpoint(name: str, folder: Path) -> Path:
    """Copies a trained model, since what comes out of it will lie beside it."""
    return Path(shutil.copy(checkpoints.path(f"{name}.tflite"), folder))


def compare(python: list[str | Path], model: Path, inputs: Path, repeat: int) -> Comparison:
    """Runs a model both ways with the given Python."""
    outputs, milliseconds, logged = [], [], ""
    for arguments in ([], ["--delegate"]):
        output = model.with_suffix(".output.npy")
        command = [*python, "-m", "tools.rig.run_model", model, inputs, output]
        done = execute([*command, f"--repeat={repeat}", *arguments], f"running {model.name}")
        outputs.append(np.load(output))
        milliseconds.append(float(done.stdout))
        logged = done.stderr
    return Comparison(
        taken=log.taken(logged),
        layers=log.layers(logged),
        differing=int(np.sum(outputs[0] != outputs[1])),
        total=outputs[0].size,
        milliseconds=(milliseconds[0], milliseconds[1]),
    )


def listen(folder: Path) -> int:
    """Prints what the trained models hear; returns the number of logits that the delegate changes.

    The words are those of the made corpus; the voices and sentences are of its test set.
    """
    corpus = folder / "spoken"
    shutil.rmtree(corpus, ignore_errors=True)
    synthesize(
        corpus,
        train=0,
        validation=0,
        test=HEARD_SENTENCES,
        seed=HEARD_SEED,
        difficulty=DIFFICULTIES[checkpoints.DIFFICULTY],
        words_of_a_kind=checkpoints.WORDS_OF_A_KIND,
    )
    utterances = load_utterances(open_corpus(corpus / "test.jsonl"))
    vocabulary = grammar.vocabulary(checkpoints.WORDS_OF_A_KIND)
    words = WordList(vocabulary)
    said = [example.text for example in utterances.examples]
    differing = 0
    for name in TRAINED:
        heard = []
        helped, alone = (
            open_recognizer(checkpoints.path(f"{name}.tflite"), use_delegate=used)
            for used in (True, False)
        )
        for index in range(len(utterances)):
            logits = helped(utterances.features(index))
            differing += int(np.count_nonzero(logits != alone(utterances.features(index))))
            heard.append(beam_search(logits, words=words))
        rate = ErrorRate.of_words(said, heard)
        print(f"  {name}, beam search on {len(vocabulary)} words:")
        for text, recognised in zip(said, heard, strict=True):
            print(f"    {'said: ' + text:50} heard: {recognised}")
        print(f"    {rate.errors.sum()} of {rate.lengths.sum()} words wrong")
    return differing


def print_layers(comparison: Comparison) -> None:
    """One line for each convolution."""
    print(f"  {comparison.taken}")
    for layer, kernel, tile, reason in comparison.layers:
        print(f"    {layer:44} {kernel:13} {tile:30} {reason}")


def print_results(results: list[tuple[str, str, int, int, str, float, float]]) -> None:
    """The table at the end."""
    header = ("model", "machine", "bytes that differ", "measure", "TFLite", "wqlite", "ratio")
    print("\n{:21} {:7} {:>22} {:>22} {:>9} {:>9} {:>6}".format(*header))
    for model, machine, differing, total, measure, before, after in results:
        bytes_ = f"{differing} of {total}"
        print(
            f"{model:21} {machine:7} {bytes_:>22} {measure:>22} "
            f"{before:9.1f} {after:9.1f} {before / after:6.2f}"
        )


def run_demo(folder: Path, rig: bool, say: Callable[[str], None]) -> int:
    """All steps; returns the number of output bytes that differ."""
    folder.mkdir(parents=True, exist_ok=True)
    say("speech (espeak-ng), as 39 features a frame in windows of 296 frames")
    test = make_speech(folder)
    first = folder / "first.npy"
    np.save(first, np.load(test)[:1])

    results: list[tuple[str, str, int, int, str, float, float]] = []
    for name in (*MODELS, *TRAINED):
        if name in MODELS:
            say(f"{name}: Keras model, converted with wq_convert")
            model = make_model(name, folder)
        else:
            model = take_checkpoint(name, folder)
        say(f"{name}: on this machine")
        host = compare([sys.executable], model, test, HOST_REPEAT)
        print_layers(host)
        results.append(
            (name, "host", host.differing, host.total, "ms an inference", *host.milliseconds)
        )
        if not rig:
            continue
        say(f"{name}: under the ARMv7 rig (emulated: counts instructions, not seconds)")
        checkout = count.find_checkout()
        armv7 = compare([checkout / "tools/rig/python"], model, first, 1)
        print_layers(armv7)
        before, after = (
            count.count_inference(model, delegate=used).instructions / 1e6 for used in (False, True)
        )
        results.append(
            (name, "ARMv7", armv7.differing, armv7.total, "million instructions", before, after)
        )
    print_results(results)
    say("what the trained models hear in new voices")
    return sum(differing for _, _, differing, *_ in results) + listen(folder)


def main() -> int:
    """Runs the command described at the top."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("build/demo"))
    parser.add_argument("--no-rig", action="store_true", help="leave the ARMv7 rig out")
    flags = parser.parse_args()
    try:
        differing = run_demo(
            flags.folder, not flags.no_rig, lambda text: print(f"\n== {text}", flush=True)
        )
    except (StepError, CorpusError, count.RigError, speech.SpeechError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    if differing:
        print(f"demo: {differing} output bytes differ from TFLite's; none may", file=sys.stderr)
        return 1
    print("\nEvery output byte is TFLite's own.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
