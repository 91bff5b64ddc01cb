package org.wqlite.sample;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tensorflow.lite.DataType;
import org.tensorflow.lite.Interpreter;
import org.tensorflow.lite.Tensor;
import org.wqlite.WqDelegate;

/**
 * An INT8 model from the features of speech to logits, run by TensorFlow Lite with or without
 * wqlite's kernels.
 *
 * <pre>{@code
 * try (Recognizer recognizer = new Recognizer(model, true)) {
 *   System.out.println(recognizer.recognize(WavFile.read(stream)).text);
 * }
 * }</pre>
 *
 * <p>Not for several threads at once.
 */
public final class Recognizer implements AutoCloseable {
  private static final int TIMED = 3;

  private final Features features = new Features();
  private final WqDelegate delegate;
  private final Interpreter interpreter;
  private final Quantization quantization;
  private final Windows windows;
  private final ByteBuffer input;
  private final ByteBuffer output;

  /**
   * Loads a model.
   *
   * @param model a .tflite file in a direct or a mapped buffer, int8 from [1, frames, 39] to [1,
   *     frames, 29]
   * @param useDelegate whether wqlite's kernels run it
   * @throws IllegalArgumentException another model
   * @throws RuntimeException the delegate cannot be used
   */
  public Recognizer(ByteBuffer model, boolean useDelegate) {
    delegate = useDelegate ? new WqDelegate() : null;
    try {
      // Without XNNPACK what is left are TFLite's built-in kernels: those that the delegate equals.
      Interpreter.Options options = new Interpreter.Options().setNumThreads(1).setUseXNNPACK(false);
      if (useDelegate) {
        options.addDelegate(delegate);
      }
      interpreter = new Interpreter(model, options);
    } catch (RuntimeException error) {
      closeDelegate();
      throw error;
    }
    Tensor source = interpreter.getInputTensor(0);
    Tensor target = interpreter.getOutputTensor(0);
    if (!is(source, Features.FEATURES) || !is(target, Ctc.LABELS)) {
      close();
      throw new IllegalArgumentException(
          "The model must go from int8 features [1, frames, 39] to int8 logits [1, frames, 29].");
    }
    quantization = Quantization.of(source);
    int frames = source.shape()[1];
    int outputs = target.shape()[1];
    windows = new Windows(frames, (frames + outputs - 1) / outputs);
    input = ByteBuffer.allocateDirect(source.numBytes());
    output = ByteBuffer.allocateDirect(target.numBytes());
  }

  /**
   * What is said.
   *
   * @param audio samples within -1 to 1, 16,000 a second
   */
  public Recognition recognize(float[] audio) {
    float[][] frames = features.extract(audio);
    List<Integer> starts = windows.starts(frames.length);
    List<byte[][]> logits = new ArrayList<>();
    for (int start : starts) {
      logits.add(infer(frames, start));
    }
    return new Recognition(
        Ctc.decode(windows.join(logits, starts, frames.length)),
        medianMilliseconds(),
        delegate == null ? "" : delegate.plan());
  }

  /** Frees the model, and then the delegate, which it needs to the last. */
  @Override
  public void close() {
    interpreter.close();
    closeDelegate();
  }

  private void closeDelegate() {
    if (delegate != null) {
      delegate.close();
    }
  }

  private static boolean is(Tensor tensor, int columns) {
    int[] shape = tensor.shape();
    return tensor.dataType() == DataType.INT8
        && shape.length == 3
        && shape[0] == 1
        && shape[2] == columns;
  }

  /** Again with the input that is there, now that the caches are warm. */
  private double medianMilliseconds() {
    long[] nanoseconds = new long[TIMED];
    for (int i = 0; i < TIMED; i++) {
      input.rewind();
      output.clear();
      interpreter.run(input, output);
      nanoseconds[i] = interpreter.getLastNativeInferenceDurationNanoseconds();
    }
    Arrays.sort(nanoseconds);
    return nanoseconds[TIMED / 2] / 1e6;
  }

  /** The logits of one window; after the last frame it is filled up with zeros. */
  private byte[][] infer(float[][] frames, int start) {
    input.clear();
    while (input.hasRemaining()) {
      int frame = start + input.position() / Features.FEATURES;
      float[] values = frame < frames.length ? frames[frame] : new float[Features.FEATURES];
      input.put(quantization.quantize(values));
    }
    input.rewind();
    output.clear();
    interpreter.run(input, output);
    output.rewind();
    byte[][] logits = new byte[output.capacity() / Ctc.LABELS][Ctc.LABELS];
    for (byte[] frame : logits) {
      output.get(frame);
    }
    return logits;
  }
}
