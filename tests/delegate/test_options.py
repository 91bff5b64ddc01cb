"""Options as each runtime passes them on, and what they refuse."""

from __future__ import annotations

import pytest

from tests.support.paths import tiles
from tests.support.runtimes import RUNTIMES, module_of
from wqlite import delegate

NAMES = (
    "num_threads",
    "algorithm",
    "tile",
    "core",
    "rounding",
    "rounding_one_step",
    "verify",
    "override",
    "log_level",
    "memory_budget_mb",
    "strict",
)

BAD = {
    "num_threads": ("0", "auto, a whole number from 1 to 64"),
    "algorithm": ("fastest", "auto, direct, winograd_s16"),
    "tile": ("F(9,9)", "auto, F(2,2), "),
    "core": ("fast", "auto, one_pipe, in_order, dot_in_order, two_pipe, dot"),
    "rounding": ("up", "auto, double_up, double_away, single"),
    "rounding_one_step": ("even", "auto, double_up, double_away, single"),
    "verify": ("true", "off, quick, full"),
    "override": ("0=fast", "NODE=KERNEL"),
    "log_level": ("loud", "silent, error, warning, info"),
    "memory_budget_mb": ("-1", "auto, a number of at least 0, such as 16 or 0.5"),
    "strict": ("maybe", "true, false"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_value_is_named_with_what_is_permitted(name: str) -> None:
    value, permitted = BAD[name]
    with pytest.raises(delegate.DelegateError) as error:
        delegate.load(**{name: value})
    message = str(error.value)
    assert message.startswith(f"option {name}: '{value}' is not permitted; permitted: {permitted}")
    assert "\n" not in message


def test_unknown_option_is_named() -> None:
    with pytest.raises(delegate.DelegateError) as error:
        delegate.load(num_treads=2)
    assert str(error.value) == f"unknown option 'num_treads'; permitted: {', '.join(NAMES)}"


def test_contradiction_is_refused() -> None:
    with pytest.raises(delegate.DelegateError, match="tile: 'F\\(2,3\\)' contradicts algorithm"):
        delegate.load(algorithm="direct", tile="F(2,3)")


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_runtimes_own_load_delegate_gives_the_reason_too(runtime: str) -> None:
    with pytest.raises(ValueError, match="option strict: 'maybe' is not permitted"):
        module_of(runtime).load_delegate(str(delegate.library_path()), {"strict": "maybe"})


def test_python_values() -> None:
    delegate.load(
        num_threads=2,
        algorithm="winograd_s16",
        tile=None,  # the default
        log_level="silent",
        memory_budget_mb=0.5,
        strict=True,
    )


def test_description_lists_all_options_and_tiles() -> None:
    lines = delegate.describe_options().splitlines()
    assert [line.partition(":")[0] for line in lines] == list(NAMES)
    required = {"F(2,3)", "F(4,3)", "F(4,4)", "F(2,2)xF(4,4)"}
    assert required <= set(tiles())
