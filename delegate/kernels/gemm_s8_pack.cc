#include "delegate/kernels/gemm_s8_pack.h"

#include <cstring>

#include "delegate/kernels/gemm_s8.h"

namespace wqlite {
namespace {

constexpr int kDepth = 16;
constexpr int kHalfDepth = 8;

// The weights of one column, `step` at a time, to places `stride` apart.
void PackColumn(const int8_t* w, int length, int step, ptrdiff_t stride,
                int8_t* to) {
  for (; length >= step; length -= step, w += step, to += stride) {
    std::memcpy(to, w, step);
  }
  if (length > 0) std::memcpy(to, w, length);
}

// To [steps][8 columns][step].
void PackSteps(const int8_t* w, int columns, int length, int step,
               int8_t* packed) {
  for (int c = 0; c < columns; ++c) {
    PackColumn(w + ptrdiff_t{c} * length, length, step,
               ptrdiff_t{kGemmS8Columns} * step, packed + c * step);
  }
}

}  // namespace

uint64_t PackedBytes16(int blocks) {
  return uint64_t{1} * kGemmS8Columns * blocks * kDepth;
}

void PackPairs16(const int8_t* w, int columns, int length, int blocks,
                 int8_t* packed) {
  std::memset(packed, 0, PackedBytes16(blocks));
  for (int c = 0; c < columns; ++c) {
    PackColumn(w + ptrdiff_t{c} * length, length, kDepth, 2 * kDepth,
               packed + (ptrdiff_t{c / 2} * 2 * blocks + c % 2) * kDepth);
  }
}

uint64_t PackedBytes8(int blocks) {
  return uint64_t{1} * kGemmS8Columns * blocks * kHalfDepth;
}

void PackFours8(const int8_t* w, int columns, int length, int blocks,
                int8_t* packed) {
  std::memset(packed, 0, PackedBytes8(blocks));
  PackSteps(w, columns, length, 4, packed);
}

void PackFours16(const int8_t* w, int columns, int length, int blocks,
                 int8_t* packed) {
  std::memset(packed, 0, PackedBytes16(blocks));
  PackSteps(w, columns, length, 4, packed);
}

void PackEights16(const int8_t* w, int columns, int length, int blocks,
                  int8_t* packed) {
  std::memset(packed, 0, PackedBytes16(blocks));
  PackSteps(w, columns, length, 8, packed);
}

}  // namespace wqlite
