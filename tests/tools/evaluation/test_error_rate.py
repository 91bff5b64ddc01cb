"""Error rates: counts, intervals, and comparisons on the same utterances."""

from __future__ import annotations

import numpy as np
import pytest

from wqlite.tools.evaluation.error_rate import ErrorRate, difference_interval, pooled

REFERENCES = ["turn on the light", "it's late", "no"]
HYPOTHESES = ["turn the the lights", "it's late", "oh no no"]


def make_rate(errors: list[int], length: int = 10) -> ErrorRate:
    return ErrorRate(np.array(errors), np.full(len(errors), length))


def test_words_are_counted_for_each_utterance() -> None:
    rate = ErrorRate.of_words(REFERENCES, HYPOTHESES)
    assert rate.errors.tolist() == [2, 0, 2]  # 2 substitutions; 2 insertions
    assert rate.lengths.tolist() == [4, 2, 1]
    assert rate.rate == pytest.approx(4 / 7)


def test_letters_are_counted_with_spaces() -> None:
    rate = ErrorRate.of_letters(["no light", "ab"], ["no lights", "a"])
    assert rate.errors.tolist() == [1, 1]
    assert rate.lengths.tolist() == [8, 2]


def test_silence_is_all_deletions() -> None:
    assert ErrorRate.of_words(REFERENCES, ["", "", ""]).rate == 1.0


def test_interval_is_that_of_a_binomial_where_utterances_are_single_words() -> None:
    wrong = np.zeros(1000, np.int64)
    wrong[:100] = 1
    low, high = ErrorRate(wrong, np.ones(1000, np.int64)).interval()
    deviation = (0.1 * 0.9 / 1000) ** 0.5
    assert low == pytest.approx(0.1 - 1.96 * deviation, abs=0.002)
    assert high == pytest.approx(0.1 + 1.96 * deviation, abs=0.002)


def test_interval_is_wider_where_errors_come_together() -> None:
    spread, together = make_rate([1] * 50), make_rate([10] * 5 + [0] * 45)
    assert spread.rate == together.rate
    assert spread.interval() == pytest.approx((0.1, 0.1))
    low, high = together.interval()
    assert low < 0.05
    assert high > 0.15


def test_interval_is_the_same_every_time() -> None:
    rate = make_rate([0, 3, 1, 5])
    assert rate.interval() == rate.interval()


def test_pooled_rate_is_the_mean() -> None:
    rates = [make_rate([1, 0, 4]), make_rate([2, 2, 3])]
    assert pooled(rates).rate == pytest.approx(np.mean([rate.rate for rate in rates]))
    assert len(pooled(rates).errors) == 3


def test_difference_of_models_that_err_alike_is_narrow() -> None:
    errors = np.random.default_rng(0).integers(0, 10, 200).tolist()
    base, other = make_rate(errors), make_rate([error + 1 for error in errors])
    assert difference_interval(other, base) == pytest.approx((0.1, 0.1))
    low, high = base.interval()
    assert high - low > 0.05
