#include "delegate/kernels/gemm_s8_pack.h"

#include <cstring>

#include "delegate/kernels/gemm_s8.h"

namespace wqlite {
namespace {

constexpr int kDepth = 16;
constexpr int kFoursDepth = 8;

}  // namespace

uint64_t PairsPackedBytes16(int blocks) {
  return uint64_t{1} * kGemmS8Columns * blocks * kDepth;
}

void PackPairs16(const int8_t* w, int columns, int length, int blocks,
                 int8_t* packed) {
  std::memset(packed, 0, PairsPackedBytes16(blocks));
  for (int c = 0; c < columns; ++c) {
    int8_t* to = packed + (ptrdiff_t{c / 2} * 2 * blocks + c % 2) * kDepth;
    const int8_t* from = w + ptrdiff_t{c} * length;
    int left = length;
    for (; left >= kDepth; left -= kDepth, from += kDepth, to += 2 * kDepth) {
      std::memcpy(to, from, kDepth);
    }
    if (left > 0) std::memcpy(to, from, left);
  }
}

uint64_t FoursPackedBytes8(int blocks) {
  return uint64_t{1} * kGemmS8Columns * blocks * kFoursDepth;
}

void PackFours8(const int8_t* w, int columns, int length, int blocks,
                int8_t* packed) {
  constexpr int kFour = 4;
  std::memset(packed, 0, FoursPackedBytes8(blocks));
  for (int c = 0; c < columns; ++c) {
    int8_t* to = packed + c * kFour;
    const int8_t* from = w + ptrdiff_t{c} * length;
    int left = length;
    for (; left >= kFour; left -= kFour, from += kFour) {
      std::memcpy(to, from, kFour);
      to += kGemmS8Columns * kFour;
    }
    if (left > 0) std::memcpy(to, from, left);
  }
}

}  // namespace wqlite
