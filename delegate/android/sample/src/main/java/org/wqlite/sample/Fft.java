package org.wqlite.sample;

/**
 * The power spectrum of real frames, by a radix-2 fast Fourier transform.
 *
 * <p>Our own: the libraries on Maven Central that have one (JTransforms, Commons Math) bring two to
 * four megabytes of other numerics into an app for these few lines.
 */
final class Fft {
  private final int size;
  private final double[] cosine;
  private final double[] sine;
  private final double[] real;
  private final double[] imaginary;

  /** For frames of {@code size} samples, a power of two. */
  Fft(int size) {
    this.size = size;
    cosine = new double[size / 2];
    sine = new double[size / 2];
    for (int i = 0; i < size / 2; i++) {
      cosine[i] = Math.cos(2 * Math.PI * i / size);
      sine[i] = Math.sin(2 * Math.PI * i / size);
    }
    real = new double[size];
    imaginary = new double[size];
  }

  /**
   * Squared magnitudes of the transform.
   *
   * @param frame {@code size} samples
   * @param power receives {@code size / 2 + 1} of them, from 0 to half the sample rate
   */
  void power(double[] frame, double[] power) {
    int shift = Integer.numberOfLeadingZeros(size) + 1;
    for (int i = 0; i < size; i++) {
      real[Integer.reverse(i) >>> shift] = frame[i];
      imaginary[i] = 0;
    }
    for (int half = 1; half < size; half *= 2) {
      for (int start = 0; start < size; start += 2 * half) {
        for (int i = 0; i < half; i++) {
          butterfly(start + i, start + i + half, i * (size / 2 / half));
        }
      }
    }
    for (int i = 0; i < power.length; i++) {
      power[i] = real[i] * real[i] + imaginary[i] * imaginary[i];
    }
  }

  private void butterfly(int upper, int lower, int turn) {
    double r = real[lower] * cosine[turn] + imaginary[lower] * sine[turn];
    double i = imaginary[lower] * cosine[turn] - real[lower] * sine[turn];
    real[lower] = real[upper] - r;
    imaginary[lower] = imaginary[upper] - i;
    real[upper] += r;
    imaginary[upper] += i;
  }
}
