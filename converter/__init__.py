"""Keras model -> full-integer INT8 `.tflite`.

Example:
```python
from wqlite.converter import convert

result = convert("model.keras", output="model.tflite", calibration_data="samples.npz")
print(result.snr_db, result.operators)
```

Importing this package does not import TensorFlow; calling `convert` does (`pip install
wqlite[convert]`). The steps, one module each, in the order in which `pipeline` takes them:
`load`, `calibrate`, `freeze`, `rewrite`, `quantize`, `verify`, `report`. The package `rsq` makes
models for int8 Winograd kernels, `training` trains models.
"""

from .errors import ConversionError, ConversionWarning
from .pipeline import convert
from .report import ConversionResult

__all__ = ["ConversionError", "ConversionResult", "ConversionWarning", "convert"]
