package org.wqlite;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tensorflow.lite.TensorFlowLite;

/**
 * What must be there before a delegate can be made: its library, and a TensorFlow Lite that it
 * works with.
 */
final class Requirements {
  /** The oldest version of TensorFlow Lite 2 whose structures the library knows. */
  private static final int OLDEST_MINOR = 14;

  private static final Pattern VERSION = Pattern.compile("(\\d{1,9})\\.(\\d{1,9}).*");

  private static boolean met;

  private Requirements() {}

  /**
   * Loads the library and asks TensorFlow Lite for its version, once.
   *
   * @throws WqUnavailableException where one of them does not fit
   */
  static synchronized void check() {
    if (met) {
      return;
    }
    loadLibrary();
    checkVersion(tensorFlowLiteVersion());
    met = true;
  }

  private static void loadLibrary() {
    try {
      System.loadLibrary("wq_delegate");
    } catch (UnsatisfiedLinkError error) {
      throw new WqUnavailableException(
          "wqlite: libwq_delegate.so cannot be loaded on this device ("
              + System.getProperty("os.arch")
              + "); it exists for armeabi-v7a, arm64-v8a and x86_64: look at the application's"
              + " abiFilters, or go without the delegate here",
          error);
    } catch (LinkageError error) {
      throw otherLibrary(error);
    }
    try {
      NativeDelegate.destroy(0); // does nothing where it is there
    } catch (UnsatisfiedLinkError error) {
      throw otherLibrary(error);
    }
  }

  private static WqUnavailableException otherLibrary(LinkageError error) {
    return new WqUnavailableException(
        "wqlite: libwq_delegate.so is not the one of this archive: let the application package"
            + " that one only, and keep the archive's R8 rules",
        error);
  }

  private static String tensorFlowLiteVersion() {
    try {
      return TensorFlowLite.runtimeVersion();
    } catch (UnsatisfiedLinkError | IllegalStateException error) {
      throw new WqUnavailableException(
          "wqlite: the application has no TensorFlow Lite of its own; add"
              + " org.tensorflow:tensorflow-lite:2.16.1 to its dependencies (TensorFlow Lite of"
              + " Google Play services takes no delegate of an application)",
          error);
    }
  }

  /** LiteRT goes on with TensorFlow's numbers; what has no number is taken for newer. */
  static void checkVersion(String version) {
    Matcher matcher = VERSION.matcher(version);
    if (!matcher.matches()) {
      return;
    }
    int major = Integer.parseInt(matcher.group(1));
    int minor = Integer.parseInt(matcher.group(2));
    if (major < 2 || (major == 2 && minor < OLDEST_MINOR)) {
      throw new WqUnavailableException(
          "wqlite: TensorFlow Lite "
              + version
              + " is too old; depend on org.tensorflow:tensorflow-lite 2."
              + OLDEST_MINOR
              + " or newer, such as 2.16.1");
    }
  }
}
