#ifndef WQLITE_DELEGATE_CONV1D_WINOGRAD_S16_H_
#define WQLITE_DELEGATE_CONV1D_WINOGRAD_S16_H_

#include <memory>

#include "delegate/conv1d/conv1d.h"

namespace wqlite {

/// The exact int16 Winograd kernel with `choice.tile`, with
/// `choice.others_direct` for the output channels whose weights go ahead; see
/// Conv1D::Create.
Status CreateWinogradConv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
                            const WeightStats& weights,
                            const KernelChoice& choice,
                            std::unique_ptr<Conv1D>* op);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_CONV1D_WINOGRAD_S16_H_
