/**
 * wqlite for Android: a TensorFlow Lite delegate that runs INT8 1-D convolutions, with exactly the
 * bytes of the built-in kernels.
 *
 * <p>{@link org.wqlite.WqDelegate} is for {@code Interpreter}, {@link org.wqlite.WqDelegateFactory}
 * for {@code InterpreterApi}. No argument and no result of this package is ever null.
 */
package org.wqlite;
