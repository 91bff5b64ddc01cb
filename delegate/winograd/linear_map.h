#ifndef WQLITE_DELEGATE_WINOGRAD_LINEAR_MAP_H_
#define WQLITE_DELEGATE_WINOGRAD_LINEAR_MAP_H_

#include <cstdint>
#include <type_traits>

#include "delegate/winograd/simd.h"
#include "delegate/winograd/toom_cook.h"

namespace wqlite {

// Straight-line multiplication of SIMD vectors by a constant integer matrix.

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
/// Several vectors that go through the same arithmetic.
template <class V, int kLength>
struct Pack {
  V at[kLength] = {};

  WQ_INLINE Pack& operator+=(const Pack& y) {
    WQ_UNROLL for (int i = 0; i < kLength; ++i) at[i] += y.at[i];
    return *this;
  }
  WQ_INLINE Pack& operator-=(const Pack& y) {
    WQ_UNROLL for (int i = 0; i < kLength; ++i) at[i] -= y.at[i];
    return *this;
  }
  friend WQ_INLINE Pack operator+(Pack x, const Pack& y) { return x += y; }
  friend WQ_INLINE Pack operator-(Pack x, const Pack& y) { return x -= y; }
};

/// x times a constant: a shift for powers of two.
template <int32_t kFactor, class V>
WQ_INLINE V Times(V x) {
  static_assert(kFactor > 0);
  if constexpr ((kFactor & (kFactor - 1)) == 0) {
    return x << __builtin_ctz(kFactor);
  } else {
    return x * static_cast<decltype(x[0] + 0u)>(kFactor);
  }
}

template <int32_t kFactor, class V, int kLength>
WQ_INLINE Pack<V, kLength> Times(Pack<V, kLength> x) {
  WQ_UNROLL for (V& v : x.at) v = Times<kFactor>(v);
  return x;
}

template <int32_t kCoefficient, class V>
WQ_INLINE void AddTerm(V x, V* sum) {
  if constexpr (kCoefficient > 0) *sum += Times<kCoefficient>(x);
  if constexpr (kCoefficient < 0) *sum -= Times<-kCoefficient>(x);
}

/// Products with one constant matrix. `Table` has `static constexpr Matrix
/// value`; V is a vector or a Pack of them.
template <class Table>
class LinearMap {
 public:
  using Values = std::decay_t<decltype(Table::value)>;
  static constexpr int rows = Values::rows;
  static constexpr int cols = Values::cols;

  /// next(r, row r of value * x), row by row, so that little is alive at a
  /// time. Mirrored rows share their work. For bt and g.
  template <class V, class Next>
  static WQ_INLINE void ForEachRow(const V (&x)[cols], Next& next) {
    FromRow<0>(x, next);
  }

  /// y = value * x; mirrored columns share their work. For a and c.
  template <class V>
  static WQ_INLINE void Apply(const V (&x)[cols], V (&y)[rows]) {
    WQ_UNROLL for (int r = 0; r < rows; ++r) y[r] = V{};
    FromColumn<0>(x, y);
  }

 private:
  static constexpr Pairing<rows, cols> kRowPairs{Table::value};
  static constexpr Pairing<cols, rows> kColumnPairs{Transpose(Table::value)};

  enum class Part { kAll, kEven, kOdd };  // of a mirrored pair of rows

  template <int kRow, Part kPart, int kCol = 0, class V>
  static WQ_INLINE void Dot(const V (&x)[cols], V* sum) {
    if constexpr (kCol < cols) {
      constexpr int32_t coefficient = Table::value.at[kRow][kCol];
      constexpr int partner = kRowPairs.partner[kRow];
      constexpr bool even =
          partner < 0 ||
          Table::value.at[partner < 0 ? 0 : partner][kCol] == coefficient;
      if constexpr (kPart == Part::kAll || (kPart == Part::kEven) == even) {
        AddTerm<coefficient>(x[kCol], sum);
      }
      Dot<kRow, kPart, kCol + 1>(x, sum);
    }
  }

  template <int kRow, class V, class Next>
  static WQ_INLINE void FromRow(const V (&x)[cols], Next& next) {
    if constexpr (kRow < rows) {
      constexpr int partner = kRowPairs.partner[kRow];
      // Points p and -p are neighbours in kFinitePoints, so the rows are, too.
      static_assert(partner < 0 || partner == kRow + 1);
      if constexpr (partner < 0) {
        V sum{};
        Dot<kRow, Part::kAll>(x, &sum);
        next(kRow, sum);
        FromRow<kRow + 1>(x, next);
      } else {
        V even{};
        V odd{};
        Dot<kRow, Part::kEven>(x, &even);
        Dot<kRow, Part::kOdd>(x, &odd);
        next(kRow, even + odd);
        next(partner, even - odd);
        FromRow<kRow + 2>(x, next);
      }
    }
  }

  template <int kCol, int kRow = 0, class V>
  static WQ_INLINE void AddPair(V sum, V difference, V (&y)[rows]) {
    if constexpr (kRow < rows) {
      constexpr int32_t coefficient = Table::value.at[kRow][kCol];
      constexpr bool same =
          Table::value.at[kRow][kColumnPairs.partner[kCol]] == coefficient;
      AddTerm<coefficient>(same ? sum : difference, &y[kRow]);
      AddPair<kCol, kRow + 1>(sum, difference, y);
    }
  }

  template <int kCol, int kRow = 0, class V>
  static WQ_INLINE void AddSingle(V x, V (&y)[rows]) {
    if constexpr (kRow < rows) {
      AddTerm<Table::value.at[kRow][kCol]>(x, &y[kRow]);
      AddSingle<kCol, kRow + 1>(x, y);
    }
  }

  template <int kCol, class V>
  static WQ_INLINE void FromColumn(const V (&x)[cols], V (&y)[rows]) {
    if constexpr (kCol < cols) {
      constexpr int partner = kColumnPairs.partner[kCol];
      if constexpr (partner < 0) {
        AddSingle<kCol>(x[kCol], y);
      } else if constexpr (partner > kCol) {
        AddPair<kCol>(x[kCol] + x[partner], x[kCol] - x[partner], y);
      }
      FromColumn<kCol + 1>(x, y);
    }
  }
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_LINEAR_MAP_H_
