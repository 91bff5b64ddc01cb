package org.wqlite.sample;

import static org.junit.Assert.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.Test;

public final class CtcTest {
  @Test
  public void mergesRepetitionsAndDropsBlanks() {
    assertEquals("a", Ctc.decode(frames("aaa")));
    assertEquals("aa", Ctc.decode(frames("a_a")));
    assertEquals("it's all", Ctc.decode(frames("__iit_''s_ _ aall_l__")).replace("  ", " "));
    assertEquals("", Ctc.decode(frames("___")));
    assertEquals("", Ctc.decode(Collections.<byte[]>emptyList()));
  }

  @Test
  public void theFirstOfEqualLabelsCounts() {
    assertEquals("a", Ctc.decode(Collections.singletonList(new byte[Ctc.LABELS])));
  }

  /** Logits in which each letter is the best of its frame; _ is the blank. */
  private static List<byte[]> frames(String letters) {
    List<byte[]> frames = new ArrayList<>();
    for (char letter : letters.toCharArray()) {
      byte[] frame = new byte[Ctc.LABELS];
      Arrays.fill(frame, Byte.MIN_VALUE);
      frame["abcdefghijklmnopqrstuvwxyz' _".indexOf(letter)] = -1;
      frames.add(frame);
    }
    return frames;
  }
}
