package org.wqlite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertLinesMatch;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.lite.Interpreter;
import org.tensorflow.lite.InterpreterApi;
import org.tensorflow.lite.InterpreterApi.Options.TfLiteRuntime;
import org.tensorflow.lite.RuntimeFlavor;

/** Interpreters with a delegate give the bytes of the built-in kernels. */
class InterpreterTest {
  private static final int THREADS = 4;
  private static final WqDelegate.Options STRICT = new WqDelegate.Options().strict(true);

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void withAndWithoutXnnpack(boolean xnnpack) {
    try (WqDelegate delegate = new WqDelegate(STRICT);
        Interpreter interpreter =
            TestModel.CHAIN.interpreter(
                new Interpreter.Options().setUseXNNPACK(xnnpack).addDelegate(delegate))) {
      for (long seed = 0; seed < 5; ++seed) {
        assertArrayEquals(TestModel.CHAIN.expected(seed), TestModel.run(interpreter, seed));
      }
      assertEquals(3, delegate.plan().split("\n").length, delegate.plan());
    }
  }

  @Test
  void planIsThatOfOpenInterpreters() {
    try (WqDelegate delegate = new WqDelegate()) {
      assertEquals("", delegate.plan());
      Interpreter interpreter =
          TestModel.CHAIN.interpreter(TestModel.plain().addDelegate(delegate));
      assertLinesMatch(
          List.of(
              "node 1 '\u00e9\ud83d\ude00': .*", "node 3 'conv\\?': .*", "override=1=.*\\+3=.*"),
          List.of(delegate.plan().split("\n")));
      interpreter.close();
      assertEquals("", delegate.plan());
    }
  }

  @Test
  void planIsAnOption() {
    WqDelegate.Options direct =
        new WqDelegate.Options().override("1=direct+3=winograd_s16/F(2,2)xF(3,3)/1");
    String plan = planOf(direct);
    String override = plan.substring(plan.indexOf("override=") + "override=".length()).trim();
    assertEquals(plan, planOf(new WqDelegate.Options().override(override)));
    assertTrue(override.startsWith("1=direct+3="), override);
  }

  private static String planOf(WqDelegate.Options options) {
    try (WqDelegate delegate = new WqDelegate(options);
        Interpreter interpreter =
            TestModel.CHAIN.interpreter(TestModel.plain().addDelegate(delegate))) {
      TestModel.run(interpreter, 0);
      return delegate.plan();
    }
  }

  @Test
  void resizedInput() {
    try (WqDelegate delegate = new WqDelegate(STRICT);
        Interpreter interpreter =
            TestModel.CHAIN.interpreter(TestModel.plain().addDelegate(delegate))) {
      for (int steps : new int[] {1, 50, 9, 50}) {
        TestModel.resize(interpreter, steps);
        assertArrayEquals(
            TestModel.CHAIN.expected(steps, steps), TestModel.run(interpreter, steps));
      }
    }
  }

  @Test
  void floatModelIsLeftToTensorFlowLite() {
    try (WqDelegate delegate = new WqDelegate();
        Interpreter interpreter =
            TestModel.FLOAT.interpreter(TestModel.plain().addDelegate(delegate))) {
      assertArrayEquals(TestModel.FLOAT.expected(3), TestModel.run(interpreter, 3));
      assertEquals("", delegate.plan());
    }
  }

  @Test
  void strictRefusesAFloatModel() {
    try (WqDelegate delegate = new WqDelegate(STRICT)) {
      Interpreter.Options options = TestModel.plain().addDelegate(delegate);
      Exception refused =
          assertThrows(IllegalArgumentException.class, () -> TestModel.FLOAT.interpreter(options));
      assertTrue(
          refused.getMessage().contains("strict: took 0 of 1 Conv1D layers"), refused.getMessage());
    }
  }

