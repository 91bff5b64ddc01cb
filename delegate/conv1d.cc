#include "delegate/conv1d.h"

#include "delegate/conv1d_direct.h"
#include "delegate/conv1d_winograd.h"

namespace wqlite {

Status Conv1D::Create(const Conv1DSpec& spec, const Conv1DShape& shape,
                      const Plan& plan, std::unique_ptr<Conv1D>* op) {
  return plan.tile == nullptr ? CreateDirectConv1D(spec, shape, plan, op)
                              : CreateWinogradConv1D(spec, shape, plan, op);
}

}  // namespace wqlite
