#ifndef WQLITE_DELEGATE_WINOGRAD_LINEAR_MAP_H_
#define WQLITE_DELEGATE_WINOGRAD_LINEAR_MAP_H_

#include <cstdint>
#include <type_traits>

#include "delegate/winograd/toom_cook.h"

namespace wqlite {

// Straight-line multiplication of SIMD vectors by a constant integer matrix.
// GCC's and Clang's vector extension is used, so every target's compiler emits
// its own instructions. Elements are unsigned: everything is modulo 2^16 or
// 2^32 by design, and wrapping must be defined.
using U16x8 = uint16_t __attribute__((vector_size(16)));
using U32x4 = uint32_t __attribute__((vector_size(16)));

#define WQ_UNROLL _Pragma("GCC unroll 64")
#define WQ_INLINE inline __attribute__((always_inline))
#define WQ_INLINE_LAMBDA __attribute__((always_inline))

constexpr int32_t Abs(int32_t x) { return x < 0 ? -x : x; }

/// For each row the other row with the same absolute values (points p and -p),
/// or -1. Such a pair shares its work: even + odd and even - odd.
template <int Rows, int Cols>
struct Pairing {
  int partner[Rows] = {};

  explicit constexpr Pairing(const Matrix<Rows, Cols>& matrix) {
    for (int& p : partner) p = -1;
    for (int r = 0; r < Rows; ++r) {
      for (int s = r + 1; s < Rows && partner[r] < 0; ++s) {
        if (partner[s] < 0 && Mirrored(matrix, r, s)) {
          partner[r] = s;
          partner[s] = r;
        }
      }
    }
  }

 private:
  static constexpr bool Mirrored(const Matrix<Rows, Cols>& matrix, int r,
                                 int s) {
    int terms = 0;
    bool differ = false;
    for (int c = 0; c < Cols; ++c) {
      const int32_t x = matrix.at[r][c];
      const int32_t y = matrix.at[s][c];
      if (Abs(x) != Abs(y)) return false;
      terms += x != 0;
      differ = differ || x != y;
    }
    return terms > 1 && differ;
  }
};

template <int Rows, int Cols>
constexpr Matrix<Cols, Rows> Transpose(const Matrix<Rows, Cols>& matrix) {
  Matrix<Cols, Rows> result;
  for (int r = 0; r < Rows; ++r) {
    for (int c = 0; c < Cols; ++c) result.at[c][r] = matrix.at[r][c];
  }
  return result;
}

/// x times a constant: a shift for powers of two.
template <int32_t Factor, class V>
WQ_INLINE V Times(V x) {
  static_assert(Factor > 0);
  if constexpr (Factor == 1) {
    return x;
  } else if constexpr ((Factor & (Factor - 1)) == 0) {
    return x << __builtin_ctz(Factor);
  } else {
    return x * static_cast<decltype(x[0] + 0u)>(Factor);
  }
}

template <int32_t Coefficient, class V>
WQ_INLINE void AddTerm(V x, V* sum) {
  if constexpr (Coefficient > 0) *sum += Times<Coefficient>(x);
  if constexpr (Coefficient < 0) *sum -= Times<-Coefficient>(x);
}

/// Products with one constant matrix. `Table` has `static constexpr Matrix
/// value`.
template <class Table>
class LinearMap {
 public:
  using Values = std::decay_t<decltype(Table::value)>;
  static constexpr int rows = Values::rows;
  static constexpr int cols = Values::cols;

  /// y = value * x, sharing the work of mirrored rows. For bt and g.
  template <class V>
  static WQ_INLINE void Apply(const V (&x)[cols], V (&y)[rows]) {
    ApplyRow<0>(x, y);
  }

  /// y = value * x, sharing the work of mirrored columns. For a.
  template <class V>
  static WQ_INLINE void ApplyColumns(const V (&x)[cols], V (&y)[rows]) {
    WQ_UNROLL for (int r = 0; r < rows; ++r) y[r] = V{};
    ApplyColumn<0>(x, y);
  }

 private:
  static constexpr Pairing<rows, cols> kRowPairs{Table::value};
  static constexpr Pairing<cols, rows> kColumnPairs{Transpose(Table::value)};

  enum class Part { kAll, kEven, kOdd };  // of a mirrored pair of rows

  template <int Row, Part Which, int Col = 0, class V>
  static WQ_INLINE void Dot(const V (&x)[cols], V* sum) {
    if constexpr (Col < cols) {
      constexpr int32_t coefficient = Table::value.at[Row][Col];
      constexpr int partner = kRowPairs.partner[Row];
      constexpr bool even =
          partner < 0 ||
          Table::value.at[partner < 0 ? 0 : partner][Col] == coefficient;
      if constexpr (Which == Part::kAll || (Which == Part::kEven) == even) {
        AddTerm<coefficient>(x[Col], sum);
      }
      Dot<Row, Which, Col + 1>(x, sum);
    }
  }

  template <int Row, class V>
  static WQ_INLINE void ApplyRow(const V (&x)[cols], V (&y)[rows]) {
    if constexpr (Row < rows) {
      constexpr int partner = kRowPairs.partner[Row];
      if constexpr (partner < 0) {
        V sum{};
        Dot<Row, Part::kAll>(x, &sum);
        y[Row] = sum;
      } else if constexpr (partner > Row) {
        V even{};
        V odd{};
        Dot<Row, Part::kEven>(x, &even);
        Dot<Row, Part::kOdd>(x, &odd);
        y[Row] = even + odd;
        y[partner] = even - odd;
      }
      ApplyRow<Row + 1>(x, y);
    }
  }

  template <int Col, int Row = 0, class V>
  static WQ_INLINE void AddPair(V sum, V difference, V (&y)[rows]) {
    if constexpr (Row < rows) {
      constexpr int32_t coefficient = Table::value.at[Row][Col];
      constexpr bool same =
          Table::value.at[Row][kColumnPairs.partner[Col]] == coefficient;
      AddTerm<coefficient>(same ? sum : difference, &y[Row]);
      AddPair<Col, Row + 1>(sum, difference, y);
    }
  }

  template <int Col, int Row = 0, class V>
  static WQ_INLINE void AddSingle(V x, V (&y)[rows]) {
    if constexpr (Row < rows) {
      AddTerm<Table::value.at[Row][Col]>(x, &y[Row]);
      AddSingle<Col, Row + 1>(x, y);
    }
  }

  template <int Col, class V>
  static WQ_INLINE void ApplyColumn(const V (&x)[cols], V (&y)[rows]) {
    if constexpr (Col < cols) {
      constexpr int partner = kColumnPairs.partner[Col];
      if constexpr (partner < 0) {
        AddSingle<Col>(x[Col], y);
      } else if constexpr (partner > Col) {
        AddPair<Col>(x[Col] + x[partner], x[Col] - x[partner], y);
      }
      ApplyColumn<Col + 1>(x, y);
    }
  }
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_LINEAR_MAP_H_
