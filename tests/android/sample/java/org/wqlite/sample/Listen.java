package org.wqlite.sample;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import org.tensorflow.lite.Interpreter;

/**
 * The sample's core from the command line, for test_core.py to compare with Python.
 *
 * <p>{@code Listen MODEL A.wav...} writes beside each file the float32 features (A.features) and
 * what the model's input gets (A.int8), and prints a line with what the model hears, with the
 * delegate.
 */
public final class Listen {
  private Listen() {}

  public static void main(String[] arguments) throws IOException {
    ByteBuffer model = map(Paths.get(arguments[0]));
    Quantization quantization;
    try (Interpreter interpreter = new Interpreter(model)) {
      quantization = Quantization.of(interpreter.getInputTensor(0));
    }
    try (Recognizer recognizer = new Recognizer(model, true)) {
      for (int i = 1; i < arguments.length; i++) {
        float[] audio;
        try (InputStream stream = Files.newInputStream(Paths.get(arguments[i]))) {
          audio = WavFile.read(stream);
        }
        write(arguments[i].replace(".wav", ""), new Features().extract(audio), quantization);
        System.out.println(recognizer.recognize(audio).text);
      }
    }
  }

  private static ByteBuffer map(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
    }
  }

  private static void write(String name, float[][] features, Quantization quantization)
      throws IOException {
    int count = features.length * Features.FEATURES;
    ByteBuffer real = ByteBuffer.allocate(Float.BYTES * count).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer integer = ByteBuffer.allocate(count);
    for (float[] frame : features) {
      for (float value : frame) {
        real.putFloat(value);
      }
      integer.put(quantization.quantize(frame));
    }
    Files.write(Paths.get(name + ".features"), real.array());
    Files.write(Paths.get(name + ".int8"), integer.array());
  }
}
