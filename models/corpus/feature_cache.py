"""Features that are computed once, kept under a hash of the sound file's content.

A file that moves or is copied into another corpus keeps its features; a file that changes, or new
code in `wqlite.models.features`, gets new ones. An interrupted run loses nothing but its last file.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import threading
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .. import audio, features, shape
from .errors import CorpusError

Features = npt.NDArray[np.float32]
"""Features [frames, 39]."""


class FeatureCache:
    """Features by key, in memory or in a folder.

    Args:
        folder: where to keep them, one `.npy` a sound file, created if missing; None: in memory.

    Raises:
        CorpusError: the folder cannot be made or written.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self._folder = None if folder is None else Path(folder)
        self._memory: dict[str, Features] = {}
        self._version = _version()
        if self._folder is not None:
            _make_writable(self._folder)

    def add(self, path: Path) -> tuple[str, int]:
        """Makes sure that the features of a sound file are kept.

        Returns:
            The key of the features and how many frames they have.

        Raises:
            AudioError: the file cannot be read as sound.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            message = f"Audio file {path} cannot be read: {error.strerror}."
            raise audio.AudioError(message) from error
        key = hashlib.blake2b(content, key=self._version, digest_size=16).hexdigest()
        frames = self._find(key)
        if frames is None:
            computed = features.extract(audio.load_audio(path))
            self._keep(key, computed)
            frames = len(computed)
        return key, frames

    def __getitem__(self, key: str) -> Features:
        """The features [frames, 39] that `add` kept under this key."""
        if self._folder is None:
            return self._memory[key]
        loaded: Features = np.load(self._file(self._folder, key))
        return loaded

    @staticmethod
    def _file(folder: Path, key: str) -> Path:
        return folder / key[:2] / f"{key}.npy"

    def _find(self, key: str) -> int | None:
        if self._folder is None:
            return len(self._memory[key]) if key in self._memory else None
        try:
            return len(np.load(self._file(self._folder, key), mmap_mode="r"))
        except (OSError, ValueError):  # Missing, or damaged: computed again.
            return None

    def _keep(self, key: str, computed: Features) -> None:
        if self._folder is None:
            self._memory[key] = computed
            return
        file = self._file(self._folder, key)
        temporary = file.with_suffix(f".{os.getpid()}.{threading.get_ident()}.tmp")
        try:
            file.parent.mkdir(exist_ok=True)
            with temporary.open("wb") as stream:
                np.save(stream, computed)
            temporary.replace(file)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise CorpusError(
                f"Feature cache {self._folder} cannot be written: {error.strerror}."
            ) from error


def _make_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CorpusError(f"Feature cache {folder} cannot be made: {error.strerror}.") from error
    if not os.access(folder, os.W_OK):
        raise CorpusError(f"Feature cache {folder} is not writable.")


def _version() -> bytes:
    """A hash of the code that makes the features."""
    code = "".join(map(inspect.getsource, (audio, features, shape))) + version("librosa")
    return hashlib.blake2b(code.encode(), digest_size=16).digest()
