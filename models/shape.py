"""The shape of the models here: windows of features, [batch, frames, features].

(Their other end, the letters, is in `ctc`.)
"""

COEFFICIENTS = 13
"""MFCC of a frame."""

FEATURES = 3 * COEFFICIENTS
"""Numbers of a frame: the MFCC, their first and their second differences."""

WINDOW_FRAMES = 296
"""Frames of a window."""
