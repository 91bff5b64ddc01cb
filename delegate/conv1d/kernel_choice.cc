#include "delegate/conv1d/kernel_choice.h"

namespace wqlite {

const char* AlgorithmName(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kWinogradS16:
      return "winograd_s16";
    case Algorithm::kWinogradS8:
      return "winograd_s8";
    case Algorithm::kDirect:
      break;
  }
  return "direct";
}

}  // namespace wqlite
