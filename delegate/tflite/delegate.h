#ifndef WQLITE_DELEGATE_TFLITE_DELEGATE_H_
#define WQLITE_DELEGATE_TFLITE_DELEGATE_H_

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "delegate/base/status.h"
#include "delegate/tflite/abi.h"
#include "delegate/tflite/graph.h"
#include "delegate/tflite/options.h"

namespace wqlite {

/// The external delegate: hands every 1-D convolution that MatchConv1D takes to
/// our kernels, with the pointwise nodes and reshapes that follow one, and
/// leaves the rest of the graph to TFLite.
///
/// Several interpreters may share one. It only watches their graphs, which
/// hold nothing of it.
class Delegate {
 public:
  /// `refusal`: an error makes a delegate that no interpreter can use: Prepare
  /// fails with its sentence.
  explicit Delegate(const Options& options, Status refusal = Status());
  Delegate(const Delegate&) = delete;
  Delegate& operator=(const Delegate&) = delete;

  /// Makes one for Release to delete.
  static TfLiteDelegate* New(const Options& options, Status refusal = Status());

  /// Deletes what New has made; null is permitted. One of which an interpreter
  /// still has a graph is kept for good instead: TFLite reads the handle again
  /// whenever that allocates tensors anew, even after it has freed the graph
  /// (where XNNPACK was applied, too, it takes all delegates back and asks them
  /// again).
  static void Release(TfLiteDelegate* handle);

  /// What TFLite sees. It lives as long as this object.
  TfLiteDelegate* handle() { return &handle_; }

  /// The delegate behind a handle.
  static Delegate* From(TfLiteDelegate* handle) {
    return static_cast<Delegate*>(handle->data_);
  }

  /// The plans of the graphs that were prepared with it and that still live, in
  /// that order. While one of them is being prepared this waits.
  std::string PlanText();

  /// The graph whose nodes are being replaced. Only inside of a kernel's init,
  /// which TFLite calls while Prepare runs.
  std::shared_ptr<Graph> graph_in_preparation() const {
    return graph_in_preparation_;
  }

 private:
  static TfLiteStatus Prepare(TfLiteContext* context, TfLiteDelegate* handle);
  TfLiteStatus TakeNodes(TfLiteContext* context);
  void Watch(const std::shared_ptr<Graph>& graph);
  bool HasGraphs();

  Options options_;
  Status refusal_;
  Logger log_;
  TfLiteDelegate handle_ = {};
  std::mutex mutex_;  ///< Held while Prepare runs.
  /// Of all its graphs, which may outlive it.
  const std::shared_ptr<ThreadPools> pools_ = std::make_shared<ThreadPools>();
  std::shared_ptr<Graph> graph_in_preparation_;
  std::vector<std::weak_ptr<Graph>> graphs_;
  Delegate* next_kept_ = nullptr;  ///< In the list of those kept for good.
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_DELEGATE_H_
