package org.wqlite;

/**
 * The delegate cannot run in this application or on this device: there is no library for the
 * processor, or no TensorFlow Lite that it works with. The message says which, and what to do. An
 * application can go on without the delegate; the answers are the same.
 */
public final class WqUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  WqUnavailableException(String message) {
    super(message);
  }

  WqUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
