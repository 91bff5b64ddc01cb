package org.wqlite.sample;

/**
 * Triangular filters on the mel scale of Slaney's Auditory Toolbox (1998), each of area 1, as
 * {@code librosa.filters.mel} has them.
 */
final class MelFilters {
  /** Below 1 kHz the scale is linear, above it is logarithmic. */
  private static final double HERTZ_PER_MEL = 200.0 / 3;
  private static final double BREAK_HERTZ = 1000;
  private static final double BREAK_MEL = BREAK_HERTZ / HERTZ_PER_MEL;
  private static final double LOG_STEP = Math.log(6.4) / 27;

  private final double[][] weights;

  /**
   * Filters from 0 to half the sample rate.
   *
   * @param filters their number
   * @param fftSize samples of a frame
   * @param sampleRate in hertz
   */
  MelFilters(int filters, int fftSize, int sampleRate) {
    double[] edges = edges(filters + 2, sampleRate / 2.0);
    weights = new double[filters][fftSize / 2 + 1];
    for (int filter = 0; filter < filters; filter++) {
      double low = edges[filter];
      double peak = edges[filter + 1];
      double high = edges[filter + 2];
      double area = (high - low) / 2;
      for (int bin = 0; bin < weights[filter].length; bin++) {
        double hertz = (double) bin * sampleRate / fftSize;
        double triangle = Math.min((hertz - low) / (peak - low), (high - hertz) / (high - peak));
        weights[filter][bin] = Math.max(0, triangle) / area;
      }
    }
  }

  /** The power that each filter lets through. */
  double[] apply(double[] power) {
    double[] filtered = new double[weights.length];
    for (int filter = 0; filter < weights.length; filter++) {
      for (int bin = 0; bin < power.length; bin++) {
        filtered[filter] += weights[filter][bin] * power[bin];
      }
    }
    return filtered;
  }

  /** Frequencies at equal distances in mel, in hertz. */
  private static double[] edges(int count, double highest) {
    double[] edges = new double[count];
    for (int i = 0; i < count; i++) {
      edges[i] = toHertz(toMel(highest) * i / (count - 1));
    }
    return edges;
  }

  private static double toMel(double hertz) {
    return hertz < BREAK_HERTZ
        ? hertz / HERTZ_PER_MEL
        : BREAK_MEL + Math.log(hertz / BREAK_HERTZ) / LOG_STEP;
  }

  private static double toHertz(double mel) {
    return mel < BREAK_MEL
        ? mel * HERTZ_PER_MEL
        : BREAK_HERTZ * Math.exp(LOG_STEP * (mel - BREAK_MEL));
  }
}
