package org.wqlite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Random;
import org.tensorflow.lite.DataType;
import org.tensorflow.lite.Interpreter;
import org.tensorflow.lite.InterpreterApi;

/** The models that test_java.py makes, and running them. */
final class TestModel {
  /** A padding, which XNNPACK takes, and convolutions with tables, which the delegate takes. */
  static final TestModel CHAIN = new TestModel("chain");

  /** A convolution in float, which the delegate leaves. */
  static final TestModel FLOAT = new TestModel("float");

  private final String name;

  private TestModel(String name) {
    this.name = name;
  }

  /** A file of test_java.py. */
  static Path file(String name) {
    return Paths.get(System.getProperty("wqlite.tests"), name);
  }

  static ByteBuffer direct(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.nativeOrder());
    buffer.put(bytes).rewind();
    return buffer;
  }

  ByteBuffer content() {
    try {
      return direct(Files.readAllBytes(file(name + ".tflite")));
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  /** With TensorFlow Lite's built-in kernels only, as far as `options` adds nothing. */
  static Interpreter.Options plain() {
    return new Interpreter.Options().setUseXNNPACK(false);
  }

  Interpreter interpreter(Interpreter.Options options) {
    return new Interpreter(content(), options);
  }

  /** What the built-in kernels make of the input with this seed, of `steps` time steps. */
  byte[] expected(int steps, long seed) {
    try (Interpreter interpreter = interpreter(plain())) {
      resize(interpreter, steps);
      return run(interpreter, seed);
    }
  }

  byte[] expected(long seed) {
    try (Interpreter interpreter = interpreter(plain())) {
      return run(interpreter, seed);
    }
  }

  static void resize(InterpreterApi interpreter, int steps) {
    int[] shape = interpreter.getInputTensor(0).shape().clone();
    shape[2] = steps;
    interpreter.resizeInput(0, shape);
    interpreter.allocateTensors();
  }

  /** Runs random bytes; the floats among them are small numbers. */
  static byte[] run(InterpreterApi interpreter, long seed) {
    byte[] input = new byte[interpreter.getInputTensor(0).numBytes()];
    Random random = new Random(seed);
    random.nextBytes(input);
    ByteBuffer source = direct(input);
    if (interpreter.getInputTensor(0).dataType() == DataType.FLOAT32) {
      while (source.hasRemaining()) {
        source.putFloat(random.nextFloat());
      }
      source.rewind();
    }
    return run(interpreter, source);
  }

  static byte[] run(InterpreterApi interpreter, ByteBuffer input) {
    byte[] output = new byte[interpreter.getOutputTensor(0).numBytes()];
    ByteBuffer target = direct(output);
    interpreter.run(input, target);
    target.rewind();
    target.get(output);
    return output;
  }
}
