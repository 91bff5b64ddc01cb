# The C++ tests for CMake; tests/BUILD holds the same list for Bazel (tools/check_sources.py).
set(WQ_TEST_SOURCES
  delegate/base/checked_size_test.cc
  delegate/base/printable_test.cc
  delegate/base/threads_test.cc
  delegate/conv1d/conv1d_test.cc
  delegate/conv1d/winograd_s8_test.cc
  delegate/kernels/core_test.cc
  delegate/kernels/gemm_s16_test.cc
  delegate/kernels/gemm_s8_test.cc
  delegate/kernels/lookup_s8_test.cc
  delegate/kernels/requantize_test.cc
  delegate/kernels/weight_stats_s8_test.cc
  delegate/plan/plan_test.cc
  delegate/tflite/c_api_test.cc
  delegate/tflite/dataflow_test.cc
  delegate/tflite/delegate_test.cc
  delegate/tflite/graph_test.cc
  delegate/tflite/kernel_trial_test.cc
  delegate/tflite/lookup_table_test.cc
  delegate/tflite/matcher_test.cc
  delegate/tflite/options_test.cc
  delegate/tflite/placement_test.cc
  delegate/tflite/pointwise_test.cc
  delegate/tflite/ranges_test.cc
  delegate/tflite/rounding_probe_test.cc
  delegate/winograd/proof_s8_test.cc
  delegate/winograd/tile_test.cc
  delegate/winograd/weight_stats_test.cc
)

# Fuzz targets (*_fuzzer.cc) and what they share; CMake only.
set(WQ_FUZZER_SOURCES
  fuzz/any_request.h
  fuzz/check.h
  fuzz/fake_interpreter.cc
  fuzz/fake_interpreter.h
  fuzz/fake_kernels.cc
  fuzz/fake_kernels.h
  fuzz/fake_model.h
  fuzz/layer.h
  fuzz/model_fuzzer.cc
  fuzz/operator_fuzzer.cc
  fuzz/options_fuzzer.cc
  fuzz/proof_fuzzer.cc
)

# What several of the tests share.
set(WQ_TEST_HELPERS
  delegate/kernels/paths.h
  delegate/reference.h
  delegate/tflite/fake_graph.h
  delegate/tflite/fake_kernels.h
  delegate/tflite/fake_runtime.h
)
