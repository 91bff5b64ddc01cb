#ifndef WQLITE_DELEGATE_CONV1D_SPLIT_H_
#define WQLITE_DELEGATE_CONV1D_SPLIT_H_

#include <memory>

#include "delegate/conv1d/conv1d.h"

namespace wqlite {

/// winograd_s16 for the output channels whose weights are transformed ahead,
/// and direct for the others: where few time steps meet each weight, that is
/// less work than transforming theirs while running. See Conv1D::Create.
Status CreateSplitConv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
                         const WeightStats& weights, const KernelChoice& choice,
                         std::unique_ptr<Conv1D>* op);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_CONV1D_SPLIT_H_
