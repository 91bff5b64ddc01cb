package org.wqlite.sample;

/**
 * Mel-frequency cepstral coefficients as {@code librosa.feature.mfcc(center=False)} computes them:
 * Hann window, power spectrum, 128 mel filters, decibels, DCT-II.
 *
 * <p>Not for several threads at once.
 */
final class Mfcc {
  static final int COEFFICIENTS = 13;
  static final int FFT_SIZE = 512;
  static final int HOP = 160;

  private static final int FILTERS = 128;
  private static final double LEAST_POWER = 1e-10;
  /** Decibels below the loudest value of the utterance, at which it is cut off. */
  private static final double RANGE = 80;

  private final Fft fft = new Fft(FFT_SIZE);
  private final MelFilters filters = new MelFilters(FILTERS, FFT_SIZE, WavFile.SAMPLE_RATE);
  private final double[] window = hann();
  private final double[][] cosines = orthonormalDct();

  /**
   * The coefficients of each frame that lies within the audio.
   *
   * @param audio at least one frame, 16 kHz
   * @return [1 + (samples - 512) / 160][13]
   */
  float[][] compute(float[] audio) {
    double[][] decibels = decibels(audio);
    limit(decibels);
    float[][] coefficients = new float[decibels.length][COEFFICIENTS];
    for (int frame = 0; frame < decibels.length; frame++) {
      for (int k = 0; k < COEFFICIENTS; k++) {
        double sum = 0;
        for (int filter = 0; filter < FILTERS; filter++) {
          sum += cosines[k][filter] * decibels[frame][filter];
        }
        coefficients[frame][k] = (float) sum;
      }
    }
    return coefficients;
  }

  private double[][] decibels(float[] audio) {
    double[][] decibels = new double[1 + (audio.length - FFT_SIZE) / HOP][];
    double[] samples = new double[FFT_SIZE];
    double[] power = new double[FFT_SIZE / 2 + 1];
    for (int frame = 0; frame < decibels.length; frame++) {
      for (int i = 0; i < FFT_SIZE; i++) {
        samples[i] = window[i] * audio[frame * HOP + i];
      }
      fft.power(samples, power);
      decibels[frame] = filters.apply(power);
      for (int filter = 0; filter < FILTERS; filter++) {
        decibels[frame][filter] = 10 * Math.log10(Math.max(LEAST_POWER, decibels[frame][filter]));
      }
    }
    return decibels;
  }

  private static void limit(double[][] decibels) {
    double loudest = Double.NEGATIVE_INFINITY;
    for (double[] frame : decibels) {
      for (double value : frame) {
        loudest = Math.max(loudest, value);
      }
    }
    for (double[] frame : decibels) {
      for (int filter = 0; filter < frame.length; filter++) {
        frame[filter] = Math.max(loudest - RANGE, frame[filter]);
      }
    }
  }

  /** The window of a spectrum: its period, not its length, is the frame. */
  private static double[] hann() {
    double[] window = new double[FFT_SIZE];
    for (int i = 0; i < FFT_SIZE; i++) {
      window[i] = 0.5 - 0.5 * Math.cos(2 * Math.PI * i / FFT_SIZE);
    }
    return window;
  }

  private static double[][] orthonormalDct() {
    double[][] cosines = new double[COEFFICIENTS][FILTERS];
    for (int k = 0; k < COEFFICIENTS; k++) {
      double norm = Math.sqrt((k == 0 ? 1.0 : 2.0) / FILTERS);
      for (int filter = 0; filter < FILTERS; filter++) {
        cosines[k][filter] = norm * Math.cos(Math.PI * k * (2 * filter + 1) / (2 * FILTERS));
      }
    }
    return cosines;
  }
}
