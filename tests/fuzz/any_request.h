#ifndef WQLITE_TESTS_FUZZ_ANY_REQUEST_H_
#define WQLITE_TESTS_FUZZ_ANY_REQUEST_H_

#include <fuzzer/FuzzedDataProvider.h>

#include <cstddef>
#include <vector>

#include "delegate/plan/request.h"
#include "delegate/winograd/tile.h"

namespace wqlite {

/// A request that the fuzzer chooses: any kernel, tile and number of groups.
inline KernelRequest AnyRequest(FuzzedDataProvider* bytes) {
  KernelRequest request;
  if (bytes->ConsumeBool()) {
    request.algorithm = bytes->PickValueInArray(
        {Algorithm::kDirect, Algorithm::kWinogradS16, Algorithm::kWinogradS8});
  }
  const std::vector<const Tile*>& tiles = AllTiles();
  const size_t tile = bytes->ConsumeIntegralInRange<size_t>(0, tiles.size());
  if (request.algorithm != Algorithm::kDirect && tile < tiles.size()) {
    request.tile = tiles[tile];
  }
  if (request.tile != nullptr && bytes->ConsumeBool()) {
    request.ahead_groups = bytes->ConsumeIntegralInRange(0, 4);
    request.others_direct = bytes->ConsumeBool();
  }
  return request;
}

}  // namespace wqlite

#endif  // WQLITE_TESTS_FUZZ_ANY_REQUEST_H_
