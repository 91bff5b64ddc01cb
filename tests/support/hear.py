"""Prints what a model hears: `hear.py MODEL FEATURES.npy...`, one line of text each.

A program of its own, since TensorFlow Lite looks at RUY_PATHS only once.
"""

from __future__ import annotations

import sys

import numpy as np

from wqlite.models.ctc import greedy_decode
from wqlite.tools.evaluation.recognizer import open_recognizer

model, *files = sys.argv[1:]
recognizer = open_recognizer(model, use_delegate=True)
for file in files:
    print(greedy_decode(recognizer(np.load(file))))
