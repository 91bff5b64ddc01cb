package org.wqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which TensorFlow Lite the delegate works with. */
class RequirementsTest {
  @Test
  void thisOneFits() {
    assertTrue(WqDelegate.isSupported());
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.14.0", "2.16.1", "2.20.0-dev0+selfbuilt", "3.0.0", "unknown"})
  void newEnough(String version) {
    Requirements.checkVersion(version);
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.13.1", "2.9.0-rc1", "1.15.0"})
  void tooOld(String version) {
    Exception refused =
        assertThrows(WqUnavailableException.class, () -> Requirements.checkVersion(version));
    assertEquals(
        "wqlite: TensorFlow Lite "
            + version
            + " is too old; depend on org.tensorflow:tensorflow-lite 2.14 or newer, such as 2.16.1",
        refused.getMessage());
  }
}
