package org.wqlite.sample;

import static org.junit.Assert.assertArrayEquals;

import org.junit.Test;

public final class QuantizationTest {
  @Test
  public void roundsTiesToEvenAndSaturates() {
    byte[] quantized =
        new Quantization(0.5f, 3).quantize(new float[] {0f, 0.25f, 0.75f, -0.25f, 1e9f, -1e9f});
    assertArrayEquals(new byte[] {3, 3, 5, 3, 127, -128}, quantized);
  }
}
