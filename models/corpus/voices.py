"""Who speaks in the synthetic corpus: espeak-ng's timbres, kept apart by split, in all accents."""

from __future__ import annotations

from itertools import product

from ..speech import ACCENTS

SPEAKERS = {
    split: tuple(names.split())
    for split, names in {
        "train": """m1 m2 m4 m5 m7 m8 Alex Andy Diogo Gustave Henrique Hugo Jacky Lee Mario Nguyen
            adam antonio benjamin boris ed iven john marcelo max michel miguel pedro quincy rob
            robert sandro travis f1 f3 f5 Alicia Andrea anika aunty belinda grandma linda steph""",
        "validation": "m6 Denis david pablo f4 Annie",
        "test": "m3 Marco edward norbert paul victor f2 shelby zac",
    }.items()
}
"""espeak-ng's voice variants, but for robots, whispers and those that sound like another one."""


def voices(split: str) -> tuple[str, ...]:
    """The voices of a split, a key of `SPEAKERS`, as espeak-ng names them: "en-gb+m1"."""
    return tuple(f"{accent}+{speaker}" for accent, speaker in product(ACCENTS, SPEAKERS[split]))
