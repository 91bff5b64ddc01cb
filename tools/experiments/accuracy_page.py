"""The page docs/accuracy.md: tables, a chart and verdicts, from what tools/accuracy.py measured."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tools.experiments import page
from tools.rig import markdown
from wqlite.models.shape import WINDOW_FRAMES
from wqlite.tools.evaluation.error_rate import ErrorRate, difference_interval, pooled

CALIBRATION_UTTERANCES = 100
TARGET = 0.001
"""Largest loss of RSQ against FP32, absolute word error rate."""
SEEDS = ("0", "1", "2")
MODELS = {
    "narrow_wav2letter": "Narrow Wav2letter",
    "narrow_conv_dfsmn": "Narrow ConvDFSMN",
}
"""Folder of the runs -> title."""


@dataclass(frozen=True)
class Variant:
    """A way to a model.

    Attributes:
        title: in the page.
        checkpoint: the trained model, without its ending.
        quantized: whether it is converted to INT8.
        meaning: what it is.
    """

    title: str
    checkpoint: str
    quantized: bool
    meaning: str


FLOAT = "float"
RSQ = "rsq"
RSQ_TEACHER = "rsq_teacher"
VARIANTS: Mapping[str, Variant] = {
    FLOAT: Variant("FP32", "float", False, "the float model, in Keras"),
    "post_training": Variant(
        "INT8 post-training",
        "float",
        True,
        f"the float model, converted by `wq_convert` with {CALIBRATION_UTTERANCES} training "
        "utterances to calibrate: 8-bit weights and activations, no bound on transformed values",
    ),
    "naive": Variant(
        "7-bit naive",
        "naive",
        True,
        "the worst-case limits of the int8 Winograd kernel: weights at most 42, activations in a "
        "7-bit band; trained further on transcripts, with fixed scales and no teacher",
    ),
    "rsq_no_distill": Variant(
        "RSQ without distillation",
        "rsq_no_distill",
        True,
        "range-scaled weights and learned scales within the same limits; trained on transcripts",
    ),
    RSQ: Variant("RSQ", "rsq", True, "the same, with the float model as its teacher"),
    RSQ_TEACHER: Variant(
        "RSQ, mostly from the teacher",
        "rsq_teacher",
        True,
        "the same, with a tenth of the weight of the transcripts and a third of the learning rate",
    ),
}


@dataclass(frozen=True)
class Outcome:
    """One trained model on the test set.

    Attributes:
        words, letters: its errors.
        differing: logits that differ with and without the delegate.
        logits: how many were compared; 0 for a float model.
    """

    words: ErrorRate
    letters: ErrorRate
    differing: int
    logits: int

    def to_json(self) -> dict[str, Any]:
        """Plain values, for `from_json`."""
        return {
            "word_errors": self.words.errors.tolist(),
            "words": self.words.lengths.tolist(),
            "letter_errors": self.letters.errors.tolist(),
            "letters": self.letters.lengths.tolist(),
            "differing": self.differing,
            "logits": self.logits,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Outcome:
        """What `to_json` made."""
        return cls(
            ErrorRate(np.array(values["word_errors"]), np.array(values["words"])),
            ErrorRate(np.array(values["letter_errors"]), np.array(values["letters"])),
            values["differing"],
            values["logits"],
        )


@dataclass(frozen=True)
class Report:
    """Everything that was measured.

    Attributes:
        outcomes: by (model, variant, seed).
    missing: what was not measured, since its checkpoint is not there.
        algorithms: of the delegate, whose logits were compared with TFLite's.
        settings: of the training, by model, as train.json has them.
        utterances, words: size of the test set.
    """

    outcomes: Mapping[tuple[str, str, str], Outcome]
    missing: Sequence[tuple[str, str, str]]
    algorithms: Sequence[str]
    settings: Mapping[str, Mapping[str, Any]]
    utterances: int
    words: int

    def seeds(self, model: str, variant: str) -> dict[str, Outcome]:
        """What there is, by seed."""
        return {
            seed: self.outcomes[model, variant, seed]
            for seed in SEEDS
            if (model, variant, seed) in self.outcomes
        }


def model_table(report: Report, model: str) -> str:
    """One line for each variant."""
    header = [
        "",
        "WER, % (95 % interval)",
        "more than FP32",
        "of each seed",
        "LER, %",
        "logits that the delegate changes",
    ]
    base = report.seeds(model, FLOAT)
    rows = []
    for key, variant in VARIANTS.items():
        outcomes = report.seeds(model, key)
        if not outcomes:
            rows.append([variant.title, "not measured", *[""] * 4])
            continue
        words = pooled([outcome.words for outcome in outcomes.values()])
        letters = pooled([outcome.letters for outcome in outcomes.values()])
        compared = sum(outcome.logits for outcome in outcomes.values())
        differing = sum(outcome.differing for outcome in outcomes.values())
        rows.append(
            [
                variant.title,
                f"{100 * words.rate:.2f} ({_interval(words.interval())})",
                "" if key == FLOAT else _difference(outcomes, base),
                ", ".join(f"{100 * outcome.words.rate:.2f}" for outcome in outcomes.values()),
                f"{100 * letters.rate:.2f}",
                f"{differing} of {compared}" if compared else "",
            ]
        )
    return markdown.table(header, rows)


def _difference(outcomes: Mapping[str, Outcome], base: Mapping[str, Outcome]) -> str:
    """Against the float models of the same seeds."""
    common = [seed for seed in outcomes if seed in base]
    if not common:
        return ""
    words, base_words = (pooled([runs[seed].words for seed in common]) for runs in (outcomes, base))
    interval = _interval(difference_interval(words, base_words), sign="+")
    return f"{100 * (words.rate - base_words.rate):+.2f} ({interval})"


def _interval(ends: tuple[float, float], sign: str = "") -> str:
    low, high = (f"{100 * end:{sign}.2f}" for end in ends)
    return f"{low} to {high}"


def verdict(report: Report, model: str, rsq: str = RSQ) -> str:
    """Whether the targets are met by the seeds that have all it takes, in a sentence."""
    title = VARIANTS[rsq].title
    compared = {key: report.seeds(model, key) for key in (FLOAT, "naive", rsq)}
    common = set.intersection(*map(set, compared.values()))
    if not common:
        return f"{MODELS[model]}, {title}: runs are missing, so nothing can be said of the targets."
    rates = {
        key: pooled([outcomes[seed].words for seed in common]).rate
        for key, outcomes in compared.items()
    }
    loss, gain = 100 * (rates[rsq] - rates[FLOAT]), 100 * (rates["naive"] - rates[rsq])
    within = "within" if loss <= 100 * TARGET else "**not within**"
    return (
        f"{MODELS[model]}: {title} has {loss:+.2f} % of errors against FP32, {within} the target "
        f"of {100 * TARGET:+.1f} %, and {gain:+.2f} % fewer than 7-bit naive."
    )


def settings_table(training: Mapping[str, Any]) -> str:
    """The flags of `wq_train` and the time it took, one column for each trained checkpoint."""
    columns = [
        {**run["flags"], "seconds on this machine": run["seconds"]} for run in training.values()
    ]
    names = dict.fromkeys(name for column in columns for name in column)
    rows = [[name, *(str(column.get(name, "")) for column in columns)] for name in names]
    return markdown.table(["", *training], rows)


def bar_chart(report: Report) -> str:
    """An SVG of the word error rates with their confidence intervals."""
    bar, gap, left, width = 20, 16, 210, 520
    colours = dict(
        zip(
            VARIANTS,
            ("#8a8f98", "#7ab8ff", "#d1495b", "#b7e4c7", "#74c69d", "#1b7f4d"),
            strict=True,
        )
    )
    rates = {
        (model, key): pooled([outcome.words for outcome in report.seeds(model, key).values()])
        for model in MODELS
        for key in VARIANTS
        if report.seeds(model, key)
    }
    largest = max((rate.interval()[1] for rate in rates.values()), default=1.0) or 1.0
    parts, y = [], gap
    for model, title in MODELS.items():
        parts.append(f'<text x="{left - 10}" y="{y + 4}" text-anchor="end" font-weight="bold">')
        parts.append(f"{title}</text>")
        y += bar
        for key, variant in VARIANTS.items():
            if (model, key) not in rates:
                continue
            rate = rates[model, key]
            length, low, high = (width * value / largest for value in (rate.rate, *rate.interval()))
            middle = y + (bar - 4) / 2
            parts += [
                f'<text x="{left - 10}" y="{middle + 4}" text-anchor="end">{variant.title}</text>',
                f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{bar - 4}" '
                f'fill="{colours[key]}"/>',
                f'<path d="M{left + low:.1f} {middle}H{left + high:.1f}" stroke="black"/>',
                f'<text x="{left + high + 6:.1f}" y="{middle + 4}">{100 * rate.rate:.2f} %</text>',
            ]
            y += bar
        y += gap
    return page.svg(left + width + 80, y, "Word error rate with 95 % intervals", parts)


def render(report: Report, day: datetime.date) -> str:
    """The page."""
    parts = [
        "# Accuracy",
        f"{page.made_by('accuracy', day)} {report.utterances} utterances "
        f"({report.words} words) of the test set of a made corpus (`wq_corpus`), whose "
        "speakers and sentences are in neither the training nor the validation set. Greedy "
        f"decoding, windows of {WINDOW_FRAMES} frames. Word error rates are means over the seeds; "
        "intervals are bootstraps over utterances, and those of differences draw the same "
        "utterances for both. All logits of the INT8 models are compared with those of TFLite's "
        f"built-in kernels, for each `algorithm` of the delegate ({', '.join(report.algorithms)}).",
        "![Word error rates](accuracy.svg)",
        _items(f"{variant.title}: {variant.meaning}" for variant in VARIANTS.values()),
        "## Targets",
        "RSQ within 0.1 % absolute of FP32, clearly better than 7-bit naive, and the same with "
        "and without the delegate.",
        _items(verdict(report, model, rsq) for model in MODELS for rsq in (RSQ, RSQ_TEACHER)),
    ]
    for model, title in MODELS.items():
        parts += [f"## {title}", model_table(report, model)]
    if report.missing:
        parts += ["## Not measured", _items(_missing(report))]
    for model, settings in report.settings.items():
        parts += [f"## Training of {MODELS[model]}", settings_table(settings)]
    return "\n\n".join(parts) + "\n"


def _missing(report: Report) -> Iterator[str]:
    for model, title in MODELS.items():
        for key, variant in VARIANTS.items():
            seeds = [seed for m, k, seed in report.missing if (m, k) == (model, key)]
            if seeds:
                yield f"{title}, {variant.title}: seed {', '.join(seeds)}"


def _items(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def numbers(report: Report) -> dict[str, Any]:
    """The rates of the page, for programs."""
    return {
        model: {
            key: {
                seed: {
                    "wer": outcome.words.rate,
                    "ler": outcome.letters.rate,
                    "differing_logits": outcome.differing,
                    "compared_logits": outcome.logits,
                }
                for seed, outcome in report.seeds(model, key).items()
            }
            for key in VARIANTS
        }
        for model in MODELS
    }
