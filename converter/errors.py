"""The one error and the one warning that users of the converter meet."""

import re

_COLOURS = re.compile(r"\x1b\[\d+m")
_KERAS_PREAMBLE = re.compile(r"^Exception encountered when calling .*\n")


class ConversionError(Exception):
    """A conversion that cannot be done; the message is one sentence for the user."""


class ConversionWarning(UserWarning):
    """A conversion that was done, but deserves a second look."""


def first_sentence(error: BaseException) -> str:
    """What a library's long message says first, without its full stop.

    Keras wraps the cause into "Exception encountered" and colours it; TensorFlow appends the node.
    """
    text = _COLOURS.sub("", str(error)).rsplit("Exception encountered: ", 1)[-1]
    text = _KERAS_PREAMBLE.sub("", text).strip() or type(error).__name__
    return re.split(r"\. |\n| for '\{\{", text)[0].rstrip(" .:")
