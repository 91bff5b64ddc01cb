package org.wqlite;

/** Family of the processor core to plan for; {@link WqDelegate.Options#core}. */
public enum Core {
  /** The best of this device. */
  AUTO,
  /** One NEON pipe, as Cortex-A9 has. */
  ONE_PIPE,
  /** In order, as Cortex-A7 and A53. */
  IN_ORDER,
  /** In order with dot products, as Cortex-A55. */
  DOT_IN_ORDER,
  /** Two NEON pipes, as Cortex-A15, A57 and A72 have. */
  TWO_PIPE,
  /** Two NEON pipes and dot products, as Cortex-A75, A76 and later ones have. */
  DOT
}
