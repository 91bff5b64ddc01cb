package org.wqlite.sample;

import java.util.List;

/**
 * Greedy decoding of the models' logits, as {@code wqlite.models.ctc}: the best label of each
 * frame, repetitions merged, blanks dropped (A. Graves et al., "Connectionist Temporal
 * Classification", 2006).
 */
final class Ctc {
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz' ";
  /** The blank is the last label. */
  private static final int BLANK = ALPHABET.length();

  static final int LABELS = ALPHABET.length() + 1;

  private Ctc() {}

  /** The text of logits [frames][29]; their scale does not matter. */
  static String decode(List<byte[]> logits) {
    StringBuilder text = new StringBuilder();
    int before = BLANK;
    for (byte[] frame : logits) {
      int label = best(frame);
      if (label != before && label != BLANK) {
        text.append(ALPHABET.charAt(label));
      }
      before = label;
    }
    return text.toString();
  }

  /** The first of the largest. */
  private static int best(byte[] logits) {
    int best = 0;
    for (int label = 1; label < logits.length; label++) {
      if (logits[label] > logits[best]) {
        best = label;
      }
    }
    return best;
  }
}
