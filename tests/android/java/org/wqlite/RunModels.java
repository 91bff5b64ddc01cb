package org.wqlite;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.HashMap;
import java.util.Map;
import org.tensorflow.lite.Interpreter;

/**
 * Does in Java what tools/rig/android/run_models.c does with a folder of models, but for the logs:
 *
 * <pre>RunModels FOLDER NAME [KEY=VALUE]...</pre>
 *
 * All outputs of FOLDER/0.tflite for the input FOLDER/0.in go to FOLDER/NAME/0.out, and so on.
 */
final class RunModels {
  private RunModels() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Paths.get(arguments[0]);
    Path results = Files.createDirectory(folder.resolve(arguments[1]));
    WqDelegate.Options options = new WqDelegate.Options();
    for (int i = 2; i < arguments.length; ++i) {
      String[] option = arguments[i].split("=", 2);
      options.set(option[0], option[1]);
    }
    int count = 0;
    while (Files.exists(folder.resolve(count + ".tflite"))) {
      byte[] model = Files.readAllBytes(folder.resolve(count + ".tflite"));
      byte[] input = Files.readAllBytes(folder.resolve(count + ".in"));
      try (OutputStream output = Files.newOutputStream(results.resolve(count + ".out"))) {
        run(TestModel.direct(model), TestModel.direct(input), options, output);
      }
      ++count;
    }
    System.out.println(count);
  }

  private static void run(
      ByteBuffer model, ByteBuffer input, WqDelegate.Options options, OutputStream output)
      throws IOException {
    try (WqDelegate delegate = new WqDelegate(options);
        Interpreter interpreter =
            new Interpreter(model, TestModel.plain().setNumThreads(1).addDelegate(delegate))) {
      Map<Integer, Object> outputs = new HashMap<>();
      for (int i = 0; i < interpreter.getOutputTensorCount(); ++i) {
        outputs.put(i, TestModel.direct(new byte[interpreter.getOutputTensor(i).numBytes()]));
      }
      interpreter.runForMultipleInputsOutputs(new Object[] {input}, outputs);
      for (int i = 0; i < outputs.size(); ++i) {
        ByteBuffer made = (ByteBuffer) outputs.get(i);
        made.rewind();
        byte[] bytes = new byte[made.remaining()];
        made.get(bytes);
        output.write(bytes);
      }
    }
  }
}
