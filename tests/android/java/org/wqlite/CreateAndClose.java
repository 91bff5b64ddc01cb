package org.wqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Paths;

/**
 * Makes and closes delegates, and prints by how many bytes the memory of this process has grown.
 * For a Java that compiles nothing meanwhile and whose heap is of a fixed size.
 */
final class CreateAndClose {
  private static final int PAGE_BYTES = 4096;

  private CreateAndClose() {}

  public static void main(String[] arguments) throws IOException {
    run(1_000);
    long before = residentBytes();
    run(Integer.parseInt(arguments[0]));
    System.out.println(residentBytes() - before);
  }

  private static void run(int times) {
    for (int i = 0; i < times; ++i) {
      new WqDelegate(new WqDelegate.Options().override("1=direct+3=direct")).close();
    }
  }

  private static long residentBytes() throws IOException {
    String pages = new String(Files.readAllBytes(Paths.get("/proc/self/statm"))).split(" ")[1];
    return Long.parseLong(pages) * PAGE_BYTES;
  }
}
