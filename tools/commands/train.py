"""The command `wq_train`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from absl import flags

from wqlite.converter.errors import ConversionError, ConversionWarning, first_sentence
from wqlite.converter.files import SourceKind, check_output, source_kind, write_whole
from wqlite.models.corpus.errors import CorpusError, CorpusWarning
from wqlite.tools.commands.command_line import CommandLine, Progress

USAGE = """Trains a float model, or its quantised twin for exact int8 Winograd kernels (RSQ).

  wq_train --model=tiny_wav2letter --data=corpus/train.jsonl --output=float.keras
  wq_train --model=tiny_wav2letter --data=corpus/train.jsonl --mode=rsq --teacher=float.keras \\
    --output=rsq.keras --epochs=3 --learning_rate=3e-4
  wq_convert --input=rsq.keras --output=rsq.tflite --time_steps=296

Data are JSON-lines manifests, as wq_corpus makes them, or folders of LibriSpeech. Several workers
share one training: start each with KERAS_BACKEND=jax and the flags --workers and --worker.
"""
COMMAND = CommandLine("wq_train", USAGE, __name__, required=("model", "data", "output"))
MODELS = ("wav2letter", "tiny_wav2letter", "narrow_wav2letter", "conv_dfsmn", "narrow_conv_dfsmn")
WEIGHTS = ("range_scaled", "worst_case", "int8")
TILES = ("F(2,3)", "F(2,3)xF(2,2)")
CALIBRATION_BATCHES = 8

EPOCHS = {"float": 20, "rsq": 3}
LEARNING_RATES = {"float": 2e-3, "rsq": 3e-4}
AUGMENTATIONS: Mapping[str, Mapping[str, float] | None] = {
    "none": None,
    "light": {"time_width": 10, "time_share": 0.1, "frequency_width": 1},
    "full": {},
}
"""Arguments of `SpecAugment`."""


def define_flags() -> None:
    """Defines the flags of this command."""
    flags.DEFINE_enum("model", None, MODELS, "The architecture; its hidden layers end in ReLUs.")
    flags.DEFINE_bool("batch_normalization", True, "Whether a float model has it.")
    flags.DEFINE_enum("mode", "float", ["float", "rsq"], "What to train.")
    flags.DEFINE_string("teacher", None, "The float model that --mode=rsq quantises.")
    flags.DEFINE_string("output", None, "The .keras file to write.")

    flags.DEFINE_string("data", None, "Training data: a manifest or a LibriSpeech folder.")
    flags.DEFINE_string("validation_data", None, "The same, to measure the error after each epoch.")
    flags.DEFINE_string("cache", None, "Folder that keeps the features between runs.")
    flags.DEFINE_enum(
        "augment", "light", list(AUGMENTATIONS), "How much of the features is hidden (SpecAugment)."
    )
    flags.DEFINE_bool("strict", False, "Refuse utterances and layers that cannot be used.")

    flags.DEFINE_integer("epochs", None, f"Epochs in all; by mode {EPOCHS}.", lower_bound=1)
    flags.DEFINE_integer("batch_size", 32, "Utterances in a batch, of all workers.", lower_bound=1)
    flags.DEFINE_float(
        "learning_rate",
        None,
        f"The highest, after a tenth of the steps; by mode {LEARNING_RATES}.",
    )
    flags.DEFINE_integer("seed", 0, "Seed of weights, order and augmentation.", lower_bound=0)
    flags.DEFINE_bool("mixed_precision", False, "Convolutions in bfloat16.")

    flags.DEFINE_float("ctc_weight", 1.0, "Of the CTC loss, in nats per letter.")
    flags.DEFINE_float("kl_weight", 1.0, "rsq: of the divergence from the teacher's logits.")
    flags.DEFINE_float("layer_weight", 0.1, "rsq: of the distance to the teacher's layers.")
    flags.DEFINE_float("temperature", 1.0, "rsq: of the logits in the divergence.")
    flags.DEFINE_enum("weights", "range_scaled", WEIGHTS, "rsq: what bounds weights.")
    flags.DEFINE_enum("tile", TILES[0], TILES, "rsq: the int8 Winograd kernels' tile.")
    flags.DEFINE_bool("learn_scales", True, "rsq: whether training changes the scales.")

    flags.DEFINE_string("checkpoint_dir", None, "Folder that keeps the last epochs.")
    flags.DEFINE_bool("resume", False, "Continue from --checkpoint_dir if it holds an epoch.")
    flags.DEFINE_string("logs", None, "Folder for TensorBoard and epochs.csv.")
    flags.DEFINE_list("workers", None, "host:port of all workers; the first coordinates.")
    flags.DEFINE_integer("worker", None, "Which of --workers this process is.", lower_bound=0)


def run() -> NoReturn:
    """Entry point of `wq_train`: exit code 0 on success, 1 for a refusal, 2 for wrong flags."""
    define_flags()
    COMMAND.run(_main, refusals=(ConversionError, CorpusError))


def _main() -> None:
    values = flags.FLAGS
    _check_flags()
    with COMMAND.quiet_progress(ConversionWarning, CorpusWarning) as progress:
        import keras

        from wqlite.converter.training import distribution

        if values.workers:
            distribution.join_workers(values.workers, values.worker)
        keras.utils.set_random_seed(values.seed)
        train = _dataset(values.data, progress, training=True)
        validation = _dataset(values.validation_data, progress, training=False)
        student, teacher = _models(train, progress)
        trainer = _trainer(student, teacher)
    epochs = values.epochs or EPOCHS[values.mode]
    trainer.fit(train, validation, epochs=epochs, resume=values.resume)
    if distribution.is_first_worker():
        write_whole(Path(values.output), student.save)


def _check_flags() -> None:
    """Refuses, before anything slow, flags that do not go together."""
    values = flags.FLAGS
    if (values.mode == "rsq") != bool(values.teacher):
        needed = "needs the flag --teacher" if values.mode == "rsq" else "has no --teacher"
        COMMAND.fail_flags(f"--mode={values.mode} {needed}")
    if values.resume and not values.checkpoint_dir:
        COMMAND.fail_flags("--resume needs the flag --checkpoint_dir")
    if bool(values.workers) != (values.worker is not None):
        COMMAND.fail_flags("--workers and --worker go together")
    for name in ("data", "validation_data"):
        path = values[name].value
        if path is not None and not Path(path).exists():
            raise CorpusError(f"--{name}: {path} does not exist.")
    if not values.output.endswith(".keras"):
        COMMAND.fail_flags(f"--output must end in .keras, not '{values.output}'")
    check_output(Path(values.output), None)


def _dataset(path: str | None, progress: Progress, *, training: bool) -> Any:
    """The batches of a corpus, or None where there is none."""
    if path is None:
        return None
    from wqlite.converter.training.distribution import own_share
    from wqlite.models.corpus import open_corpus
    from wqlite.models.corpus.dataset import SpecAugment, make_dataset

    values = flags.FLAGS
    options: Any = AUGMENTATIONS[values.augment]
    return own_share(
        make_dataset(
            open_corpus(path),
            batch_size=values.batch_size,
            shuffle=training,
            seed=values.seed,
            cache=values.cache,
            augment=SpecAugment(**options) if training and options is not None else None,
            strict=values.strict,
            progress=progress,
        )
    )


def _models(train: Any, progress: Progress) -> tuple[Any, Any]:
    """Student and teacher; the latter None for a float model."""
    values = flags.FLAGS
    if values.mode == "float":
        return _new_model(values.batch_normalization), None
    from wqlite.converter.rsq import RsqConfig, calibrate, quantize_model

    teacher = _load_teacher()
    config = RsqConfig(
        weights=values.weights,
        tile=values.tile,
        learn_scales=values.learn_scales,
        strict=values.strict,
    )
    student = quantize_model(teacher, config)
    calibrate(student, train.take(CALIBRATION_BATCHES), progress)
    return student, teacher


def _new_model(batch_normalization: bool) -> Any:
    """An untrained model with an open time axis."""
    from wqlite.models import conv_dfsmn, wav2letter

    values = flags.FLAGS
    options = {"batch_normalization": batch_normalization, "time_steps": None, "seed": values.seed}
    if values.model.endswith("conv_dfsmn"):
        return getattr(conv_dfsmn, values.model)(**options)
    return getattr(wav2letter, values.model)(activation="relu", **options)


def _load_teacher() -> Any:
    """The float model, refused where it is not of the architecture that --model names."""
    import keras

    from wqlite.converter.training.checkpoints import architecture

    values = flags.FLAGS
    path = Path(values.teacher)
    if source_kind(path) is SourceKind.SAVED_MODEL:
        raise ConversionError(f"Teacher {path} is a SavedModel: give the .keras file.")
    try:
        teacher = keras.saving.load_model(path, compile=False)
    except Exception as error:  # Keras raises anything from KeyError to BadZipFile here.
        raise ConversionError(
            f"Teacher {path} cannot be loaded by Keras: {first_sentence(error)}."
        ) from error
    has_normalization = any(
        isinstance(layer, keras.layers.BatchNormalization) for layer in teacher.layers
    )
    expected = _new_model(has_normalization)
    if architecture(teacher) != architecture(expected):
        raise ConversionError(
            f"Teacher {path} is of another architecture: {architecture(teacher)}, not "
            f"{architecture(expected)}."
        )
    return teacher


def _trainer(student: Any, teacher: Any) -> Any:
    from wqlite.converter.training.trainer import Trainer

    values = flags.FLAGS
    rate = values.learning_rate
    try:
        return Trainer(
            student,
            teacher,
            ctc_weight=values.ctc_weight,
            kl_weight=values.kl_weight,
            layer_weight=values.layer_weight,
            temperature=values.temperature,
            learning_rate=LEARNING_RATES[values.mode] if rate is None else rate,
            mixed_precision=values.mixed_precision,
            checkpoint_dir=values.checkpoint_dir,
            log_dir=values.logs,
        )
    except ValueError as error:
        COMMAND.fail_flags(str(error).rstrip("."))


if __name__ == "__main__":
    run()
