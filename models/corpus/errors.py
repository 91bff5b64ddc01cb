"""The one error and the one warning that users of a corpus meet."""


class CorpusError(ValueError):
    """A corpus that cannot be read or made; the message is for the user."""


class CorpusWarning(UserWarning):
    """A corpus that was read, but not all of it."""
