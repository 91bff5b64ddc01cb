package org.wqlite.sample;

import org.tensorflow.lite.Tensor;

/** Real numbers as the int8 ends of a model have them: value = scale * (integer - zero point). */
final class Quantization {
  private final float scale;
  private final int zeroPoint;

  Quantization(float scale, int zeroPoint) {
    this.scale = scale;
    this.zeroPoint = zeroPoint;
  }

  /** That of a tensor. */
  static Quantization of(Tensor tensor) {
    Tensor.QuantizationParams parameters = tensor.quantizationParams();
    return new Quantization(parameters.getScale(), parameters.getZeroPoint());
  }

  /** The integers: rounded to the nearest, ties to even, and saturated. */
  byte[] quantize(float[] values) {
    byte[] quantized = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      double rounded = Math.rint(values[i] / scale) + zeroPoint;
      quantized[i] = (byte) Math.max(Byte.MIN_VALUE, Math.min(Byte.MAX_VALUE, rounded));
    }
    return quantized;
  }
}
