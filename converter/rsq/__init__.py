"""RSQ: models for int8 Winograd kernels (see docs/rsq.md).

Example:
```python
from wqlite.converter import convert, rsq
from wqlite.converter.training import Trainer

student = rsq.quantize_model(float_model, rsq.RsqConfig())
rsq.calibrate(student, batches)          # post-training quantisation
Trainer(student, teacher=float_model).fit(train, validation, epochs=2)
student.save("student.keras")
convert("student.keras", output="student.tflite")
```

Importing this package makes its layers known to Keras, so that saved models load by themselves.
"""

from .calibrate import calibrate
from .config import RsqConfig
from .quantize_model import is_quantized, quantize_model

__all__ = ["RsqConfig", "calibrate", "is_quantized", "quantize_model"]
