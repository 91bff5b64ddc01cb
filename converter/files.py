"""What a path holds before anything is loaded; the output, written whole or not at all."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from enum import Enum
from pathlib import Path

from .errors import ConversionError

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
TFLITE_SIGNATURE = b"TFL3"
ACCEPTED = "expected a .keras file, a .h5 file or a SavedModel folder"


class SourceKind(Enum):
    """The three forms in which a Keras model is stored."""

    KERAS = "Keras archive"
    HDF5 = "HDF5 file"
    SAVED_MODEL = "SavedModel"


SUFFIXES = {SourceKind.KERAS: (".keras",), SourceKind.HDF5: (".h5", ".hdf5")}


def source_kind(path: Path) -> SourceKind:
    """The form of the model at `path`, judged by its content.

    Raises:
        ConversionError: nothing is there, or something that is not a Keras model.
    """
    try:
        kind = _folder_kind(path) if path.is_dir() else _file_kind(path)
    except FileNotFoundError as error:
        raise ConversionError(f"Input {path} does not exist.") from error
    except (OSError, zipfile.BadZipFile) as error:
        raise ConversionError(f"Input {path} cannot be read: {error}.") from error
    if kind in SUFFIXES and not path.name.endswith(SUFFIXES[kind]):
        raise ConversionError(
            f"Input {path} is a {kind.value}, but Keras wants its name to end in "
            f"{SUFFIXES[kind][0]}: rename it."
        )
    return kind


def _folder_kind(path: Path) -> SourceKind:
    if not (path / "saved_model.pb").is_file():
        raise ConversionError(f"Folder {path} is not a SavedModel: it holds no saved_model.pb.")
    return SourceKind.SAVED_MODEL


def _file_kind(path: Path) -> SourceKind:
    with path.open("rb") as file:
        head = file.read(8)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if "config.json" in archive.namelist():
                return SourceKind.KERAS
    if head.startswith(HDF5_SIGNATURE):
        return SourceKind.HDF5
    if head[4:] == TFLITE_SIGNATURE:
        raise ConversionError(
            f"Input {path} is a TFLite model already: give the Keras model that it was made from."
        )
    raise ConversionError(f"Input {path} is not a whole Keras model: {ACCEPTED}.")


def check_output(output: Path, source: Path | None) -> None:
    """Refuses, before the long work, an output that could not be written in the end.

    Raises:
        ConversionError: the folder is missing or not writable, or the output is a folder or the
            source itself.
    """
    try:
        reason = _why_not_writable(output, source)
    except OSError as error:
        reason = str(error.strerror)
    if reason:
        raise ConversionError(f"Output {output} cannot be written: {reason}.")


def _why_not_writable(output: Path, source: Path | None) -> str:
    folder = output.parent
    if not folder.is_dir():
        return f"{folder} is not a folder"
    if output.is_dir():
        return "it is a folder"
    if not os.access(folder, os.W_OK):
        return f"folder {folder} is not writable"
    if source is not None and output.exists() and output.samefile(source):
        return "it is the input itself"
    return ""


def write_whole(output: Path, content: bytes | Callable[[Path], object]) -> None:
    """Writes to a temporary neighbour, then moves it to `output` in one step.

    Args:
        output: the file.
        content: its bytes, or what writes them to a path; that has the suffix of `output`.

    Raises:
        ConversionError: the operating system refused; `output` is as it was.
    """
    temporary = output.with_name(f".{os.getpid()}.{output.name}")
    try:
        if isinstance(content, bytes):
            temporary.write_bytes(content)
        else:
            content(temporary)
        temporary.replace(output)
    except OSError as error:
        raise ConversionError(f"Output {output} cannot be written: {error.strerror}.") from error
    finally:
        temporary.unlink(missing_ok=True)
