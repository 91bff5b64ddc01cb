package org.wqlite.sample;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.Test;

public final class WavFileTest {
  private static final int PCM = 1;
  private static final int FLOAT = 3;

  @Test
  public void readsSamplesBetweenMinusOneAndOne() throws IOException {
    float[] audio = read(wav(PCM, 1, 16000, 16, shorts(0, 16384, -32768, 32767)));
    assertArrayEquals(new float[] {0f, 0.5f, -1f, 32767 / 32768f}, audio, 0f);
  }

  @Test
  public void skipsOtherChunks() throws IOException {
    byte[] other = chunk("LIST", new byte[3]);
    byte[] chunks = join(format(PCM, 1, 16000, 16), other, chunk("data", shorts(8192)));
    assertArrayEquals(new float[] {0.25f}, read(riff(chunks)), 0f);
  }

  @Test
  public void refusesOtherFormats() {
    assertRefused("has 16 bits, 2 channel(s), 16000 Hz.", wav(PCM, 2, 16000, 16, shorts(1, 2)));
    assertRefused("has 16 bits, 1 channel(s), 44100 Hz.", wav(PCM, 1, 44100, 16, shorts(1)));
    assertRefused("has 8 bits, 1 channel(s), 16000 Hz.", wav(PCM, 1, 16000, 8, new byte[2]));
    assertRefused("16000 Hz and is not PCM.", wav(FLOAT, 1, 16000, 32, new byte[4]));
  }

  @Test
  public void refusesWhatIsNoSound() {
    assertRefused("not a WAV file", "%PDF-1.7 is something else".getBytes(US_ASCII));
    assertRefused("is empty", wav(PCM, 1, 16000, 16, new byte[0]));
  }

  @Test
  public void refusesAFileThatWasCutOffAnywhere() {
    byte[] whole = wav(PCM, 1, 16000, 16, shorts(1, 2, 3));
    for (int length = 0; length < whole.length; length++) {
      assertRefused("ends too early", Arrays.copyOf(whole, length));
    }
  }

  @Test
  public void aDamagedLengthDoesNotTakeAllMemory() {
    byte[] file = wav(PCM, 1, 16000, 16, shorts(1));
    for (int length : new int[] {Integer.MAX_VALUE, -1}) {
      ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(file.length - 6, length);
      assertRefused("is longer than 10 minutes, or damaged", file);
    }
  }

  private static void assertRefused(String reason, byte[] file) {
    String message = assertThrows(AudioException.class, () -> read(file)).getMessage();
    assertTrue(message, message.contains(reason));
  }

  private static float[] read(byte[] file) throws IOException {
    return WavFile.read(new ByteArrayInputStream(file));
  }

  private static byte[] wav(int encoding, int channels, int sampleRate, int bits, byte[] data) {
    return riff(join(format(encoding, channels, sampleRate, bits), chunk("data", data)));
  }

  private static byte[] riff(byte[] chunks) {
    return chunk("RIFF", join("WAVE".getBytes(US_ASCII), chunks));
  }

  private static byte[] format(int encoding, int channels, int sampleRate, int bits) {
    int frame = channels * bits / 8;
    return chunk(
        "fmt ",
        little(16)
            .putShort((short) encoding)
            .putShort((short) channels)
            .putInt(sampleRate)
            .putInt(sampleRate * frame)
            .putShort((short) frame)
            .putShort((short) bits)
            .array());
  }

  private static byte[] chunk(String name, byte[] data) {
    byte[] head = name.getBytes(US_ASCII);
    byte[] padding = new byte[data.length % 2];
    return join(head, little(4).putInt(data.length).array(), data, padding);
  }

  private static byte[] shorts(int... samples) {
    ByteBuffer data = little(2 * samples.length);
    for (int sample : samples) {
      data.putShort((short) sample);
    }
    return data.array();
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] join(byte[]... parts) {
    int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    ByteBuffer joined = ByteBuffer.allocate(length);
    for (byte[] part : parts) {
      joined.put(part);
    }
    return joined.array();
  }
}
