"""Android's TensorFlow Lite on this machine, without a device."""
