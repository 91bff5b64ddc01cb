package org.wqlite;

/** The kernel that runs a layer; {@link WqDelegate.Options#algorithm}. */
public enum Algorithm {
  /** The cheapest by the delegate's planner. */
  AUTO,
  /** Direct convolution in int8. */
  DIRECT,
  /** Winograd's in int16. */
  WINOGRAD_S16,
  /** Winograd's in int8, for weights that were trained for it (RSQ). */
  WINOGRAD_S8
}
