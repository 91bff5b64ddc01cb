"""Building for Android."""
