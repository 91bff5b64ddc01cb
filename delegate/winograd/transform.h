#ifndef WQLITE_DELEGATE_WINOGRAD_TRANSFORM_H_
#define WQLITE_DELEGATE_WINOGRAD_TRANSFORM_H_

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "delegate/winograd/linear_map.h"
#include "delegate/winograd/simd.h"
#include "delegate/winograd/tile.h"
#include "delegate/winograd/toom_cook.h"

namespace wqlite {

/// A base tile: F(M,R) from one Toom-Cook table.
template <int M, int R>
struct Base {
  static constexpr int outputs = M;
  static constexpr int taps = R;
  static constexpr int points = M + R - 1;
  static constexpr const ToomCook<M, R>& tables = kToomCook<M, R>;

  struct Bt {
    static constexpr auto& value = kToomCook<M, R>.bt;
  };
  struct G {
    static constexpr auto& value = kToomCook<M, R>.g;
  };
  struct A {
    static constexpr auto& value = kToomCook<M, R>.a;
  };
  /// c of ToomCook: a with its columns scaled.
  struct C {
    static constexpr Matrix<M, points> value = [] {
      Matrix<M, points> c = tables.a;
      for (int i = 0; i < M; ++i) {
        for (int j = 0; j < points; ++j) c.at[i][j] *= tables.scale[j];
      }
      return c;
    }();
  };
};

/// A product of base tiles, outermost first: F(m1,r1)xF(m2,r2) computes
/// m1*m2 outputs of r1*r2 taps. Output i1*m2 + i2, tap j1*r2 + j2 and point
/// p1*n2 + p2. The inputs of neighbouring outer positions overlap like a
/// convolution over blocks, which needs m2 == r2 at every inner level.
///
/// All functions here are straight-line code on values in registers; points
/// come and go in the order of their numbers.
template <class... Levels>
struct Nest;

template <>
struct Nest<> {  // One value in, one value out.
  static constexpr int outputs = 1;
  static constexpr int taps = 1;
  static constexpr int points = 1;
  static constexpr int inputs = 1;
  static constexpr int v_growth = 1;
  static constexpr int u_growth = 1;
  static constexpr int shift = 0;
  static constexpr uint32_t odd = 1;
  static constexpr int FirstTap(int) { return 0; }

  template <class V, class StorePoint>
  static WQ_INLINE void Input(const V* x, StorePoint& store) {
    store(x[0]);
  }
  template <class V, class StorePoint>
  static WQ_INLINE void Weights(const V* x, StorePoint& store) {
    store(x[0]);
  }
  template <class V, class LoadPoint>
  static WQ_INLINE void Output(LoadPoint& load, V* y) {
    y[0] = load();
  }
};

template <class Outer, class... Inner>
struct Nest<Outer, Inner...> {
  using Rest = Nest<Inner...>;
  static_assert(Rest::outputs == Rest::taps,
                "inner levels must have as many outputs as taps");
  static constexpr int outputs = Outer::outputs * Rest::outputs;
  static constexpr int taps = Outer::taps * Rest::taps;
  static constexpr int points = Outer::points * Rest::points;
  static constexpr int inputs = outputs + taps - 1;
  static constexpr int v_growth = Growth(Outer::tables.bt) * Rest::v_growth;
  static constexpr int u_growth = Growth(Outer::tables.g) * Rest::u_growth;
  static constexpr int shift = Outer::tables.shift + Rest::shift;
  static constexpr uint32_t odd = Outer::tables.odd * Rest::odd;

  /// The first tap that a point's transformed weight depends on.
  static constexpr int FirstTap(int point) {
    const auto& row = Outer::tables.g.at[point / Rest::points];
    int tap = 0;
    while (row[tap] == 0) ++tap;
    return tap * Rest::taps + Rest::FirstTap(point % Rest::points);
  }

  /// bt of all levels: `inputs` values to `points`, by store(value).
  template <class V, class StorePoint>
  static WQ_INLINE void Input(const V* x, StorePoint& store) {
    auto next = [&](int, const Pack<V, Rest::inputs>& row)
                    WQ_INLINE_LAMBDA { Rest::Input(row.at, store); };
    Forward<typename Outer::Bt, Rest::inputs>(x, next);
  }

  /// g of all levels: `taps` values to `points`.
  template <class V, class StorePoint>
  static WQ_INLINE void Weights(const V* x, StorePoint& store) {
    auto next = [&](int, const Pack<V, Rest::taps>& row)
                    WQ_INLINE_LAMBDA { Rest::Weights(row.at, store); };
    Forward<typename Outer::G, Rest::taps>(x, next);
  }

  /// c of all levels: `points` values, by load(), to `outputs`.
  template <class V, class LoadPoint>
  static WQ_INLINE void Output(LoadPoint& load, V* y) {
    V columns[Outer::points][Rest::outputs];
    WQ_UNROLL for (auto& column : columns) Rest::Output(load, column);
    WQ_UNROLL for (int i = 0; i < Rest::outputs; ++i) {
      V in[Outer::points];
      V out[Outer::outputs];
      WQ_UNROLL for (int p = 0; p < Outer::points; ++p) in[p] = columns[p][i];
      LinearMap<typename Outer::C>::Apply(in, out);
      WQ_UNROLL for (int o = 0; o < Outer::outputs; ++o) {
        y[o * Rest::outputs + i] = out[o];
      }
    }
  }

