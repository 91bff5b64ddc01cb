package org.wqlite.sample;

/**
 * A difference over time: the derivative, in the middle of nine frames, of the polynomial that fits
 * them best (A. Savitzky and M. Golay, 1964), as {@code librosa.feature.delta(mode="nearest")}.
 */
enum Difference {
  /** The slope of a line: sum(t x) / sum(t^2). */
  FIRST {
    @Override
    double tap(int t) {
      return t / 60.0;
    }
  },
  /**
   * The second derivative of a parabola: 2 sum((t^2 - m) x) / sum((t^2 - m)^2), where m is the mean
   * of t^2.
   */
  SECOND {
    @Override
    double tap(int t) {
      return 2 * (t * t - 60.0 / 9) / 308;
    }
  };

  /** Frames on each side; the sums above are over t = -4 to 4. */
  private static final int SIDE = 4;

  /** What the frame {@code t} after the one in the middle counts. */
  abstract double tap(int t);

  /** The differences of [frames][columns]; before the first and after the last, frames repeat. */
  float[][] of(float[][] frames) {
    float[][] differences = new float[frames.length][];
    for (int middle = 0; middle < frames.length; middle++) {
      double[] sums = new double[frames[middle].length];
      for (int t = -SIDE; t <= SIDE; t++) {
        float[] frame = frames[Math.min(Math.max(middle + t, 0), frames.length - 1)];
        for (int column = 0; column < sums.length; column++) {
          sums[column] += tap(t) * frame[column];
        }
      }
      differences[middle] = new float[sums.length];
      for (int column = 0; column < sums.length; column++) {
        differences[middle][column] = (float) sums[column];
      }
    }
    return differences;
  }
}
