package org.wqlite.sample;

/** What a model heard. */
public final class Recognition {
  /** Small letters, apostrophes and spaces; empty where nothing was heard. */
  public final String text;
  /** Of one inference: the median of three. */
  public final double milliseconds;
  /** Which kernel ran each layer; empty without the delegate. */
  public final String plan;

  Recognition(String text, double milliseconds, String plan) {
    this.text = text;
    this.milliseconds = milliseconds;
    this.plan = plan;
  }
}
