"""Reading a `.tflite` file so that a damaged one is refused and not run.

TFLite 2.14 follows the offsets of a FlatBuffer unchecked, so that a truncated file ends the whole
program. Newer runtimes verify; this does it for all of them. FlatBuffers for Python has no
verifier.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_IDENTIFIER = b"TFL3"  # bytes 4 to 8


def read_model(model: str | os.PathLike[str] | bytes) -> bytes:
    """The content of a `.tflite` file, given by path or as it is.

    Raises FileNotFoundError or ValueError, with one sentence for the user.
    """
    name = "the model"
    if not isinstance(model, bytes):
        name = os.fspath(model)
        try:
            model = Path(model).read_bytes()
        except FileNotFoundError:
            raise FileNotFoundError(f"there is no model {name}") from None
        except OSError as error:
            raise ValueError(f"cannot read the model {name}: {error.strerror}") from error
    if model[4:8] != _IDENTIFIER:
        raise ValueError(f"{name} is not a TFLite model; convert one with wq_convert")
    try:
        _verify(model)
    except (struct.error, _DamagedError):
        raise ValueError(
            f"{name} is damaged: parts of it lie beyond its end; copy or convert it again"
        ) from None
    return model


class _DamagedError(Exception):
    """An offset leads out of the file."""


@dataclass(frozen=True)
class _Table:
    """The fields of a FlatBuffer table that refer to other places, by number in the schema."""

    fields: dict[int, Callable[[bytes, int], None]]

    def __call__(self, data: bytes, position: int) -> None:
        """Verifies the table at `position` and all that it refers to."""
        vtable = position - struct.unpack_from("<i", data, position)[0]
        if vtable < 0:
            raise _DamagedError
        vtable_size, table_size = struct.unpack_from("<HH", data, vtable)
        if vtable + vtable_size > len(data) or position + table_size > len(data):
            raise _DamagedError
        for number, verify in self.fields.items():
            slot = 4 + 2 * number
            if slot + 2 > vtable_size:
                continue
            offset = struct.unpack_from("<H", data, vtable + slot)[0]
            if offset:
                verify(data, _follow(data, position + offset))


def _follow(data: bytes, position: int) -> int:
    return int(position + struct.unpack_from("<I", data, position)[0])


def _vector_of(item_size: int) -> Callable[[bytes, int], None]:
    """Verifies a vector of numbers (or a string: a vector of bytes)."""

    def verify(data: bytes, position: int) -> None:
        count = struct.unpack_from("<I", data, position)[0]
        if position + 4 + count * item_size > len(data):
            raise _DamagedError

    return verify


def _tables(table: _Table) -> Callable[[bytes, int], None]:
    """Verifies a vector of tables."""

    def verify(data: bytes, position: int) -> None:
        _vector_of(4)(data, position)
        count = struct.unpack_from("<I", data, position)[0]
        for item in range(position + 4, position + 4 + 4 * count, 4):
            table(data, _follow(data, item))

    return verify


_BYTES = _vector_of(1)
_INTS = _vector_of(4)
_LONGS = _vector_of(8)
_ANY = _Table({})  # the options of operators: one of a hundred kinds

# tensorflow/lite/schema/schema.fbs, version 3: the numbers are the order of the fields there.
_QUANTISATION = _Table({0: _INTS, 1: _INTS, 2: _INTS, 3: _LONGS, 5: _ANY})
_TENSOR = _Table({0: _INTS, 3: _BYTES, 4: _QUANTISATION, 6: _ANY, 7: _INTS})
_OPERATOR = _Table({1: _INTS, 2: _INTS, 4: _ANY, 5: _BYTES, 7: _BYTES, 8: _INTS, 12: _ANY})
_SUBGRAPH = _Table({0: _tables(_TENSOR), 1: _INTS, 2: _INTS, 3: _tables(_OPERATOR), 4: _BYTES})
_SIGNATURE = _Table({0: _tables(_Table({0: _BYTES})), 1: _tables(_Table({0: _BYTES})), 2: _BYTES})
_MODEL = _Table(
    {
        1: _tables(_Table({1: _BYTES})),  # operator codes
        2: _tables(_SUBGRAPH),
        3: _BYTES,  # description
        4: _tables(_Table({0: _BYTES})),  # buffers
        5: _INTS,
        6: _tables(_Table({0: _BYTES})),  # metadata
        7: _tables(_SIGNATURE),
    }
)


def _verify(data: bytes) -> None:
    _MODEL(data, _follow(data, 0))
