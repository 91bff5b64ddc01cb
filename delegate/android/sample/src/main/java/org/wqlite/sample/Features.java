package org.wqlite.sample;

import java.util.Arrays;

/**
 * Audio to the input of the models, as {@code wqlite.models.features} makes it: 13 MFCC, their
 * first and second differences, each normalised over the utterance; 100 frames a second.
 */
public final class Features {
  /** Numbers of a frame. */
  public static final int FEATURES = 3 * Mfcc.COEFFICIENTS;

  private final Mfcc mfcc = new Mfcc();

  /**
   * The features of an utterance.
   *
   * @param audio samples within -1 to 1, 16,000 a second; less than 512 are padded with zeros
   * @return [1 + (samples - 512) / 160][39], each column with mean 0 and standard deviation 1 (0
   *     where it is constant)
   */
  public float[][] extract(float[] audio) {
    int least = Math.max(audio.length, Mfcc.FFT_SIZE);
    float[][] coefficients = mfcc.compute(Arrays.copyOf(audio, least));
    float[][] slopes = Difference.FIRST.of(coefficients);
    float[][] curvatures = Difference.SECOND.of(coefficients);
    float[][] features = new float[coefficients.length][FEATURES];
    for (int frame = 0; frame < features.length; frame++) {
      int column = 0;
      for (float[][] part : new float[][][] {coefficients, slopes, curvatures}) {
        System.arraycopy(part[frame], 0, features[frame], column, Mfcc.COEFFICIENTS);
        column += Mfcc.COEFFICIENTS;
      }
    }
    for (int column = 0; column < FEATURES; column++) {
      normalize(features, column);
    }
    return features;
  }

  private static void normalize(float[][] features, int column) {
    double mean = 0;
    double largest = 1;
    for (float[] frame : features) {
      mean += frame[column] / (double) features.length;
      largest = Math.max(largest, Math.abs(frame[column]));
    }
    double variance = 0;
    for (float[] frame : features) {
      variance += (frame[column] - mean) * (frame[column] - mean) / features.length;
    }
    double deviation = Math.sqrt(variance);
    boolean constant = deviation <= 1e-6 * largest; // but for rounding
    for (float[] frame : features) {
      frame[column] = constant ? 0 : (float) ((frame[column] - mean) / deviation);
    }
  }
}
