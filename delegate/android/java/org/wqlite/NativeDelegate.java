package org.wqlite;

/**
 * What libwq_delegate.so does for Java. It registers these methods when it is loaded
 * (delegate/android/jni).
 */
final class NativeDelegate {
  private NativeDelegate() {}

  /**
   * Makes a delegate and returns its address.
   *
   * @throws IllegalArgumentException with the library's sentence, where it refuses an option
   */
  static native long create(String[] names, String[] values);

  /** The plan of WqDelegatePlan, in UTF-8 as far as the model's names are. */
  static native byte[] plan(long address);

  static native void destroy(long address);
}
