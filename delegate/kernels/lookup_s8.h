#ifndef WQLITE_DELEGATE_KERNELS_LOOKUP_S8_H_
#define WQLITE_DELEGATE_KERNELS_LOOKUP_S8_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "delegate/kernels/isa.h"

namespace wqlite {

/// out[i] = table[(uint8_t)in[i]].
struct LookupS8Kernel {
  const char* name;  ///< lookup_s8__<isa>
  Isa isa;
  /// table: 256 entries. `out` may be `in` (each byte is read before it is
  /// written), but must not overlap it otherwise.
  void (*run)(const int8_t* table, const int8_t* in, size_t count, int8_t* out);
};

/// The kernel for each instruction set that this processor can run, best first.
const std::vector<const LookupS8Kernel*>& AvailableLookupS8();

/// The kernel for the best instruction set of this processor.
const LookupS8Kernel& BestLookupS8();

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_KERNELS_LOOKUP_S8_H_
