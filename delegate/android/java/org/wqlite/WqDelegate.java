package org.wqlite;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jetbrains.annotations.NotNull;
import org.tensorflow.lite.Delegate;

/**
 * Runs the INT8 1-D convolutions of a model faster, with exactly the bytes of TensorFlow Lite's
 * built-in kernels, and leaves everything else to TensorFlow Lite.
 *
 * <pre>{@code
 * try (WqDelegate delegate = new WqDelegate();
 *     Interpreter interpreter = new Interpreter(model, new Interpreter.Options().addDelegate(delegate))) {
 *   interpreter.run(input, output);
 * }
 * }</pre>
 *
 * <p>All methods may be called from any thread. Several interpreters, in several threads, may share
 * a delegate. Closing it is safe at any time: interpreters that have it go on, and what they need
 * of it is freed after them.
 */
public final class WqDelegate implements Delegate, AutoCloseable {
  private final NativeHandle handle;
  private boolean lent;
  private boolean closed;

  /**
   * A delegate with the default options.
   *
   * @throws WqUnavailableException as {@link #WqDelegate(Options)}
   */
  public WqDelegate() {
    this(new Options());
  }

  /**
   * A delegate with options of its own.
   *
   * @param options read here; later changes do not matter
   * @throws WqUnavailableException where the library cannot be loaded, or the application has no
   *     TensorFlow Lite of at least version 2.14
   * @throws IllegalArgumentException where the library refuses an option, with a sentence that says
   *     what is permitted
   */
  public WqDelegate(@NotNull Options options) {
    Requirements.check();
    handle = NativeHandle.create(this, options.names(), options.texts());
  }

  /**
   * Whether a delegate can be made here: there are the library for this processor and a TensorFlow
   * Lite that it works with.
   *
   * @return false where {@link #WqDelegate()} throws {@link WqUnavailableException}
   */
  public static boolean isSupported() {
    try {
      Requirements.check();
      return true;
    } catch (WqUnavailableException unavailable) {
      return false;
    }
  }

  /**
   * For TensorFlow Lite: the address of its {@code TfLiteDelegate}.
   *
   * @return the address, which stays valid for as long as this object can be reached
   * @throws IllegalStateException after {@link #close}
   */
  @Override
  public synchronized long getNativeHandle() {
    checkOpen();
    lent = true;
    return handle.address();
  }

  /**
   * How the layers run that the delegate took: for each graph that an open interpreter has, a line
   * {@code node 1 'conv': ... kernel=...} for each layer, and one line {@code override=...}, which
   * given to {@link Options#override} makes the same plan again.
   *
   * @return the lines; empty where no interpreter has the delegate, or it took no layer
   * @throws IllegalStateException after {@link #close}
   */
  public synchronized @NotNull String plan() {
    checkOpen();
    return new String(NativeDelegate.plan(handle.address()), StandardCharsets.UTF_8);
  }

  /**
   * Gives the delegate back; no new interpreter can take it then. Where an interpreter may have it,
   * what that needs is freed when the garbage collector finds that none has it any more. The second
   * time it does nothing.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (!lent) {
      handle.destroy();
    }
    NativeHandle.destroyUnreachable();
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("wqlite: this WqDelegate is closed; make a new one");
    }
  }

  /**
   * Options of a delegate. What is not set has the library's default. The library looks at them
   * when a delegate is made.
   */
  public static final class Options {
    /** The library's budget is in bytes: six decimals of a MiB say it. */
    private static final int DECIMALS = 6;

    /** More than the library reads, which is more than a device has. */
    private static final double MOST_MIB = 4294967295.0;

    private final Map<String, String> values = new LinkedHashMap<>();

    /** The defaults. */
    public Options() {}

    /**
     * A copy.
     *
     * @param options what to copy
     */
    public Options(@NotNull Options options) {
      values.putAll(options.values);
    }

    /**
     * Threads that share out each layer. Default: as many as the interpreter has.
     *
     * @param threads 1 to 64
     * @return this
     */
    public @NotNull Options numThreads(int threads) {
      return set("num_threads", String.valueOf(threads));
    }

