"""The benchmark's results and its refusals; never how long anything takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.random_layers import random_case
from tools.rig import benchmark


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "layer.tflite"
    path.write_bytes(random_case(0).model)
    return path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr("sys.argv", ["benchmark", *map(str, arguments)])
    benchmark.main()


def test_compares_all_kernels_at_every_number_of_threads(
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    results = tmp_path / "results.json"
    flags = ["--threads", 1, "--threads", 2, "--xnnpack", "--repeat", 3, "--json", results]
    run(monkeypatch, model, *flags, "--option", "algorithm=direct")
    timings = json.loads(results.read_text())["timings"]
    assert [timing["name"] for timing in timings] == [
        f"{kernels}, {threads}"
        for threads in ("1 thread", "2 threads")
        for kernels in ("TFLite built-in", "wqlite", "XNNPACK")
    ]
    printed = capsys.readouterr().out
    for timing in timings:
        assert 0 < timing["fastest"] <= timing["milliseconds"]
        assert timing["name"] in printed
    assert all(t["differing"] == 0 for t in timings if not t["name"].startswith("XNNPACK"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["layer.tflite", "results.json"]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--option", "tile=F(9,9)"], "tile"),
        (["--option", "num_threads=2"], "--threads"),
        (["--option", "tile"], "'tile' is not KEY=VALUE"),
        (["--repeat", "0"], "--repeat"),
        (["--runtime", "lite"], "unknown runtime 'lite'"),
        (["--json", "no/such/folder.json"], "folder that exists"),
    ],
)
def test_refuses_in_a_sentence(
    flags: list[str],
    message: str,
    model: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(monkeypatch, model, *flags)
    assert stopped.value.code not in (0, None)
    assert message in f"{stopped.value.code} {capsys.readouterr().err}"


def test_refuses_a_missing_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="there is no model"):
        run(monkeypatch, tmp_path / "none.tflite")
