"""Speech models made of 1-D convolutions, and what surrounds them: audio, features, text.

- `wqlite.models.wav2letter`: the Keras models (needs `pip install wqlite[convert]`)
- `wqlite.models.audio`, `.features`: sound files to MFCC windows (needs `wqlite[audio]`)
- `wqlite.models.speech`: synthetic speech for demos and tests (needs espeak-ng)
- `wqlite.models.ctc`: logits to text

Each is imported by its own name, so that no user pays for, or needs, what they do not use.
"""
