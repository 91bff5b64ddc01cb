package org.wqlite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.lite.Interpreter;

/** Closing delegates, in any order, and not closing them. */
class LifetimeTest {
  private static final long SEED = 7;

  /** What no interpreter has had is freed at once, everything else by the garbage collector. */
  @BeforeEach
  @AfterEach
  void nothingIsLeft() throws InterruptedException {
    for (int i = 0; NativeHandle.count() > 0 && i < 100; ++i) {
      System.gc();
      Thread.sleep(10);
      NativeHandle.destroyUnreachable();
    }
    assertEquals(0, NativeHandle.count());
  }

  @Test
  void closedTwice() {
    WqDelegate delegate = new WqDelegate();
    assertNotEquals(0, delegate.getNativeHandle());
    delegate.close();
    delegate.close();
  }

  @Test
  void usedAfterClose() {
    WqDelegate delegate = new WqDelegate();
    delegate.close();
    String sentence = "wqlite: this WqDelegate is closed; make a new one";
    Exception refused = assertThrows(IllegalStateException.class, delegate::getNativeHandle);
    assertEquals(sentence, refused.getMessage());
    refused = assertThrows(IllegalStateException.class, delegate::plan);
    assertEquals(sentence, refused.getMessage());
    Interpreter.Options options = TestModel.plain().addDelegate(delegate);
    refused = assertThrows(IllegalStateException.class, () -> TestModel.CHAIN.interpreter(options));
    assertEquals(sentence, refused.getMessage());
  }

  private static void createAndClose(int times) {
    for (int i = 0; i < times; ++i) {
      new WqDelegate(new WqDelegate.Options().override("1=direct+3=direct")).close();
    }
  }

  @Test
  void closingFreesAtOnce() {
    createAndClose(1_000);
    assertEquals(0, NativeHandle.count());
  }

  /**
   * TensorFlow Lite reads the delegate again when it allocates: with XNNPACK it then takes the
   * whole graph back and asks all delegates anew.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void closedWhileAnInterpreterLives(boolean xnnpack) {
    WqDelegate delegate = new WqDelegate(new WqDelegate.Options().strict(true));
    Interpreter.Options options = new Interpreter.Options().setUseXNNPACK(xnnpack);
    try (Interpreter interpreter = TestModel.CHAIN.interpreter(options.addDelegate(delegate))) {
      delegate.close();
      delegate = null;
      options = null;
      for (int steps = 20; steps < 30; ++steps) {
        System.gc();
        createAndClose(100); // would take the memory, if it were free
        TestModel.resize(interpreter, steps);
        assertArrayEquals(TestModel.CHAIN.expected(steps, SEED), TestModel.run(interpreter, SEED));
      }
      assertEquals(1, NativeHandle.count());
    }
  }

  @Test
  void nothingIsClosed() throws InterruptedException {
    byte[] expected = TestModel.CHAIN.expected(SEED);
    for (int i = 0; i < 200; ++i) {
      Interpreter.Options options = TestModel.plain().addDelegate(new WqDelegate());
      Interpreter interpreter = TestModel.CHAIN.interpreter(options);
      assertArrayEquals(expected, TestModel.run(interpreter, SEED));
      if (i % 20 == 0) {
        System.gc();
        Thread.sleep(10);
      }
    }
    assertTrue(NativeHandle.count() < 200, "none was freed before the last was made");
  }

  @Test
  void closedByManyThreads() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (int i = 0; i < 200; ++i) {
        WqDelegate delegate = new WqDelegate();
        Future<?> first = threads.submit(delegate::close);
        Future<?> second = threads.submit(delegate::close);
        try {
          assertNotEquals(0, delegate.getNativeHandle());
        } catch (IllegalStateException closed) {
          assertEquals("wqlite: this WqDelegate is closed; make a new one", closed.getMessage());
        }
        first.get();
        second.get();
      }
    } finally {
      threads.shutdown();
    }
  }
}
