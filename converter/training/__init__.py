"""Training of float models and of their quantised twins (see docs/training.md).

Example:
```python
Trainer(model, learning_rate=2e-3).fit(train, validation, epochs=12)              # float
student = rsq.quantize_model(model, rsq.RsqConfig())
Trainer(student, teacher=model, kl_weight=1.0, layer_weight=0.1).fit(train, validation, epochs=2)
```
"""

from .trainer import Trainer

__all__ = ["Trainer"]
