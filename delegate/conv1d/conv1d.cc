#include "delegate/conv1d/conv1d.h"

#include "delegate/conv1d/direct.h"
#include "delegate/conv1d/split.h"
#include "delegate/conv1d/winograd_s16.h"
#include "delegate/conv1d/winograd_s8.h"

namespace wqlite {

Status Conv1D::Create(const Conv1DSpec& spec, const Conv1DShape& shape,
                      const WeightStats& weights, const KernelChoice& choice,
                      std::unique_ptr<Conv1D>* op) {
  if (choice.others_direct) {
    return CreateSplitConv1D(spec, shape, weights, choice, op);
  }
  switch (choice.algorithm) {
    case Algorithm::kWinogradS16:
      return CreateWinogradConv1D(spec, shape, weights, choice, op);
    case Algorithm::kWinogradS8:
      return CreateWinogradS8Conv1D(spec, shape, weights, choice, op);
    case Algorithm::kDirect:
      break;
  }
  return CreateDirectConv1D(spec, shape, weights, choice, op);
}

}  // namespace wqlite
