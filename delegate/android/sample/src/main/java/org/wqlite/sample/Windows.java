package org.wqlite.sample;

import java.util.ArrayList;
import java.util.List;

/**
 * Speech of any length through a model of a fixed length, as {@code wq_evaluate} does it: windows
 * that overlap by a quarter, the logits of which change over in the middle of each overlap.
 */
final class Windows {
  /** Of a window, how much is new against the one before: 1 - 1/4. */
  private static final double ADVANCE = 0.75;

  private final int window;
  private final int stride;

  /**
   * For a model that takes {@code window} frames.
   *
   * @param stride frames of its input for one frame of its output
   */
  Windows(int window, int stride) {
    this.window = window;
    this.stride = stride;
  }

  /**
   * Where windows begin that cover all frames, in multiples of the stride.
   *
   * <p>The last one is moved back, so that as little of it as possible lies after the end.
   */
  List<Integer> starts(int frames) {
    List<Integer> starts = new ArrayList<>();
    int last = divideUp(Math.max(0, frames - window), stride) * stride;
    int hop = Math.max(stride, (int) (window * ADVANCE) / stride * stride);
    for (int start = 0; start < last; start += hop) {
      starts.add(start);
    }
    starts.add(last);
    return starts;
  }

  /**
   * One sequence of logits out of those of all windows.
   *
   * @param pieces for each window its logits [window / stride][labels]
   * @param starts as {@link #starts} gave them for so many frames
   */
  List<byte[]> join(List<byte[][]> pieces, List<Integer> starts, int frames) {
    List<byte[]> joined = new ArrayList<>();
    for (int i = 0; i < pieces.size(); i++) {
      int start = starts.get(i) / stride;
      int length = pieces.get(i).length;
      boolean last = i + 1 == pieces.size();
      // The middle between where the next piece begins and where this one ends.
      int end = last ? start + length : (start + length + starts.get(i + 1) / stride) / 2;
      for (int frame = joined.size(); frame < Math.min(end, divideUp(frames, stride)); frame++) {
        joined.add(pieces.get(i)[frame - start]);
      }
    }
    return joined;
  }

  private static int divideUp(int dividend, int divisor) {
    return (dividend + divisor - 1) / divisor;
  }
}
