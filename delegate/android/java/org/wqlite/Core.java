package org.wqlite;

/** NEON pipes of the processor core to plan for; {@link WqDelegate.Options#core}. */
public enum Core {
  /** Those of this device. */
  AUTO,
  /** One, as Cortex-A7, A9 and A53 have. */
  ONE_PIPE,
  /** Two, as Cortex-A15, A57 and A72 have. */
  TWO_PIPE
}
