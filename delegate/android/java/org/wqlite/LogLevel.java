package org.wqlite;

/** What the delegate writes to the log; {@link WqDelegate.Options#logLevel}. */
public enum LogLevel {
  /** Nothing. */
  SILENT,
  /** Errors. */
  ERROR,
  /** Errors and warnings. */
  WARNING,
  /** These, and a line for each layer. */
  INFO
}
