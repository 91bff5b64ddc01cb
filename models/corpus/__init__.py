"""Speech corpora: reading them, making them, and training data from them.

Example:
```python
from wqlite.models.corpus import open_corpus
from wqlite.models.corpus.dataset import SpecAugment, make_dataset  # needs TensorFlow

train = make_dataset(
    open_corpus("corpus/train.jsonl"), batch_size=32, shuffle=True, augment=SpecAugment()
)
```

- `readers`: manifests and LibriSpeech folders (`open_corpus`)
- `utterances`: features and labels of what can be used, and the list of what cannot
- `feature_cache`: features are computed once
- `dataset`: `tf.data` for training, with `spec_augment`; the only modules that need TensorFlow
- `synthesis`, with `grammar`, `voices` and `acoustics`: the maker behind `wq_corpus`
"""

from .errors import CorpusError, CorpusWarning
from .readers import Example, open_corpus, read_librispeech, read_manifest, write_manifest
from .synthesis import synthesize
from .utterances import Utterances, load_utterances

__all__ = [
    "CorpusError",
    "CorpusWarning",
    "Example",
    "Utterances",
    "load_utterances",
    "open_corpus",
    "read_librispeech",
    "read_manifest",
    "synthesize",
    "write_manifest",
]
