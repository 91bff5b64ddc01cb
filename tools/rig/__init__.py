"""Instruments: they measure models on this machine and on an emulated 32-bit ARM machine."""