 private:
  /// Applies the outer table across blocks that lie Rest::taps apart; a row is
  /// `kLength` positions inside a block.
  template <class Table, int kLength, class V, class Next>
  static WQ_INLINE void Forward(const V* x, Next& next) {
    using Map = LinearMap<Table>;
    Pack<V, kLength> blocks[Map::cols];
    WQ_UNROLL for (int k = 0; k < Map::cols; ++k) {
      WQ_UNROLL for (int i = 0; i < kLength; ++i) {
        blocks[k].at[i] = x[k * Rest::taps + i];
      }
    }
    Map::ForEachRow(blocks, next);
  }
};

/// The transforms of a whole tile over SIMD lanes (channels), in the cheap
/// order: the costly base tile runs once per block, between it and memory lies
/// a small buffer, and the other levels' additions run once per base point.
/// (Kronecker factors commute, so the order is free. F(2,2)^3xF(4,4) needs a
/// third less work this way, and compilers need not spill.)
///
/// The costly level must be the outermost or the innermost one.
template <class Costly, class Others, bool kCostlyIsOuter>
struct TileTransform {
  // Offsets, in taps, outputs or inputs alike, between the values that the
  // costly level combines, and between those that the others combine.
  static constexpr int kCostlyStep = kCostlyIsOuter ? Others::taps : 1;
  static constexpr int kOthersStep = kCostlyIsOuter ? 1 : Costly::taps;
  // The same in flat point numbers.
  static constexpr int kCostlyPoint = kCostlyIsOuter ? Others::points : 1;
  static constexpr int kOthersPoint = kCostlyIsOuter ? 1 : Costly::points;

  /// in: int8 rows of 8 channels, `row_stride` bytes apart; v: for each point
  /// two int16 quads of 4 channels, at point * point_stride and quad_stride
  /// after it (elements). With a quad_stride of 0 the second quad is dropped.
  static void Input(const int8_t* in, ptrdiff_t row_stride, int16_t* v,
                    ptrdiff_t point_stride, ptrdiff_t quad_stride) {
    auto rows = [&](int first) WQ_INLINE_LAMBDA {
      return WideRows{in + first * row_stride, kCostlyStep * row_stride};
    };
    auto points = [&]() WQ_INLINE_LAMBDA {
      const WidePoints to = {{v, kOthersPoint * point_stride, quad_stride}};
      v += kCostlyPoint * point_stride;
      return to;
    };
    InputStages<int16_t, U16x8>(rows, points);
  }

  /// The same in int8, modulo 2^8: in: rows of 16 channels, aligned to 16; v:
  /// for each point, `point_stride` apart, two times 8 channels, `half_stride`
  /// apart. All aligned to 8.
  static void InputS8(const int8_t* in, ptrdiff_t row_stride, int8_t* v,
                      ptrdiff_t point_stride, ptrdiff_t half_stride) {
    auto rows = [&](int first) WQ_INLINE_LAMBDA {
      return NarrowRows{{const_cast<int8_t*>(in) + first * row_stride,
                         kCostlyStep * row_stride}};
    };
    auto points = [&]() WQ_INLINE_LAMBDA {
      const NarrowPoints to = {{v, kOthersPoint * point_stride, half_stride}};
      v += kCostlyPoint * point_stride;
      return to;
    };
    InputStages<int8_t, U8x16>(rows, points);
  }

  /// w: int8 [taps], kWeightTapBytes apart, of 8 lanes; u: per point 8 lanes of
  /// int16, `point_stride` elements apart.
  static void Weights(const int8_t* w, int16_t* u, ptrdiff_t point_stride) {
    using Stage = Buffer<int16_t, U16x8, Others::taps, 32>;
    Stage buffer;
    Repeat<Others::taps, Stage::kUnrollLoops>([&](int j) WQ_INLINE_LAMBDA {
      U16x8 x[Costly::taps];
      WQ_UNROLL for (int k = 0; k < Costly::taps; ++k) {
        x[k] = LoadWiden(w +
                         (j * kOthersStep + k * kCostlyStep) * kWeightTapBytes);
      }
      auto to = buffer.Column(j);
      auto keep = [&](int, U16x8 y) WQ_INLINE_LAMBDA { to.Store(y); };
      LinearMap<typename Costly::G>::ForEachRow(x, keep);
    });
    Repeat<Costly::points, Stage::kUnrollLoops>([&](int q) WQ_INLINE_LAMBDA {
      U16x8 x[Others::taps];
      auto from = buffer.Row(q);
      WQ_UNROLL for (U16x8& value : x) value = from.Load();
      PointStore store = {{u, kOthersPoint * point_stride}};
      u += kCostlyPoint * point_stride;
      Others::Weights(x, store);
    });
  }

