"""The sentences of the synthetic corpus."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from wqlite.models.corpus.grammar import (
    SHARES,
    TEMPLATES,
    WORDS,
    draw_sentence,
    split_of,
    vocabulary,
)
from wqlite.models.ctc import text_to_labels


def draw(split: str, count: int, seed: int = 0) -> list[str]:
    generator = np.random.default_rng(seed)
    return [draw_sentence(generator, split) for _ in range(count)]


def test_it_has_more_than_1000_words_and_they_are_spoken() -> None:
    assert len(vocabulary()) >= 1000
    spoken = {word for sentence in draw("train", 20_000) for word in sentence.split()}
    assert len(spoken) >= 1000
    assert spoken <= vocabulary()


def test_a_small_vocabulary_is_a_part_of_the_large_one() -> None:
    generator = np.random.default_rng(4)
    sentences = [draw_sentence(generator, "train", words_of_a_kind=3) for _ in range(5000)]
    spoken = {word for sentence in sentences for word in sentence.split()}
    kinds = {name: set(words) for name, words in WORDS.items()}
    assert spoken & kinds["ANIMAL"] == set(WORDS["ANIMAL"][:3])
    assert spoken < vocabulary()
    assert len(spoken) < 250
    assert {split_of(sentence) for sentence in sentences} == {"train"}


def test_words_fit_the_alphabet() -> None:
    for word in vocabulary():
        assert len(text_to_labels(word)) == len(word)


def test_every_list_is_used_and_has_no_word_twice() -> None:
    used = {word for template in TEMPLATES for word in template.split() if word.isupper()}
    assert used == set(WORDS)
    for words in WORDS.values():
        assert Counter(words).most_common(1)[0][1] == 1


def test_sentences_are_short() -> None:
    lengths = {len(sentence.split()) for sentence in draw("train", 5000)}
    assert min(lengths) >= 2
    assert max(lengths) <= 6


@pytest.mark.parametrize("split", SHARES)
def test_a_sentence_belongs_to_one_split_whatever_the_seed(split: str) -> None:
    for seed in (1, 2):
        assert {split_of(sentence) for sentence in draw(split, 500, seed)} == {split}


def test_shares_of_the_splits() -> None:
    generator = np.random.default_rng(3)
    number = Counter(split_of(f"{generator.integers(1 << 60)} words") for _ in range(10_000))
    assert 900 < number["test"] < 1100
    assert 900 < number["validation"] < 1100


def test_the_seed_chooses_the_sentences() -> None:
    assert draw("test", 20, seed=1) == draw("test", 20, seed=1)
    assert draw("test", 20, seed=1) != draw("test", 20, seed=2)
