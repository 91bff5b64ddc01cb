"""Speech models made of 1-D convolutions, and what surrounds them: audio, features, text.

- `wqlite.models.wav2letter`, `.conv_dfsmn`: the Keras models (needs `pip install wqlite[convert]`)
- `wqlite.models.checkpoints`: small trained models
- `wqlite.models.audio`, `.features`: sound files to MFCC windows (needs `wqlite[audio]`)
- `wqlite.models.speech`: synthetic speech for demos and tests (needs espeak-ng)
- `wqlite.models.ctc`, `.beam_search`: logits to text
- `wqlite.models.shape`: what they all have in common
- `wqlite.models.corpus`: corpora of speech, read or made, and training data from them

Each is imported by its own name, so that no user pays for, or needs, what they do not use.
"""
