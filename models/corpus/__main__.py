"""`python -m wqlite.models.corpus` is `wq_corpus`."""

from .command import run

run()