    /**
     * The kernel of every layer, where it is possible. Default: the cheapest by the planner.
     *
     * @param algorithm the kernel
     * @return this
     */
    public @NotNull Options algorithm(@NotNull Algorithm algorithm) {
      return set("algorithm", algorithm);
    }

    /**
     * The Winograd tile of every layer, where it is possible. Default: the planner's.
     *
     * @param tile a name such as {@code F(4,4)} or {@code F(2,2)xF(4,4)}, or {@code auto}
     * @return this
     */
    public @NotNull Options tile(@NotNull String tile) {
      return set("tile", tile);
    }

    /**
     * NEON pipes of the core to plan for. Default: this processor's.
     *
     * @param core the core
     * @return this
     */
    public @NotNull Options core(@NotNull Core core) {
      return set("core", core);
    }

    /**
     * How sums are scaled down to int8. Default: as the interpreter's own kernel does it. A rule
     * that is not the interpreter's changes answers.
     *
     * @param rounding the rule
     * @return this
     */
    public @NotNull Options rounding(@NotNull Rounding rounding) {
      return set("rounding", rounding);
    }

    /**
     * The same as {@link #rounding} for layers of one output step.
     *
     * @param rounding the rule
     * @return this
     */
    public @NotNull Options roundingOneStep(@NotNull Rounding rounding) {
      return set("rounding_one_step", rounding);
    }

    /**
     * How much of each layer is compared with TensorFlow Lite's own kernel when it is built. A
     * layer that differs is left to that. Default: {@link Verification#QUICK}.
     *
     * @param verification how much
     * @return this
     */
    public @NotNull Options verify(@NotNull Verification verification) {
      return set("verify", verification);
    }

    /**
     * Kernels of single layers, as the log has them with {@link LogLevel#INFO}. Default: none.
     *
     * @param overrides {@code NODE=KERNEL[/TILE[/WEIGHTS]]}, several joined by {@code +}
     * @return this
     */
    public @NotNull Options override(@NotNull String overrides) {
      return set("override", overrides);
    }

    /**
     * What is written to the log (logcat, with the tag {@code wqlite}). Default: {@link
     * LogLevel#WARNING}.
     *
     * @param level the least level that is written
     * @return this
     */
    public @NotNull Options logLevel(@NotNull LogLevel level) {
      return set("log_level", level);
    }

    /**
     * Memory that weights transformed ahead may take in a model. Default: 1.4 times the model's
     * INT8 weights.
     *
     * @param megabytes MiB, at least 0
     * @return this
     */
    public @NotNull Options memoryBudgetMb(double megabytes) {
      return set("memory_budget_mb", decimal(megabytes));
    }

    /**
     * Whether an interpreter cannot be made where a 1-D convolution is left to TensorFlow Lite or
     * an option cannot be met. Default: false.
     *
     * @param strict whether that is an error
     * @return this
     */
    public @NotNull Options strict(boolean strict) {
      return set("strict", String.valueOf(strict));
    }

    /**
     * Any option by its name in the library, such as one that a newer library has. The name {@code
     * help} is refused with a list of all.
     *
     * @param name the option, such as {@code num_threads}
     * @param value its value as text, such as {@code auto}
     * @return this
     */
    public @NotNull Options set(@NotNull String name, @NotNull String value) {
      if (name == null || value == null) {
        throw new NullPointerException(
            "wqlite: option "
                + name
                + ": null is not permitted; an option that is not set has its default");
      }
      values.put(name, value);
      return this;
    }

    private Options set(String name, Enum<?> value) {
      return set(name, value == null ? null : value.name().toLowerCase(Locale.ROOT));
    }

    private static String decimal(double number) {
      if (!(number >= 0) || Double.isInfinite(number)) {
        return String.valueOf(number); // for the library to refuse
      }
      return BigDecimal.valueOf(Math.min(number, MOST_MIB))
          .setScale(DECIMALS, RoundingMode.HALF_EVEN)
          .stripTrailingZeros()
          .toPlainString();
    }

    String[] names() {
      return values.keySet().toArray(new String[0]);
    }

    String[] texts() {
      return values.values().toArray(new String[0]);
    }
  }
}
