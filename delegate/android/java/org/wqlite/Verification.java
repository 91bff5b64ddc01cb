package org.wqlite;

/**
 * What of a layer is compared with TensorFlow Lite's own kernel when it is built; {@link
 * WqDelegate.Options#verify}.
 */
public enum Verification {
  /** Nothing. */
  OFF,
  /** Some channels and steps. */
  QUICK,
  /** All of it, four times. */
  FULL
}
