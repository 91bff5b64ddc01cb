package org.wqlite;

import org.jetbrains.annotations.NotNull;
import org.tensorflow.lite.Delegate;
import org.tensorflow.lite.DelegateFactory;
import org.tensorflow.lite.RuntimeFlavor;

/**
 * Makes delegates for {@code InterpreterApi}: a new one for each interpreter, which closes it with
 * itself.
 *
 * <pre>{@code
 * InterpreterApi.Options options =
 *     new InterpreterApi.Options()
 *         .setRuntime(TfLiteRuntime.FROM_APPLICATION_ONLY)
 *         .addDelegateFactory(new WqDelegateFactory());
 * }</pre>
 */
public final class WqDelegateFactory implements DelegateFactory {
  private final WqDelegate.Options options;

  /** A factory of delegates with the default options. */
  public WqDelegateFactory() {
    this(new WqDelegate.Options());
  }

  /**
   * A factory of delegates with options of its own.
   *
   * @param options copied here; a bad one is noticed when an interpreter is made
   */
  public WqDelegateFactory(@NotNull WqDelegate.Options options) {
    this.options = new WqDelegate.Options(options);
  }

  /**
   * Makes a delegate; interpreters call it.
   *
   * @throws WqUnavailableException as {@link WqDelegate#WqDelegate(WqDelegate.Options)}, and for
   *     TensorFlow Lite of Google Play services
   * @throws IllegalArgumentException where the library refuses an option
   */
  @Override
  public @NotNull Delegate create(@NotNull RuntimeFlavor runtimeFlavor) {
    if (runtimeFlavor != RuntimeFlavor.APPLICATION) {
      throw new WqUnavailableException(
          "wqlite: TensorFlow Lite of Google Play services takes no delegate of an application;"
              + " give InterpreterApi.Options setRuntime(TfLiteRuntime.FROM_APPLICATION_ONLY)");
    }
    return new WqDelegate(options);
  }
}