  /// products: per point 4 lanes of int32, `point_stride` elements apart; y:
  /// the exact sums, `outputs` rows of 4 lanes, `row_stride` elements apart.
  static void Output(const int32_t* products, ptrdiff_t point_stride,
                     int32_t* y, ptrdiff_t row_stride) {
    using Stage = Buffer<int32_t, U32x4, Others::outputs, 20>;
    Stage buffer;
    Repeat<Costly::points, Stage::kUnrollLoops>([&](int q) WQ_INLINE_LAMBDA {
      PointLoad load = {
          {const_cast<int32_t*>(products), kOthersPoint * point_stride}};
      products += kCostlyPoint * point_stride;
      U32x4 sums[Others::outputs];
      Others::Output(load, sums);
      auto to = buffer.Row(q);
      WQ_UNROLL for (const U32x4& sum : sums) to.Store(sum);
    });
    Repeat<Others::outputs, Stage::kUnrollLoops>([&](int j) WQ_INLINE_LAMBDA {
      U32x4 x[Costly::points];
      U32x4 sums[Costly::outputs];
      auto from = buffer.Column(j);
      WQ_UNROLL for (int q = 0; q < Costly::points; ++q) {
        x[q] = from.Load() * kFactors.at[q];
      }
      LinearMap<typename Costly::A>::Apply(x, sums);
      Cursor32 to(y, kCostlyStep * row_stride);
      y += kOthersStep * row_stride;
      WQ_UNROLL for (const U32x4& sum : sums) {
        // Exact division by 2^shift: the proof keeps |sum| * 2^shift < 2^31.
        to.Store(ShiftedRight<kShift>(sum));
      }
    });
  }

 private:
  // Where points are stored to and loaded from. (Classes, because a lambda that
  // captures a cursor by reference keeps it in memory.)
  struct PointStore {
    Cursor16 to;
    WQ_INLINE void operator()(U16x8 y) { to.Store(y); }
  };
  struct PointLoad {
    Cursor32 from;
    WQ_INLINE U32x4 operator()() { return from.Load(); }
  };

  // What InputStages loads from and stores to, in int16 ...
  struct WideRows {
    const int8_t* from;
    ptrdiff_t step;
    WQ_INLINE U16x8 Load(int k) const { return LoadWiden(from + k * step); }
  };
  struct WidePoints {
    HalvesCursor<int16_t> to;
    WQ_INLINE void operator()(U16x8 y) { to.Store(y); }
  };
  // ... and in int8.
  struct NarrowRows {
    Cursor8 from;
    WQ_INLINE U8x16 Load(int) { return from.Load(); }
  };
  struct NarrowPoints {
    HalvesCursor<int8_t> to;
    WQ_INLINE void operator()(U8x16 y) { to.Store(y); }
  };

  /// bt of all levels over vectors V. rows(first) loads the input rows that the
  /// costly level combines from `first` on, one after the other; points() is
  /// where the points of the next costly point go.
  template <class Element, class V, class Rows, class Points>
  static WQ_INLINE void InputStages(Rows rows, Points points) {
    using Stage = Buffer<Element, V, Others::inputs, 16>;
    Stage buffer;
    Repeat<Others::inputs, Stage::kUnrollLoops>([&](int j) WQ_INLINE_LAMBDA {
      V x[Costly::points];
      auto in = rows(j * kOthersStep);
      WQ_UNROLL for (int k = 0; k < Costly::points; ++k) x[k] = in.Load(k);
      auto to = buffer.Column(j);
      auto keep = [&](int, V y) WQ_INLINE_LAMBDA { to.Store(y); };
      LinearMap<typename Costly::Bt>::ForEachRow(x, keep);
    });
    Repeat<Costly::points, Stage::kUnrollLoops>([&](int q) WQ_INLINE_LAMBDA {
      V x[Others::inputs];
      auto from = buffer.Row(q);
      WQ_UNROLL for (V& value : x) value = from.Load();
      auto store = points();
      Others::Input(x, store);
    });
  }

  /// Between the levels: for each costly point what the others still combine.
  /// In registers up to `kLimit` vectors (as measured with GCC on ARMv7).
  template <class Element, class Vector, int kLength, int kLimit>
  using Buffer = std::conditional_t<
      Costly::points * kLength <= kLimit,
      RegisterBuffer<Vector, Costly::points, kLength>,
      MemoryBuffer<Element, Vector, Costly::points, kLength>>;

  static constexpr int kShift = Costly::tables.shift + Others::shift;

  /// The costly level's column scale times the inverse of the odd divisor of
  /// all levels, modulo 2^32: the exact division costs nothing extra.
  struct Factors {
    uint32_t at[Costly::points] = {};
  };
  static constexpr Factors kFactors = [] {
    Factors factors;
    const uint32_t inverse = InverseModulo32(
        static_cast<uint32_t>(Costly::tables.odd) * Others::odd);
    for (int q = 0; q < Costly::points; ++q) {
      factors.at[q] = static_cast<uint32_t>(Costly::tables.scale[q]) * inverse;
    }
    return factors;
  }();
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_TRANSFORM_H_
