#ifndef WQLITE_DELEGATE_CONV1D_WINOGRAD_S8_H_
#define WQLITE_DELEGATE_CONV1D_WINOGRAD_S8_H_

#include <memory>

#include "delegate/conv1d/conv1d.h"

namespace wqlite {

/// The int8 Winograd kernel with `choice.tile`; see Conv1D::Create.
///
/// A proof must say that nothing overflows (see ProveExactS8).
Status CreateWinogradS8Conv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
                              const WeightStats& weights,
                              const KernelChoice& choice,
                              std::unique_ptr<Conv1D>* op);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_CONV1D_WINOGRAD_S8_H_
