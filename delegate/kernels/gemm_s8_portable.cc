#include "delegate/kernels/gemm_s8_pack.h"
#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

constexpr int kRows = 4;
constexpr int kColumns = 2;
constexpr int kDepth = 16;

void Run(int blocks, const int8_t* a, const int8_t* w, int32_t* acc) {
  for (int first = 0; first < kGemmS8Columns; first += kColumns) {
    // Unsigned, because sums are modulo 2^32.
    uint32_t sum[kRows][kColumns] = {};
    for (int block = 0; block < blocks; ++block) {
      const int8_t* rows = a + block * kRows * kDepth;
      for (int r = 0; r < kRows; ++r) {
        for (int c = 0; c < kColumns; ++c) {
          int32_t dot = 0;
          for (int k = 0; k < kDepth; ++k) {
            dot += rows[r * kDepth + k] * w[c * kDepth + k];
          }
          sum[r][c] += static_cast<uint32_t>(dot);
        }
      }
      w += kColumns * kDepth;
    }
    for (int r = 0; r < kRows; ++r) {
      for (int c = 0; c < kColumns; ++c) {
        acc[r * kGemmS8Columns + first + c] = static_cast<int32_t>(sum[r][c]);
      }
    }
  }
}

// As GCC 12 compiles it for x86-64; on others there are kernels that cost less
// by far.
GemmS8Cost Cost(CostUnit) { return {/*block=*/500, /*call=*/60}; }

}  // namespace

const GemmS8Kernel kGemmS8Portable = {"gemm_s8_4x2__portable",
                                      Isa::kPortable,
                                      kRows,
                                      kDepth,
                                      /*flip=*/0,
                                      /*takes_lowest_weight=*/true,
                                      PackedBytes16,
                                      PackPairs16,
                                      Run,
                                      Cost};

}  // namespace wqlite
