package org.wqlite.sample;

import android.media.AudioFormat;
import android.media.AudioRecord;
import android.media.MediaRecorder;
import java.util.concurrent.atomic.AtomicBoolean;

/** Records from the microphone. */
final class Microphone {
  private static final int LONGEST_SECONDS = 30;
  /** A tenth of a second: so soon does a recording end when it is stopped. */
  private static final int PIECE = WavFile.SAMPLE_RATE / 10;

  private Microphone() {}

  /**
   * Records until {@code stopped} is set, or for 30 seconds. Needs the permission RECORD_AUDIO.
   *
   * @return samples within -1 to 1, 16,000 a second
   * @throws AudioException the microphone cannot be used
   */
  static float[] record(AtomicBoolean stopped) throws AudioException {
    short[] samples = new short[LONGEST_SECONDS * WavFile.SAMPLE_RATE];
    AudioRecord record = open();
    int length = 0;
    try {
      record.startRecording();
      while (!stopped.get() && length < samples.length) {
        int read = record.read(samples, length, Math.min(PIECE, samples.length - length));
        if (read < 0) {
          throw new AudioException("The microphone stopped working (error " + read + ").");
        }
        length += read;
      }
    } finally {
      record.release();
    }
    if (length == 0) {
      throw new AudioException("Nothing was recorded: tap Stop only after you have spoken.");
    }
    return WavFile.toFloat(samples, length);
  }

  private static AudioRecord open() throws AudioException {
    int channels = AudioFormat.CHANNEL_IN_MONO;
    int encoding = AudioFormat.ENCODING_PCM_16BIT;
    int least = AudioRecord.getMinBufferSize(WavFile.SAMPLE_RATE, channels, encoding);
    int bytes = Math.max(least, 2 * WavFile.SAMPLE_RATE); // a second
    AudioRecord record =
        new AudioRecord(
            MediaRecorder.AudioSource.VOICE_RECOGNITION,
            WavFile.SAMPLE_RATE,
            channels,
            encoding,
            bytes);
    if (record.getState() != AudioRecord.STATE_INITIALIZED) {
      record.release();
      throw new AudioException(
          "The microphone cannot be used: it is missing, or another app is recording.");
    }
    return record;
  }
}
