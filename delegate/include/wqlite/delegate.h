#ifndef WQLITE_DELEGATE_H_
#define WQLITE_DELEGATE_H_

/// wqlite's TensorFlow Lite delegate for programs in C99 and C++.
///
///     WqDelegateOptions options = WqDelegateOptionsDefault();
///     options.num_threads = 2;
///     TfLiteDelegate* delegate = WqDelegateCreate(&options);
///     if (delegate == NULL) puts(WqDelegateLastError());
///     TfLiteInterpreterOptionsAddDelegate(interpreter_options, delegate);
///     ... create the interpreter, run it, delete it ...
///     WqDelegateDelete(delegate);
///
/// No function throws, and each may be called from any thread at any time, but
/// not from TensorFlow Lite's error reporter.
/// docs/c_api.md says what later versions may change.

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WQ_DELEGATE_EXPORT __attribute__((visibility("default")))

/// TensorFlow Lite's own, which its C API also calls TfLiteOpaqueDelegate.
struct TfLiteDelegate;

/// The options of docs/delegate.md, by their names there. Start from
/// WqDelegateOptionsDefault(), and not from zeros. Texts are read by
/// WqDelegateCreate only, and may go afterwards.
///
/// Later versions may append fields, whose default is zero, at the end.
typedef struct WqDelegateOptions {
  size_t size;      ///< Of this structure, as the program knows it, in bytes.
  int num_threads;  ///< 1 to 64; 0: as many as the interpreter has.
  int strict;       ///< Not 0: fail rather than leave a layer out.
  double memory_budget_mb;  ///< In MiB, from 0 on; negative: by the model.
  // Names; NULL: the default.
  const char* algorithm;
  const char* tile;
  const char* core;
  const char* rounding;
  const char* rounding_one_step;
  const char* verify;
  const char* override;  ///< Kernels of single layers, as WqDelegatePlan says.
  const char* log_level;
} WqDelegateOptions;

/// All defaults. Inline, so that `size` is that of the structure which the
/// program was compiled with, whatever library it loads.
static inline WqDelegateOptions WqDelegateOptionsDefault(void) {
  WqDelegateOptions options;
  options.size = sizeof options;
  options.num_threads = 0;
  options.strict = 0;
  options.memory_budget_mb = -1;
  options.algorithm = NULL;
  options.tile = NULL;
  options.core = NULL;
  options.rounding = NULL;
  options.rounding_one_step = NULL;
  options.verify = NULL;
  options.override = NULL;
  options.log_level = NULL;
  return options;
}

/// Makes a delegate, which several interpreters in several threads may share;
/// NULL: with all defaults. Gives NULL where an option is bad, where the
/// processor cannot run wqlite (32-bit ARM without NEON), or without memory:
/// WqDelegateLastError() says which.
WQ_DELEGATE_EXPORT struct TfLiteDelegate* WqDelegateCreate(
    const WqDelegateOptions* options);

/// Deletes a delegate of WqDelegateCreate, once; NULL is permitted. Delete the
/// interpreters that were made with it first, as TensorFlow Lite asks for: they
/// may read it again at any time. One of which an interpreter runs layers at
/// that moment is kept for good, which makes most such mistakes harmless.
WQ_DELEGATE_EXPORT void WqDelegateDelete(struct TfLiteDelegate* delegate);

/// Why the last WqDelegateCreate of the calling thread gave NULL, as one
/// sentence; "" where it gave a delegate, or was never called. Valid until that
/// thread calls WqDelegateCreate again or ends.
WQ_DELEGATE_EXPORT const char* WqDelegateLastError(void);

/// Writes how the layers run that a delegate took, as snprintf would: at most
/// `size` bytes of `text`, the last of them a NUL; returns the length of the
/// whole text without it. `text` may be NULL where `size` is 0.
///
/// For each graph that the delegate was applied to and that still lives, in
/// that order: a line for each layer, "node 1 'conv': ... kernel=...", and one
/// line "override=..." which, as the option `override`, makes the same plan
/// again. (A model has one graph, or more where it has control flow.) Layers
/// whose length is not known yet have their plan after AllocateTensors; a
/// resize makes a new one. "" before, where no layer was taken, and once the
/// interpreters are deleted. In UTF-8.
WQ_DELEGATE_EXPORT size_t WqDelegatePlan(struct TfLiteDelegate* delegate,
                                         char* text, size_t size);

/// The version of the library that was loaded, such as "0.1.0".
WQ_DELEGATE_EXPORT const char* WqDelegateVersion(void);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // WQLITE_DELEGATE_H_
