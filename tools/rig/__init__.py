"""The ARMv7 rig: runs and measures models on an emulated 32-bit ARM machine."""
