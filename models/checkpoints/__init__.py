"""Small trained models that ship with the package; README.md beside says how they were made.

Example:
```python
recognizer = open_recognizer(checkpoints.path("narrow_conv_dfsmn_rsq.tflite"), use_delegate=True)
```
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
MODELS = ("narrow_wav2letter", "narrow_conv_dfsmn")
DIFFICULTY = "easy"
WORDS_OF_A_KIND = 6
"""What they were trained on, as `wqlite.models.corpus.synthesize` calls it."""


def path(name: str) -> Path:
    """The file of a checkpoint, such as "narrow_wav2letter_rsq.tflite".

    Raises:
        FileNotFoundError: there is none of this name; the message lists those that there are.
    """
    file = FOLDER / name
    if not file.is_file():
        raise FileNotFoundError(f"There is no checkpoint {name}; there are {', '.join(names())}.")
    return file


def names() -> list[str]:
    """The names of all checkpoints."""
    return sorted(file.name for file in FOLDER.iterdir() if file.suffix in (".keras", ".tflite"))
