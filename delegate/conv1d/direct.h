#ifndef WQLITE_DELEGATE_CONV1D_DIRECT_H_
#define WQLITE_DELEGATE_CONV1D_DIRECT_H_

#include <cstddef>
#include <memory>

#include "delegate/conv1d/conv1d.h"

namespace wqlite {

/// The direct int8 kernel, with `choice.others_direct` for the output channels
/// that are left for it; see Conv1D::Create.
Status CreateDirectConv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
                          const WeightStats& weights,
                          const KernelChoice& choice,
                          std::unique_ptr<Conv1D>* op);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_CONV1D_DIRECT_H_
