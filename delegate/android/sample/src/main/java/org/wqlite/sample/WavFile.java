package org.wqlite.sample;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads WAV files of the one kind that the models were trained on: 16 bits, mono, 16 kHz.
 *
 * <p>Other sample rates are refused, not converted: Android has no resampler for Java, and features
 * of audio that another resampler made are not those of {@code wqlite.models}.
 */
public final class WavFile {
  /** Samples a second. */
  public static final int SAMPLE_RATE = 16_000;

  private static final int PCM = 1;
  private static final int EXTENSIBLE = 0xFFFE;
  private static final int SAMPLE_BYTES = 2;
  private static final int FORMAT_BYTES = 16;
  /** Ten minutes: a damaged length must not ask for all memory. */
  private static final int LONGEST = 10 * 60 * SAMPLE_RATE * SAMPLE_BYTES;

  private WavFile() {}

  /**
   * The audio of a WAV file.
   *
   * @param stream the file from its first byte; not closed
   * @return samples within -1 to 1, 16,000 a second
   * @throws AudioException no WAV file, another format than 16-bit mono 16 kHz, cut off, empty, or
   *     longer than ten minutes; the message is one sentence for the user
   * @throws IOException the stream cannot be read
   */
  public static float[] read(InputStream stream) throws IOException {
    DataInputStream file = new DataInputStream(stream);
    try {
      if (!tag(file).equals("RIFF") || chunkLength(file) < 0 || !tag(file).equals("WAVE")) {
        throw new AudioException("This is not a WAV file.");
      }
      readFormat(bytes(file, find(file, "fmt ")));
      return samples(bytes(file, find(file, "data")));
    } catch (EOFException error) {
      throw new AudioException("This is not a whole WAV file: it ends too early.");
    }
  }

  /**
   * 16-bit samples as the models' features take them.
   *
   * @param pcm samples of -32,768 to 32,767
   * @param length how many of them count
   * @return samples within -1 to 1
   */
  public static float[] toFloat(short[] pcm, int length) {
    float[] audio = new float[length];
    for (int i = 0; i < length; i++) {
      audio[i] = pcm[i] / 32768f;
    }
    return audio;
  }

  private static float[] samples(byte[] data) throws AudioException {
    short[] pcm = new short[data.length / SAMPLE_BYTES];
    if (pcm.length == 0) {
      throw new AudioException("The WAV file is empty: it holds no samples.");
    }
    ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(pcm);
    return toFloat(pcm, pcm.length);
  }

  private static void readFormat(byte[] chunk) throws IOException {
    if (chunk.length < FORMAT_BYTES) {
      throw new EOFException();
    }
    ByteBuffer format = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN);
    int encoding = format.getShort() & 0xFFFF;
    int channels = format.getShort() & 0xFFFF;
    long sampleRate = format.getInt() & 0xFFFFFFFFL;
    format.getInt(); // bytes a second
    format.getShort(); // bytes of a frame
    int bits = format.getShort() & 0xFFFF;
    boolean pcm = encoding == PCM || encoding == EXTENSIBLE;
    if (!pcm || channels != 1 || sampleRate != SAMPLE_RATE || bits != 8 * SAMPLE_BYTES) {
      throw new AudioException(
          "The WAV file must be 16-bit PCM, mono, 16000 Hz, but has "
              + bits + " bits, " + channels + " channel(s), " + sampleRate + " Hz"
              + (pcm ? "." : " and is not PCM."));
    }
  }

  /** Skips chunks up to the one of that name; returns its length. */
  private static int find(DataInputStream file, String name) throws IOException {
    while (true) {
      String found = tag(file);
      int length = chunkLength(file);
      if (found.equals(name)) {
        return length;
      }
      // Chunks have an even length. An unsigned int: negative is longer than 2 GB.
      skip(file, (length & 0xFFFFFFFFL) + (length & 1));
    }
  }

  private static String tag(DataInputStream file) throws IOException {
    byte[] tag = new byte[4];
    file.readFully(tag);
    return new String(tag, StandardCharsets.US_ASCII);
  }

  private static int chunkLength(DataInputStream file) throws IOException {
    return Integer.reverseBytes(file.readInt());
  }

  private static void skip(DataInputStream file, long length) throws IOException {
    for (long left = length; left > 0; left--) {
      file.readByte();
    }
  }

  private static byte[] bytes(DataInputStream file, int length) throws IOException {
    if (length < 0 || length > LONGEST) {
      throw new AudioException("The WAV file is longer than 10 minutes, or damaged.");
    }
    byte[] bytes = new byte[length];
    file.readFully(bytes);
    return bytes;
  }
}
