"""The plan of a model: stable, printed, and overridable layer by layer."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pytest

from tests.support.conv_model import ConvLayer, Quantisation, conv_chain
from tests.support.runtimes import RUNTIMES, infer, make_interpreter, plans
from wqlite import delegate

RUNTIME = RUNTIMES[0]
STEPS = 60


def layer(in_channels: int, out_channels: int, width: int, weight: int = 100) -> ConvLayer:
    rng = np.random.default_rng(width)
    shape = (out_channels, width, in_channels)
    return ConvLayer(
        filter=rng.integers(-weight, weight + 1, shape).astype(np.int8),
        bias=np.zeros(out_channels, np.int32),
        filter_scale=np.full(out_channels, 0.01, np.float32),
        output=Quantisation(0.5 * np.sqrt(width * in_channels), 0),
    )


@pytest.fixture(scope="module")
def model() -> bytes:
    layers = [layer(16, 40, 7), layer(40, 64, 3), layer(64, 24, 16)]
    return conv_chain(layers, Quantisation(0.1, 0), time=STEPS)


def signal() -> npt.NDArray[np.int8]:
    return np.random.default_rng(0).integers(-128, 128, (1, 1, STEPS, 16)).astype(np.int8)


def run(model: bytes, capfd: pytest.CaptureFixture[str], **options: object) -> str:
    """The delegate's log for one run, whose output must equal TFLite's."""
    capfd.readouterr()
    loaded = delegate.load(runtime=RUNTIME, log_level="info", **options)
    got = infer(make_interpreter(RUNTIME, model, [loaded]), signal())
    log = capfd.readouterr().err
    np.testing.assert_array_equal(got, infer(make_interpreter(RUNTIME, model), signal()))
    return log


def plan_line(log: str) -> str:
    found = re.search(r"plan: override=(\S+)", log)
    assert found, log
    return found[1]


def nodes(log: str) -> list[str]:
    return re.findall(r"node (\d+) .*kernel=", log)


@pytest.mark.parametrize("core", ["one_pipe", "two_pipe"])
def test_the_printed_plan_is_stable_and_makes_itself_again(
    core: str, model: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    first = run(model, capfd, core=core, memory_budget_mb=0.05)
    plan = plan_line(first)
    assert plan.count("=") == 3
    assert plan_line(run(model, capfd, core=core, memory_budget_mb=0.05)) == plan
    again = run(model, capfd, override=plan, memory_budget_mb=0.05)
    assert plan_line(again) == plan
    assert plans(again) == plans(first)


def test_single_layers_are_overridden(model: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    first, second, third = nodes(run(model, capfd))
    wanted = [
        f"{first}=winograd_s16/F(2,2)xF(4,4)/fly",
        f"{second}=direct",
        f"{third}=winograd_s16/F(4,4)/2",
    ]
    log = run(model, capfd, override="+".join(wanted), memory_budget_mb=8)
    assert plan_line(log) == "+".join(wanted)
    assert "instead" not in log


def test_an_override_comes_before_what_holds_for_all(
    model: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    first, second, third = nodes(run(model, capfd))
    log = run(model, capfd, algorithm="direct", override=f"{second}=winograd_s16/F(2,3)/ahead")
    assert plan_line(log) == f"{first}=direct+{second}=winograd_s16/F(2,3)/ahead+{third}=direct"


def test_weights_ahead_beyond_the_budget_are_refused(
    model: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    node = nodes(run(model, capfd))[1]
    options = {"override": f"{node}=winograd_s16/F(4,3)/ahead", "memory_budget_mb": 0.001}
    log = run(model, capfd, **options)
    sentence = (
        rf"node {node} 'conv\d': its weights transformed ahead take \d+ bytes, of which "
        rf"memory_budget_mb leaves 1048; winograd_s16/F\(4,3\)/fly is used instead"
    )
    assert re.search(sentence, log), log
    loaded = delegate.load(runtime=RUNTIME, strict=True, **options)
    with pytest.raises(RuntimeError, match=f"strict: {sentence}"):
        make_interpreter(RUNTIME, model, [loaded])


def test_a_tile_that_the_proof_refuses_is_replaced(capfd: pytest.CaptureFixture[str]) -> None:
    heavy = layer(512, 8, 64)
    heavy.filter[:] = 127
    model = conv_chain([heavy], Quantisation(0.1, 0), time=STEPS)
    values = np.full((1, 1, STEPS, 512), 127, np.int8)
    loaded = delegate.load(runtime=RUNTIME, tile="F(2,2)xF(2,2)xF(4,4)")
    got = infer(make_interpreter(RUNTIME, model, [loaded]), values)
    np.testing.assert_array_equal(got, infer(make_interpreter(RUNTIME, model), values))
    warning = capfd.readouterr().err
    assert "F(2,2)xF(2,2)xF(4,4) is refused: sums could overflow int32" in warning
    assert "is used instead" in warning
    loaded = delegate.load(runtime=RUNTIME, tile="F(2,2)xF(2,2)xF(4,4)", strict=True)
    with pytest.raises(RuntimeError, match=r"strict: node .* is refused: sums could overflow"):
        make_interpreter(RUNTIME, model, [loaded])


def test_an_override_of_another_node_is_named(
    model: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    assert "override: node 99 is not a Conv1D that was taken" in run(
        model, capfd, override="99=direct"
    )
    loaded = delegate.load(runtime=RUNTIME, override="99=direct", strict=True)
    with pytest.raises(RuntimeError, match="strict: override: node 99 is not a Conv1D"):
        make_interpreter(RUNTIME, model, [loaded])
