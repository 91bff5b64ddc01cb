package org.wqlite.sample;

import static org.junit.Assert.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.Test;

public final class WindowsTest {
  private static final int WINDOW = 296;
  private static final int STRIDE = 2;

  private final Windows windows = new Windows(WINDOW, STRIDE);

  @Test
  public void oneWindowCoversWhatFits() {
    assertEquals(Collections.singletonList(0), windows.starts(1));
    assertEquals(Collections.singletonList(0), windows.starts(WINDOW));
  }

  @Test
  public void theLastWindowIsMovedBack() {
    assertEquals(Arrays.asList(0, 2), windows.starts(WINDOW + 1));
    assertEquals(Arrays.asList(0, 222, 304), windows.starts(600));
  }

  /** Each frame of logits says which it is: joined, they are all there, in order. */
  @Test
  public void joiningGivesEachFrameOnce() {
    for (int frames = 1; frames < 3 * WINDOW; frames++) {
      List<Integer> starts = windows.starts(frames);
      List<byte[][]> pieces = new ArrayList<>();
      for (int start : starts) {
        byte[][] piece = new byte[WINDOW / STRIDE][];
        for (int i = 0; i < piece.length; i++) {
          piece[i] = number(start / STRIDE + i);
        }
        pieces.add(piece);
      }
      List<byte[]> joined = windows.join(pieces, starts, frames);
      assertEquals((frames + 1) / STRIDE, joined.size());
      for (int i = 0; i < joined.size(); i++) {
        assertEquals(Arrays.toString(number(i)), Arrays.toString(joined.get(i)));
      }
    }
  }

  private static byte[] number(int frame) {
    return new byte[] {(byte) (frame / 100), (byte) (frame % 100)};
  }
}
