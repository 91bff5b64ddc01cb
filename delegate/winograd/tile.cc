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

// The tile of a nest. tools/rig/calibrate.py measures the costs.
template <class... Levels>
const Tile* Make(int input_cost, int weight_cost, int output_cost) {
  using All = Nest<Levels...>;
  using Transform = typename Split<Levels...>::Transform;
  static_assert(All::v_growth * 128 <= 32767, "inputs would overflow int16");
  static_assert(All::taps <= kMaxTileTaps && All::points <= kMaxTilePoints);
  static constexpr Name<Levels...> name;
  static const Tile tile = {
      name.text,          All::outputs,       All::taps,
      All::points,        All::v_growth,      All::u_growth,
      All::shift,         input_cost,         weight_cost,
      output_cost,        All::FirstTap,      Transform::Input,
      Transform::InputS8, Transform::Weights, Transform::Output};
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
  using F53 = Base<5, 3>;
  using F54 = Base<5, 4>;
  using F55 = Base<5, 5>;
  using F63 = Base<6, 3>;
  static const auto* tiles = new std::vector<const Tile*>{
      Make<F22>(28, 15, 16),
      Make<F23>(36, 19, 22),
      Make<F33>(57, 27, 35),
      Make<F43>(67, 29, 53),
      Make<F44>(102, 42, 65),
      Make<F63>(107, 37, 78),
      Make<F54>(107, 45, 72),
      Make<F55>(181, 65, 98),
      Make<F23, F22>(107, 44, 52),
      Make<F22, F33>(188, 54, 81),
      Make<F22, F44>(388, 90, 176),
      Make<F33, F33>(412, 129, 243),
      Make<F54, F22>(417, 102, 209),
      Make<F33, F44>(684, 231, 357),
      Make<F53, F33>(701, 204, 392),
      Make<F32, F44>(504, 114, 306),
      Make<F42, F44>(684, 143, 424),
      Make<F54, F22, F22>(998, 350, 490),
      Make<F22, F22, F44>(922, 307, 423),
      Make<F22, F33, F33>(1041, 404, 550),
      Make<F53, F22, F22, F22>(2385, 693, 1124),
      Make<F22, F22, F22, F44>(2367, 732, 1060),
      Make<F32, F22, F22, F44>(3367, 876, 1866),
      Make<F23, F22, F22, F44>(3367, 1094, 1538),
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