  /** Each thread makes interpreters, resizes and runs them, and asks for plans meanwhile. */
  private static void runInThreads(Supplier<WqDelegate> delegates) throws Exception {
    int[] sizes = {16, 31};
    byte[][] expected = {TestModel.CHAIN.expected(16, 0), TestModel.CHAIN.expected(31, 0)};
    Callable<Void> work =
        () -> {
          for (int i = 0; i < 10; ++i) {
            WqDelegate delegate = delegates.get();
            Interpreter.Options options = TestModel.plain().addDelegate(delegate);
            try (Interpreter interpreter = TestModel.CHAIN.interpreter(options)) {
              for (int size = 0; size < sizes.length; ++size) {
                TestModel.resize(interpreter, sizes[size]);
                assertTrue(delegate.plan().contains("override=1="), delegate.plan());
                assertArrayEquals(expected[size], TestModel.run(interpreter, 0));
              }
            }
          }
          return null;
        };
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<Void>> done = new ArrayList<>();
      for (int i = 0; i < THREADS; ++i) {
        done.add(threads.submit(work));
      }
      for (Future<Void> one : done) {
        one.get();
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void manyInterpretersShareADelegate() throws Exception {
    try (WqDelegate delegate = new WqDelegate(STRICT)) {
      runInThreads(() -> delegate);
    }
  }

  @Test
  void manyInterpretersWithADelegateEach() throws Exception {
    runInThreads(() -> new WqDelegate(STRICT));
  }

  @Test
  void factoryForInterpreterApi() {
    InterpreterApi.Options options =
        new InterpreterApi.Options()
            .setRuntime(TfLiteRuntime.FROM_APPLICATION_ONLY)
            .addDelegateFactory(new WqDelegateFactory(STRICT));
    for (long seed = 0; seed < 2; ++seed) {
      try (InterpreterApi interpreter = InterpreterApi.create(TestModel.CHAIN.content(), options)) {
        assertArrayEquals(TestModel.CHAIN.expected(seed), TestModel.run(interpreter, seed));
      }
    }
  }

  @Test
  void factoryRefusesBadOptions() {
    InterpreterApi.Options options =
        new InterpreterApi.Options()
            .addDelegateFactory(new WqDelegateFactory(new WqDelegate.Options().tile("F")));
    Exception refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> InterpreterApi.create(TestModel.CHAIN.content(), options));
    assertTrue(refused.getMessage().startsWith("option tile: 'F'"), refused.getMessage());
  }

  @Test
  void factoryWhereTheApplicationsRuntimeIsFound() {
    InterpreterApi.Options options =
        new InterpreterApi.Options()
            .setRuntime(TfLiteRuntime.PREFER_SYSTEM_OVER_APPLICATION)
            .addDelegateFactory(new WqDelegateFactory(STRICT));
    try (InterpreterApi interpreter = InterpreterApi.create(TestModel.CHAIN.content(), options)) {
      assertArrayEquals(TestModel.CHAIN.expected(0), TestModel.run(interpreter, 0));
    }
  }

  @Test
  void delegateForTheWrongRuntimeIsRefusedByTensorFlowLite() {
    try (WqDelegate delegate = new WqDelegate()) {
      InterpreterApi.Options options =
          new InterpreterApi.Options()
              .setRuntime(TfLiteRuntime.PREFER_SYSTEM_OVER_APPLICATION)
              .addDelegate(delegate);
      Exception refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> InterpreterApi.create(TestModel.CHAIN.content(), options));
      assertTrue(refused.getMessage().contains("Google Play Services"), refused.getMessage());
    }
  }

  @Test
  void factoryRefusesGooglePlayServices() {
    Exception refused =
        assertThrows(
            WqUnavailableException.class,
            () -> new WqDelegateFactory().create(RuntimeFlavor.SYSTEM));
    assertEquals(
        "wqlite: TensorFlow Lite of Google Play services takes no delegate of an application; give"
            + " InterpreterApi.Options setRuntime(TfLiteRuntime.FROM_APPLICATION_ONLY)",
        refused.getMessage());
  }
}
