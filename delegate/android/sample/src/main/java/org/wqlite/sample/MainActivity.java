package org.wqlite.sample;

import android.Manifest;
import android.app.Activity;
import android.content.ActivityNotFoundException;
import android.content.Intent;
import android.content.pm.PackageManager;
import android.net.Uri;
import android.os.Build;
import android.os.Bundle;
import android.view.View;
import android.widget.ArrayAdapter;
import android.widget.Button;
import android.widget.Spinner;
import android.widget.TextView;
import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.wqlite.WqUnavailableException;

/**
 * Records or opens speech, recognises it with TensorFlow Lite's built-in kernels and with wqlite's,
 * and shows both texts, the time of an inference, and which kernel ran each layer.
 */
public final class MainActivity extends Activity {
  private static final int ASK_TO_RECORD = 1;
  private static final int CHOOSE_FILE = 2;

  /** Where the audio comes from. */
  private interface Source {
    float[] read() throws IOException;
  }

  private final ExecutorService worker = Executors.newSingleThreadExecutor();
  private final AtomicBoolean stopped = new AtomicBoolean(true);

  private Spinner model;
  private Button record;
  private Button open;
  private TextView status;
  private View result;

  @Override
  protected void onCreate(Bundle state) {
    super.onCreate(state);
    setContentView(R.layout.main);
    model = findViewById(R.id.model);
    record = findViewById(R.id.record);
    open = findViewById(R.id.open);
    status = findViewById(R.id.status);
    result = findViewById(R.id.result);
    record.setOnClickListener(view -> recordOrStop());
    open.setOnClickListener(view -> chooseFile());
    try {
      model.setAdapter(
          new ArrayAdapter<>(
              this, android.R.layout.simple_spinner_dropdown_item, Models.names(this)));
    } catch (IOException error) {
      fail(error);
    }
  }

  @Override
  protected void onDestroy() {
    stopped.set(true);
    worker.shutdown();
    super.onDestroy();
  }

  private void recordOrStop() {
    if (!stopped.get()) {
      stopped.set(true);
      record.setEnabled(false); // until the recording is there
    } else if (mayRecord()) {
      startRecording();
    } else {
      requestPermissions(new String[] {Manifest.permission.RECORD_AUDIO}, ASK_TO_RECORD);
    }
  }

  /** Before Android 6 who installed the app has allowed it. */
  private boolean mayRecord() {
    return Build.VERSION.SDK_INT < Build.VERSION_CODES.M
        || checkSelfPermission(Manifest.permission.RECORD_AUDIO)
            == PackageManager.PERMISSION_GRANTED;
  }

  @Override
  public void onRequestPermissionsResult(int request, String[] permissions, int[] results) {
    if (mayRecord()) {
      startRecording();
    } else {
      show(getString(R.string.no_permission));
    }
  }

  private void startRecording() {
    stopped.set(false);
    recognizeInBackground(() -> Microphone.record(stopped));
    show(getString(R.string.recording));
    record.setText(R.string.stop);
    record.setEnabled(true);
  }

  private void chooseFile() {
    Intent intent =
        new Intent(Intent.ACTION_OPEN_DOCUMENT)
            .addCategory(Intent.CATEGORY_OPENABLE)
            .setType("audio/*");
    try {
      startActivityForResult(intent, CHOOSE_FILE);
    } catch (ActivityNotFoundException error) {
      show(getString(R.string.no_file_picker));
    }
  }

  @Override
  protected void onActivityResult(int request, int code, Intent data) {
    if (request == CHOOSE_FILE && code == RESULT_OK && data != null) {
      recognizeInBackground(() -> read(data.getData()));
      show(getString(R.string.recognizing));
    }
  }

  private float[] read(Uri file) throws IOException {
    try (InputStream stream = getContentResolver().openInputStream(file)) {
      if (stream == null) {
        throw new FileNotFoundException("The file is no longer there.");
      }
      return WavFile.read(new BufferedInputStream(stream));
    }
  }

  /** Gets the audio and recognises it with both kinds of kernels. */
  private void recognizeInBackground(Source source) {
    String name = (String) model.getSelectedItem();
    setIdle(false);
    result.setVisibility(View.GONE);
    worker.execute(
        () -> {
          try {
            float[] audio = source.read();
            runOnUiThread(this::showThatAudioIsThere);
            ByteBuffer mapped = Models.map(this, name);
            Recognition builtIn = recognize(mapped, audio, false);
            Recognition delegate = recognize(mapped, audio, true);
            runOnUiThread(() -> show(builtIn, delegate));
          } catch (IOException | RuntimeException | LinkageError error) {
            runOnUiThread(() -> fail(error));
          }
        });
  }

  private static Recognition recognize(ByteBuffer model, float[] audio, boolean useDelegate) {
    try (Recognizer recognizer = new Recognizer(model, useDelegate)) {
      return recognizer.recognize(audio);
    }
  }

  private void showThatAudioIsThere() {
    stopped.set(true);
    record.setText(R.string.record);
    record.setEnabled(false);
    show(getString(R.string.recognizing));
  }

  private void show(Recognition builtIn, Recognition delegate) {
    setIdle(true);
    status.setVisibility(View.GONE);
    result.setVisibility(View.VISIBLE);
    show(builtIn, R.string.built_in, R.id.built_in, R.id.built_in_text);
    show(delegate, R.string.delegate, R.id.delegate, R.id.delegate_text);
    this.<TextView>findViewById(R.id.plan).setText(delegate.plan);
  }

  private void show(Recognition recognition, int title, int titleView, int textView) {
    String time = getString(R.string.milliseconds, recognition.milliseconds);
    this.<TextView>findViewById(titleView).setText(getString(title, time));
    this.<TextView>findViewById(textView)
        .setText(recognition.text.isEmpty() ? getString(R.string.nothing_heard) : recognition.text);
  }

  private void fail(Throwable error) {
    stopped.set(true);
    setIdle(true);
    // These are sentences for the user; others need an introduction.
    boolean sentence = error instanceof AudioException || error instanceof WqUnavailableException;
    show(sentence ? error.getMessage() : getString(R.string.error, error));
  }

  private void show(String text) {
    status.setText(text);
    status.setVisibility(View.VISIBLE);
  }

  /** Whether something new can be started. */
  private void setIdle(boolean idle) {
    record.setText(R.string.record);
    record.setEnabled(idle);
    open.setEnabled(idle);
    model.setEnabled(idle);
  }
}
