package org.wqlite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.lite.Interpreter;
import org.tensorflow.lite.RuntimeFlavor;

/** The options as the library has them, and what it refuses. */
class OptionsTest {
  private static final Pattern ROW =
      Pattern.compile("^(\\w+): .*\\. Values: (.*)$", Pattern.MULTILINE);

  /** Name and permitted values of each option, as the library says them. */
  private static Map<String, String> described() {
    WqDelegate.Options help = new WqDelegate.Options().set("help", "");
    String text =
        assertThrows(IllegalArgumentException.class, () -> new WqDelegate(help)).getMessage();
    Map<String, String> values = new LinkedHashMap<>();
    for (Matcher row = ROW.matcher(text); row.find(); ) {
      values.put(row.group(1), row.group(2));
    }
    assertEquals(text.split("\n").length, values.size(), text);
    return values;
  }

  private static String camelCase(String name) {
    return Pattern.compile("_(\\w)")
        .matcher(name)
        .replaceAll(letter -> letter.group(1).toUpperCase());
  }

  private static Method method(String name) {
    return Arrays.stream(WqDelegate.Options.class.getMethods())
        .filter(method -> method.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("Options has no method " + name));
  }

  @Test
  void thereIsAMethodForEachOptionOfTheLibrary() {
    Set<String> methods =
        Arrays.stream(WqDelegate.Options.class.getDeclaredMethods())
            .filter(method -> method.getReturnType() == WqDelegate.Options.class)
            .map(Method::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    methods.remove("set");
    Set<String> options =
        described().keySet().stream()
            .map(OptionsTest::camelCase)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(options, methods);
  }

  @Test
  void enumsHaveThePermittedValues() {
    int enums = 0;
    for (Map.Entry<String, String> option : described().entrySet()) {
      Class<?> type = method(camelCase(option.getKey())).getParameterTypes()[0];
      if (type.isEnum()) {
        String values =
            Arrays.stream(type.getEnumConstants())
                .map(value -> ((Enum<?>) value).name().toLowerCase())
                .collect(Collectors.joining(", "));
        assertEquals(option.getValue(), values, option.getKey());
        ++enums;
      }
    }
    assertEquals(6, enums);
  }

  @Test
  void allOptionsAtOnce() {
    WqDelegate.Options options =
        new WqDelegate.Options()
            .numThreads(2)
            .algorithm(Algorithm.WINOGRAD_S16)
            .tile("F(4,4)")
            .core(Core.TWO_PIPE)
            .rounding(Rounding.AUTO)
            .roundingOneStep(Rounding.AUTO)
            .verify(Verification.FULL)
            .override("1=direct")
            .logLevel(LogLevel.ERROR)
            .memoryBudgetMb(0.25)
            .strict(false);
    assertEquals(described().keySet(), Set.of(options.names()));
    long seed = 1;
    try (WqDelegate delegate = new WqDelegate(options)) {
      Interpreter.Options with = TestModel.plain().addDelegate(delegate);
      try (Interpreter interpreter = TestModel.CHAIN.interpreter(with)) {
        assertArrayEquals(TestModel.CHAIN.expected(seed), TestModel.run(interpreter, seed));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("decimals")
  void memoryBudgetIsADecimal(double megabytes, String text) {
    WqDelegate.Options options = new WqDelegate.Options().memoryBudgetMb(megabytes);
    assertEquals(text, options.texts()[0]);
    new WqDelegate(options).close();
  }

  static Stream<Arguments> decimals() {
    return Stream.of(
        arguments(0, "0"),
        arguments(16, "16"),
        arguments(0.1, "0.1"),
        arguments(1e-7, "0"),
        arguments(2.0 / 3, "0.666667"),
        arguments(4e9, "4000000000"));
  }

  /** Name, value and the library's own sentence, as Python got it from its C interface. */
  static Stream<Arguments> refusals() throws IOException {
    return Files.readAllLines(TestModel.file("refusals")).stream()
        .map(line -> line.split("\t"))
        .map(columns -> arguments(columns[0], columns[1], columns[2]));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void badOptionHasTheLibrarysSentence(String name, String value, String sentence) {
    WqDelegate.Options options = new WqDelegate.Options().set(name, value);
    Exception refused = assertThrows(IllegalArgumentException.class, () -> new WqDelegate(options));
    assertEquals(sentence, refused.getMessage());
  }

  @ParameterizedTest
  @MethodSource("outOfRange")
  void numbersOutOfRangeAreRefused(WqDelegate.Options options, String value) {
    Exception refused = assertThrows(IllegalArgumentException.class, () -> new WqDelegate(options));
    assertTrue(
        refused.getMessage().contains("'" + value + "' is not permitted"), refused.getMessage());
  }

  static Stream<Arguments> outOfRange() {
    return Stream.of(
        arguments(new WqDelegate.Options().numThreads(0), "0"),
        arguments(new WqDelegate.Options().numThreads(-1), "-1"),
        arguments(new WqDelegate.Options().memoryBudgetMb(-0.5), "-0.5"),
        arguments(new WqDelegate.Options().memoryBudgetMb(Double.NaN), "NaN"),
        arguments(new WqDelegate.Options().memoryBudgetMb(Double.POSITIVE_INFINITY), "Infinity"));
  }

  /** Java's strings are not C's: what no C string can hold must neither cut nor crash. */
  @ParameterizedTest
  @MethodSource("strangeTexts")
  void strangeTextComesBackAsItWas(String text) {
    WqDelegate.Options options = new WqDelegate.Options().set("num_threads", text);
    Exception refused = assertThrows(IllegalArgumentException.class, () -> new WqDelegate(options));
    assertTrue(
        refused.getMessage().startsWith("option num_threads: '" + text + "'"),
        refused.getMessage());
  }

  static Stream<String> strangeTexts() {
    return Stream.of("2\0", "zw\u00f6lf", "\ud83d\ude00", "\ud83d", "9".repeat(1 << 20));
  }

  @Test
  void manyOptions() {
    WqDelegate.Options options = new WqDelegate.Options();
    for (int i = 0; i < 100_000; ++i) {
      options.set("option" + i, "");
    }
    Exception refused = assertThrows(IllegalArgumentException.class, () -> new WqDelegate(options));
    assertTrue(refused.getMessage().startsWith("unknown option 'option0'"), refused.getMessage());
  }

  @Test
  void nullIsRefused() {
    WqDelegate.Options options = new WqDelegate.Options();
    Exception refused = assertThrows(NullPointerException.class, () -> options.tile(null));
    assertEquals(
        "wqlite: option tile: null is not permitted; an option that is not set has its default",
        refused.getMessage());
    assertThrows(NullPointerException.class, () -> options.core(null));
    assertThrows(NullPointerException.class, () -> options.set(null, ""));
    assertThrows(
        NullPointerException.class, () -> NativeDelegate.create(new String[1], new String[1]));
    assertEquals(0, options.names().length);
  }

  @Test
  void theLastValueCounts() {
    new WqDelegate(new WqDelegate.Options().numThreads(0).numThreads(2)).close();
  }

  @Test
  void aDelegateHasTheOptionsThatItWasMadeWith() {
    WqDelegate.Options options = new WqDelegate.Options();
    WqDelegateFactory factory = new WqDelegateFactory(options);
    options.numThreads(0);
    factory.create(RuntimeFlavor.APPLICATION).close();
  }
}
