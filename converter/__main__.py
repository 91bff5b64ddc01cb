"""`python -m wqlite.converter` is `wq_convert`."""

from .main import run

run()
