package org.wqlite;

/** Makes a delegate, where something may be missing, and prints what comes of it. */
final class TryDelegate {
  private TryDelegate() {}

  public static void main(String[] arguments) {
    System.out.println("supported: " + WqDelegate.isSupported());
    try {
      new WqDelegate(new WqDelegate.Options().core(Core.TWO_PIPE)).close();
      System.out.println("made");
    } catch (RuntimeException refused) {
      System.out.println(refused);
    }
  }
}
