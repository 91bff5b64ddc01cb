# The C++ sources for CMake. delegate/BUILD holds the same lists for Bazel; tools/check_sources.py
# checks that both agree with each other and with the files on disk.

# Everything that knows nothing of TFLite and runs on every machine.
set(WQ_CORE_SOURCES
  buffer.h
  conv1d.cc
  conv1d.h
  conv1d_direct.cc
  conv1d_direct.h
  conv1d_spec.cc
  conv1d_spec.h
  conv1d_winograd.cc
  conv1d_winograd.h
  direct_size.cc
  direct_size.h
  kernels/dispatch.cc
  kernels/gemm_s16.h
  kernels/gemm_s16_portable.cc
  kernels/gemm_s8.h
  kernels/gemm_s8_pack.cc
  kernels/gemm_s8_pack.h
  kernels/gemm_s8_portable.cc
  kernels/isa.cc
  kernels/isa.h
  kernels/kernels.h
  kernels/lookup_s8.h
  kernels/lookup_s8_portable.cc
  kernels/requantize.h
  kernels/requantize_portable.cc
  lookup_table.cc
  lookup_table.h
  output_stage.cc
  output_stage.h
  status.h
  threads.cc
  threads.h
  winograd/cost.cc
  winograd/cost.h
  winograd/geometry.cc
  winograd/geometry.h
  winograd/linear_map.h
  winograd/planner.cc
  winograd/planner.h
  winograd/proof.cc
  winograd/proof.h
  winograd/rational.h
  winograd/scratch.h
  winograd/simd.h
  winograd/tile.cc
  winograd/tile.h
  winograd/toom_cook.h
  winograd/transform.h
  winograd/weights.cc
  winograd/weights.h
)

# Kernels of one instruction set each, compiled with its own flags (delegate/CMakeLists.txt).
set(WQ_NEON32_SOURCES
  kernels/gemm_s16_neon32.cc
  kernels/gemm_s8_neon32.cc
  kernels/lookup_s8_neon32.cc
  kernels/requantize_neon32.cc
)
set(WQ_AVX2_SOURCES
  kernels/gemm_s16_avx2.cc
  kernels/gemm_s8_avx2.cc
  kernels/lookup_s8_avx2.cc
  kernels/requantize_avx2.cc
)
set(WQ_AVX512VNNI_SOURCES
  kernels/gemm_s16_avx512vnni.cc
  kernels/gemm_s8_avx512vnni.cc
  kernels/lookup_s8_avx512vnni.cc
  kernels/requantize_avx512vnni.cc
)

# The external delegate.
set(WQ_TFLITE_SOURCES
  tflite/abi.h
  tflite/delegate.cc
  tflite/delegate.h
  tflite/external.cc
  tflite/graph.cc
  tflite/graph.h
  tflite/graph_node.h
  tflite/int_array.h
  tflite/kernel.cc
  tflite/kernel.h
  tflite/log.cc
  tflite/log.h
  tflite/matcher.cc
  tflite/matcher.h
  tflite/options.cc
  tflite/options.h
  tflite/placement.cc
  tflite/placement.h
  tflite/pointwise.cc
  tflite/pointwise.h
  tflite/tensors.cc
  tflite/tensors.h
)

# The nanobind module. CMake only: Bazel builds what runs on the device.
set(WQ_PYTHON_SOURCES
  python/core.cc
)
