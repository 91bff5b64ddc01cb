package org.wqlite;

/**
 * How sums are scaled down to int8; {@link WqDelegate.Options#rounding} and {@link
 * WqDelegate.Options#roundingOneStep}.
 */
public enum Rounding {
  /** As the interpreter's own kernel does it. */
  AUTO,
  /** Twice: ties up in the multiplication, and up again in the shift. */
  DOUBLE_UP,
  /** Twice: ties up in the multiplication, and away from zero in the shift. */
  DOUBLE_AWAY,
  /** Once: ties up. */
  SINGLE
}
