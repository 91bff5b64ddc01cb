#ifndef WQLITE_DELEGATE_WINOGRAD_TOOM_COOK_H_
#define WQLITE_DELEGATE_WINOGRAD_TOOM_COOK_H_

#include <cstdint>

#include "delegate/winograd/rational.h"

namespace wqlite {

/// A small integer matrix that templates can take apart at compile time.
template <int Rows, int Cols>
struct Matrix {
  static constexpr int rows = Rows;
  static constexpr int cols = Cols;
  int32_t at[Rows][Cols] = {};
};

/// The finite interpolation points, in the order in which they are used; a base
/// tile with n points takes the first n - 1 and infinity. Small magnitudes
/// first: they keep the coefficients, and so the growth in int16, small.
inline constexpr Rational kFinitePoints[] = {0,      1,       -1, 2, -2,
                                             {1, 2}, {-1, 2}, 3,  -3};

/// F(M,R): M outputs of an R-tap correlation from N = M + R - 1 products,
/// by Toom-Cook in integers (design: "Exact integer Winograd"):
///
///   out * (odd << shift) = c @ ((g @ weights) . (bt @ data)),
///   c[i][j] = a[i][j] * scale[j]
///
/// with `data` the N inputs that M neighbouring outputs see. For M = 2, R = 2
/// (points 0, 1, infinity) that is
///
///   bt = 1 -1  0    g = 1 0    a = 1 1 0    scale = 1 1 1, odd = 1
///        0  1  0        1 1        0 1 1    shift = 0
///        0 -1  1        0 1
///
/// up to signs. Rows of bt and g and columns of a are primitive (content 1) and
/// begin with a positive entry; what that takes away is in `scale`.
template <int M, int R>
struct ToomCook {
  static constexpr int N = M + R - 1;
  Matrix<N, N> bt;
  Matrix<N, R> g;
  Matrix<M, N> a;
  int32_t scale[N] = {};
  int32_t odd = 1;
  int shift = 0;
};

/// Divides `row` by its content, signed so that its first non-zero entry
/// becomes positive; writes integers and returns the content.
template <int Size>
constexpr Rational MakePrimitive(const Rational (&row)[Size],
                                 int32_t (&out)[Size]) {
  int64_t den = 1;
  for (const Rational& x : row) den = Lcm(den, x.den);
  int64_t content = 0;
  for (const Rational& x : row) content = Gcd(content, x.num * (den / x.den));
  int sign = 0;
  for (const Rational& x : row) {
    if (sign == 0 && x.num != 0) sign = x.num < 0 ? -1 : 1;
  }
  for (int i = 0; i < Size; ++i) {
    out[i] =
        static_cast<int32_t>(row[i].num * (den / row[i].den) / content * sign);
  }
  return {content * sign, den};
}

/// The tables of F(M,R). With finite points p_0 .. p_{N-2}, the polynomial
/// product's interpolation, transposed (Winograd 1980; the FIR form):
///   bt row j: coefficients of prod_{l != j} (x - p_l); last row: of
///             prod_l (x - p_l)
///   g row j:  p_j^k / prod_{l != j} (p_j - p_l); last row: x^(R-1)
///   a row i:  p_j^i; last column: only the last output
template <int M, int R>
constexpr ToomCook<M, R> MakeToomCook() {
  constexpr int N = M + R - 1;
  static_assert(N >= 2 && N - 1 <= static_cast<int>(sizeof(kFinitePoints) /
                                                    sizeof(Rational)),
                "add a point to kFinitePoints");
  ToomCook<M, R> result;
  Rational column_scale[N];
  for (int j = 0; j < N; ++j) {
    const bool infinite = j == N - 1;
    // bt: the product over all other finite points.
    Rational bt[N];
    bt[0] = 1;
    Rational norm = 1;
    int degree = 0;
    for (int l = 0; l < N - 1; ++l) {
      if (l == j) continue;
      const Rational p = kFinitePoints[l];
      for (int k = degree + 1; k > 0; --k) bt[k] = bt[k - 1] - p * bt[k];
      bt[0] = -p * bt[0];
      ++degree;
      if (!infinite) norm = norm * (kFinitePoints[j] - p);
    }
    Rational g[R];
    Rational a[M];
    if (infinite) {
      g[R - 1] = 1;
      a[M - 1] = 1;
    } else {
      Rational power = 1;
      for (int k = 0; k < (R > M ? R : M); ++k) {
        if (k < R) g[k] = power / norm;
        if (k < M) a[k] = power;
        power = power * kFinitePoints[j];
      }
    }
    int32_t a_column[M] = {};
    column_scale[j] = MakePrimitive(bt, result.bt.at[j]) *
                      MakePrimitive(g, result.g.at[j]) *
                      MakePrimitive(a, a_column);
    for (int i = 0; i < M; ++i) result.a.at[i][j] = a_column[i];
  }
  int64_t common = 1;
  for (const Rational& s : column_scale) common = Lcm(common, s.den);
  for (int j = 0; j < N; ++j) {
    result.scale[j] = static_cast<int32_t>(column_scale[j].num *
                                           (common / column_scale[j].den));
  }
  while (common % 2 == 0) {
    common /= 2;
    ++result.shift;
  }
  result.odd = static_cast<int32_t>(common);
  return result;
}

template <int M, int R>
inline constexpr ToomCook<M, R> kToomCook = MakeToomCook<M, R>();

/// The largest sum of absolute values in a row: how much a transform can grow.
template <int Rows, int Cols>
constexpr int Growth(const Matrix<Rows, Cols>& matrix) {
  int growth = 0;
  for (const auto& row : matrix.at) {
    int sum = 0;
    for (const int32_t x : row) sum += x < 0 ? -x : x;
    if (sum > growth) growth = sum;
  }
  return growth;
}

/// The inverse of an odd number modulo 2^32 (Newton: each step doubles the
/// number of correct bits, from 3).
constexpr uint32_t InverseModulo32(uint32_t odd) {
  uint32_t inverse = odd;
  for (int i = 0; i < 4; ++i) inverse *= 2 - odd * inverse;
  return inverse;
}

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_TOOM_COOK_H_
