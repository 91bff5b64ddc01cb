package org.wqlite.sample;

import android.content.Context;
import android.content.res.AssetFileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/** The models in the app's assets. */
final class Models {
  private static final String ENDING = ".tflite";

  private Models() {}

  /** Their names, without the ending. */
  static List<String> names(Context context) throws IOException {
    List<String> names = new ArrayList<>();
    for (String asset : context.getAssets().list("")) {
      if (asset.endsWith(ENDING)) {
        names.add(asset.substring(0, asset.length() - ENDING.length()));
      }
    }
    return names;
  }

  /** A model, mapped from the APK, in which it must lie uncompressed. */
  static MappedByteBuffer map(Context context, String name) throws IOException {
    try (AssetFileDescriptor asset = context.getAssets().openFd(name + ENDING);
        FileInputStream stream = asset.createInputStream();
        FileChannel channel = stream.getChannel()) {
      return channel.map(
          FileChannel.MapMode.READ_ONLY, asset.getStartOffset(), asset.getDeclaredLength());
    }
  }
}
