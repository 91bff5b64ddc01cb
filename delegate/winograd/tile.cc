#include "delegate/winograd/tile.h"

#include <tuple>
#include <type_traits>

#include "delegate/winograd/transform.h"

namespace wqlite {
namespace {

// "F(m,r)" per level, joined by 'x', and a terminating zero.
template <class... Levels>
struct Name {
  static_assert(((Levels::outputs < 10 && Levels::taps < 10) && ...));
  char text[7 * sizeof...(Levels)] = {};

  constexpr Name() {
    int at = 0;
    (Append<Levels>(&at), ...);
    text[at - 1] = 0;
  }

 private:
  template <class Level>
  constexpr void Append(int* at) {
    for (const char c : {'F', '(', static_cast<char>('0' + Level::outputs), ',',
                         static_cast<char>('0' + Level::taps), ')', 'x'}) {
      text[(*at)++] = c;
    }
  }
};

template <class... Levels>
struct DropLast;
template <class Last>
struct DropLast<Last> {
  using type = Nest<>;
};
template <class First, class... Rest>
struct DropLast<First, Rest...> {
  template <class N>
  struct Prepend;
  template <class... Levels>
  struct Prepend<Nest<Levels...>> {
    using type = Nest<First, Levels...>;
  };
  using type = typename Prepend<typename DropLast<Rest...>::type>::type;
};

// Takes the costly level, the one with most points, out of the nest: it must
// stand first or last.
template <class First, class... Rest>
struct Split {
  using Last =
      std::tuple_element_t<sizeof...(Rest), std::tuple<First, Rest...>>;
  static constexpr bool kFirstIsCostly = First::points > Last::points;
  using Transform = std::conditional_t<
      kFirstIsCostly, TileTransform<First, Nest<Rest...>, true>,
      TileTransform<Last, typename DropLast<First, Rest...>::type, false>>;
};

// Vector instructions of one product with a constant matrix: additions (a
// mirrored pair of rows shares its halves), and shifts or multiplications.
template <int Rows, int Cols>
constexpr int Operations(const Matrix<Rows, Cols>& matrix) {
  const Pairing<Rows, Cols> pairing(matrix);
  int operations = 0;
  for (int r = 0; r < Rows; ++r) {
    if (pairing.partner[r] >= 0 && pairing.partner[r] < r) {
      operations += 2;
      continue;
    }
    operations -= 1;
    for (const int32_t x : matrix.at[r]) {
      operations += (x != 0) + (Abs(x) > 1);
    }
  }
  return operations;
}

// Instructions of all levels of a nest, for the three roles.
template <class... Levels>
struct NestOperations {
  static constexpr int input = 0;
  static constexpr int weights = 0;
  static constexpr int output = 0;
};
template <class Outer, class... Inner>
struct NestOperations<Outer, Inner...> {
  using Rest = Nest<Inner...>;
  using Next = NestOperations<Inner...>;
  static constexpr int input =
      Rest::inputs * Operations(Outer::tables.bt) + Outer::points * Next::input;
  static constexpr int weights =
      Rest::taps * Operations(Outer::tables.g) + Outer::points * Next::weights;
  static constexpr int output =
      Rest::outputs * Operations(Transpose(Outer::C::value)) +
      Outer::points * Next::output;
};

// Instructions of a TileTransform: the costly level once per position of the
// others, the others once per costly point, and loads and stores around both.
template <class Transform>
struct TileOperations;
template <class Costly, class... Others, bool kCostlyIsOuter>
struct TileOperations<TileTransform<Costly, Nest<Others...>, kCostlyIsOuter>> {
  using Rest = Nest<Others...>;
  using RestOperations = NestOperations<Others...>;
  static constexpr int input =
      Rest::inputs * (Operations(Costly::tables.bt) + 4 * Costly::points) +
      Costly::points * (RestOperations::input + 2 * Rest::points);
  static constexpr int weights =
      Rest::taps * (Operations(Costly::tables.g) + 2 * Costly::taps +
                    2 * Costly::points) +
      Costly::points * (RestOperations::weights + Rest::points);
  static constexpr int output =
      Rest::outputs * (Operations(Transpose(Costly::tables.a)) +
                       4 * Costly::points + 2 * Costly::outputs) +
      Costly::points * (RestOperations::output + Rest::points);
};

template <class... Levels>
const Tile* Make() {
  using All = Nest<Levels...>;
  using Transform = typename Split<Levels...>::Transform;
  static_assert(All::v_growth * 128 <= 32767, "inputs would overflow int16");
  static constexpr Name<Levels...> name;
  using Ops = TileOperations<Transform>;
  static constexpr Tile tile = {
      name.text,        All::outputs,  All::taps,        All::points,
      All::v_growth,    All::u_growth, All::shift,       Ops::input,
      Ops::weights,     Ops::output,   Transform::Input, Transform::Weights,
      Transform::Output};
  return &tile;
}

}  // namespace

const std::vector<const Tile*>& AllTiles() {
  using F22 = Base<2, 2>;
  using F42 = Base<4, 2>;
  using F32 = Base<3, 2>;
  using F23 = Base<2, 3>;
  using F33 = Base<3, 3>;
  using F43 = Base<4, 3>;
  using F44 = Base<4, 4>;
  using F54 = Base<5, 4>;
  static const auto* tiles = new std::vector<const Tile*>{
      Make<F22>(),
      Make<F23>(),
      Make<F33>(),
      Make<F43>(),
      Make<F44>(),
      Make<F54>(),
      Make<F22, F33>(),
      Make<F22, F44>(),
      Make<F33, F33>(),
      Make<F54, F22>(),
      Make<F33, F44>(),
      Make<F32, F44>(),
      Make<F42, F44>(),
      Make<F54, F22, F22>(),
      Make<F22, F22, F44>(),
      Make<F22, F33, F33>(),
      Make<F22, F22, F22, F44>(),
  };
  return *tiles;
}

const Tile* FindTile(std::string_view name) {
  for (const Tile* tile : AllTiles()) {
    if (name == tile->name) return tile;
  }
  return nullptr;
}

}  // namespace wqlite
