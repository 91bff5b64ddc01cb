"""Models and epochs on disk, written whole or not at all, so that training survives a kill.

Keras's BackupAndRestore writes weights and epoch as two files, in place: a kill between them, or
during the first, leaves neither. Here the epoch is part of the file's name.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from ..errors import ConversionError
from ..files import write_whole
from .distribution import is_first_worker, worker_index

SETTINGS = "settings.json"
PATTERN = "epoch-*.weights.h5"
KEPT = 2


class Checkpoints(keras.callbacks.Callback):
    """Saves weights, optimizer and schedule after each epoch; keeps the last two.

    Of several workers the first one writes, and all of them read.

    Args:
        folder: made where it is missing.
        settings: what a run must share with the one that it resumes, as JSON values.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        super().__init__()
        self._folder = folder
        self._settings = dict(settings)

    def begin(self, model: keras.Model, *, resume: bool) -> int:
        """Loads the last checkpoint, or clears the folder for a new run.

        Args:
            model: compiled and built.
            resume: whether to continue where the folder has a checkpoint.

        Returns:
            The number of finished epochs.

        Raises:
            ConversionError: the folder cannot be written, or holds the checkpoints of another run,
                or damaged ones.
        """
        paths = self._paths()
        if resume and paths:
            self._check_settings()
            _load(model, paths[-1])
            return _epoch(paths[-1])
        if is_first_worker():
            self._clear()
        return 0

    def _clear(self) -> None:
        """Makes the folder, forgets the checkpoints of earlier runs and notes the settings."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for path in self._paths():
                path.unlink()
        except OSError as error:
            raise ConversionError(
                f"Checkpoint folder {self._folder} cannot be written: {error.strerror}."
            ) from error
        text = json.dumps(self._settings, indent=1, sort_keys=True)
        write_whole(self._folder / SETTINGS, f"{text}\n".encode())

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Saves to a file of another name first."""
        del logs
        final = self._folder / f"epoch-{epoch + 1:05}.weights.h5"
        temporary = final.with_name(f"unfinished-{worker_index()}-{final.name}")
        # On JAX, reading the weights is collective: all workers take part, and one file is kept.
        self.model.save_weights(temporary)
        if not is_first_worker():
            temporary.unlink()
            return
        temporary.replace(final)
        for path in self._paths()[:-KEPT]:
            path.unlink()

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob(PATTERN))

    def _check_settings(self) -> None:
        path = self._folder / SETTINGS
        try:
            found = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise ConversionError(
                f"Checkpoint folder {self._folder} has no readable {SETTINGS}."
            ) from error
        wanted = json.loads(json.dumps(self._settings))
        for name in sorted(found.keys() | wanted.keys()):
            if found.get(name) != wanted.get(name):
                raise ConversionError(
                    f"Checkpoint folder {self._folder} is of another run: its {name} is "
                    f"{found.get(name)}, not {wanted.get(name)}."
                )


def architecture(model: keras.Model) -> str:
    """Name, size and a hash of the shapes of all weights."""
    shapes = [tuple(variable.shape) for variable in model.variables]
    digest = hashlib.sha256(repr(shapes).encode()).hexdigest()[:8]
    return f"{model.name} with {model.count_params()} parameters ({digest})"


def _load(model: keras.Model, path: Path) -> None:
    """Loads weights, optimizer and schedule."""
    model.optimizer.build(model.trainable_variables)
    try:
        model.load_weights(path)
    except Exception as error:  # h5py and Keras raise anything here.
        raise ConversionError(
            f"Checkpoint {path} cannot be read: remove it to resume from the one before."
        ) from error


def _epoch(path: Path) -> int:
    match = re.search(r"\d+", path.name)
    assert match, path
    return int(match.group())
