"""Tools around the delegate: tests, benchmarks, the ARMv7 rig."""
