package org.wqlite.sample;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;
import static org.robolectric.Shadows.shadowOf;

import android.Manifest;
import android.app.Activity;
import android.content.Intent;
import android.graphics.Bitmap;
import android.graphics.Canvas;
import android.net.Uri;
import android.os.Looper;
import android.view.View;
import android.widget.Button;
import android.widget.Spinner;
import android.widget.TextView;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.util.concurrent.locks.LockSupport;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.Robolectric;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.android.controller.ActivityController;
import org.robolectric.annotation.Config;
import org.robolectric.annotation.GraphicsMode;
import org.robolectric.shadows.ShadowAudioRecord;

/**
 * The app's screen, with the real models, TensorFlow Lite and delegate.
 *
 * <p>System properties: {@code speech}, a WAV file; by the name of each model, what Python hears in
 * it; {@code screenshot}, a PNG that is written.
 */
@RunWith(RobolectricTestRunner.class)
@Config(sdk = 34, qualifiers = "w360dp-h640dp-xhdpi")
@GraphicsMode(GraphicsMode.Mode.NATIVE)
public final class MainActivityTest {
  private static final File SPEECH = new File(System.getProperty("speech"));
  private static final String[] MODELS = {"narrow_conv_dfsmn_rsq", "narrow_wav2letter_rsq"};
  private static final int SECONDS_TO_WAIT = 60;

  private ActivityController<MainActivity> controller;
  private Activity activity;

  @Before
  public void start() {
    controller = Robolectric.buildActivity(MainActivity.class).setup();
    activity = controller.get();
  }

  @After
  public void stop() {
    controller.pause().stop().destroy();
  }

  @Test
  public void offersBothModels() {
    Spinner model = activity.findViewById(R.id.model);
    assertEquals(MODELS.length, model.getCount());
    for (int i = 0; i < MODELS.length; i++) {
      assertEquals(MODELS[i], model.getItemAtPosition(i));
    }
    assertFalse(isShown(R.id.result));
  }

  @Test
  public void recognisesAFileWithAndWithoutTheDelegate() throws IOException {
    open(SPEECH);
    assertResult(0);
    screenshot(new File(System.getProperty("screenshot")));
  }

  @Test
  public void recognisesTheOtherModel() {
    this.<Spinner>view(R.id.model).setSelection(1);
    open(SPEECH);
    assertResult(1);
  }

  @Test
  public void recognisesWhatIsRecorded() throws IOException {
    shadowOf(activity.getApplication()).grantPermissions(Manifest.permission.RECORD_AUDIO);
    Recording recording = new Recording(SPEECH);
    ShadowAudioRecord.setSourceProvider(record -> recording);
    Button button = view(R.id.record);
    button.performClick();
    assertEquals(activity.getString(R.string.stop), button.getText());
    assertFalse(view(R.id.open).isEnabled());
    waitFor(recording::isOver);
    button.performClick();
    waitUntilIdle();
    assertResult(0);
    assertEquals(activity.getString(R.string.record), button.getText());
  }

  @Test
  public void saysWhyItCannotRecordWithoutPermission() {
    view(R.id.record).performClick();
    assertEquals(
        Manifest.permission.RECORD_AUDIO,
        shadowOf(activity).getLastRequestedPermission().requestedPermissions[0]);
    activity.onRequestPermissionsResult(1, new String[0], new int[0]);
    assertEquals(activity.getString(R.string.no_permission), text(R.id.status));
    assertTrue(view(R.id.record).isEnabled());
  }

  @Test
  public void asksForASoundFile() {
    view(R.id.open).performClick();
    Intent intent = shadowOf(activity).getNextStartedActivityForResult().intent;
    assertEquals(Intent.ACTION_OPEN_DOCUMENT, intent.getAction());
    assertEquals("audio/*", intent.getType());
  }

  @Test
  public void saysThatAFileIsNoSound() throws IOException {
    File file = File.createTempFile("text", ".wav");
    Files.write(file.toPath(), "This is no sound at all.".getBytes());
    open(file);
    assertEquals("This is not a WAV file.", text(R.id.status));
    assertFalse(isShown(R.id.result));
    assertTrue(view(R.id.open).isEnabled());
  }

  @Test
  public void saysThatAFileIsGone() {
    open(new File("/nowhere/speech.wav"));
    assertTrue(text(R.id.status), text(R.id.status).contains("/nowhere/speech.wav"));
    assertTrue(view(R.id.open).isEnabled());
  }

  /** Both ways hear what Python hears, and each layer has a kernel of wqlite's. */
  private void assertResult(int model) {
    assertTrue(text(R.id.status), isShown(R.id.result));
    assertEquals(System.getProperty(MODELS[model]), text(R.id.built_in_text));
    assertEquals(System.getProperty(MODELS[model]), text(R.id.delegate_text));
    assertTrue(text(R.id.built_in).matches("TensorFlow Lite's built-in kernels: [0-9.]+ ms"));
    assertTrue(text(R.id.delegate).matches("wqlite's kernels: [0-9.]+ ms"));
    assertTrue(text(R.id.plan), text(R.id.plan).contains("winograd"));
  }

  private void open(File file) {
    view(R.id.open).performClick();
    shadowOf(activity)
        .receiveResult(
            shadowOf(activity).getNextStartedActivityForResult().intent,
            Activity.RESULT_OK,
            new Intent().setData(Uri.fromFile(file)));
    waitUntilIdle();
  }

  private void waitUntilIdle() {
    waitFor(() -> view(R.id.open).isEnabled());
  }

  private interface Condition {
    boolean holds();
  }

  /** Runs what the background posts to the screen until the condition holds. */
  private static void waitFor(Condition condition) {
    long end = System.nanoTime() + SECONDS_TO_WAIT * 1_000_000_000L;
    while (!condition.holds()) {
      assertTrue("took too long", System.nanoTime() < end);
      LockSupport.parkNanos(10_000_000);
      shadowOf(Looper.getMainLooper()).idle();
    }
  }

  private <T extends View> T view(int id) {
    return activity.findViewById(id);
  }

  private String text(int id) {
    return this.<TextView>view(id).getText().toString();
  }

  private boolean isShown(int id) {
    return view(id).getVisibility() == View.VISIBLE;
  }

  private void screenshot(File file) throws IOException {
    View screen = activity.getWindow().getDecorView();
    Bitmap picture =
        Bitmap.createBitmap(screen.getWidth(), screen.getHeight(), Bitmap.Config.ARGB_8888);
    screen.draw(new Canvas(picture));
    try (OutputStream stream = new FileOutputStream(file)) {
      assertTrue(picture.compress(Bitmap.CompressFormat.PNG, 100, stream));
    }
  }

  /** A microphone that hears a file, and then nothing. */
  private static final class Recording implements ShadowAudioRecord.AudioRecordSource {
    private final float[] audio;
    private int position;

    Recording(File file) throws IOException {
      try (InputStream stream = Files.newInputStream(file.toPath())) {
        audio = WavFile.read(stream);
      }
    }

    synchronized boolean isOver() {
      return position == audio.length;
    }

    @Override
    public synchronized int readInShortArray(
        short[] samples, int offset, int length, boolean isBlocking) {
      int count = Math.min(length, audio.length - position);
      for (int i = 0; i < count; i++) {
        samples[offset + i] = (short) (audio[position + i] * 32768);
      }
      position += count;
      return count;
    }
  }
}
