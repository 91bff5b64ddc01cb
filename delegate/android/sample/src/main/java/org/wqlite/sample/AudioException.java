package org.wqlite.sample;

import java.io.IOException;

/** Sound that cannot be used; the message is one sentence for the user. */
public final class AudioException extends IOException {
  private static final long serialVersionUID = 1L;

  /** An error with a sentence for the user. */
  public AudioException(String message) {
    super(message);
  }
}
