/// Options as a tool passes them on: any names and values, and the grammar of
/// kernel requests, which must read what it wrote; and the same as the fields
/// of the public header.

#include <fuzzer/FuzzedDataProvider.h>
#include <wqlite/delegate.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <vector>

#include "delegate/base/threads.h"
#include "delegate/conv1d/kernel_choice.h"
#include "delegate/plan/request.h"
#include "delegate/tflite/abi.h"
#include "delegate/tflite/options.h"
#include "tests/fuzz/check.h"

extern "C" TfLiteDelegate* tflite_plugin_create_delegate(
    const char* const* keys, const char* const* values, size_t count,
    void (*report_error)(const char*));
extern "C" void tflite_plugin_destroy_delegate(TfLiteDelegate* handle);

namespace wqlite {
namespace {

constexpr int kMaxGroups = 1 << 20;

int reports = 0;  // report_error gets no context.

// What holds for all options that were accepted.
void CheckOptions(const Options& options) {
  const int threads = options.num_threads.value_or(1);
  WQ_CHECK(threads >= 1 && threads <= kMaxThreads);
  for (const auto& [node, request] : options.overrides) {
    WQ_CHECK(request.ahead_groups.value_or(0) >= 0);
    WQ_CHECK(!request.ahead_groups || request.tile != nullptr);
  }
}

// A choice that meets `request`, as text and back.
void CheckRoundTrip(const KernelRequest& request, int groups) {
  if (!request.algorithm) return;
  const bool tiles = *request.algorithm != Algorithm::kDirect;
  if (tiles && request.tile == nullptr) return;
  KernelChoice choice;
  choice.algorithm = *request.algorithm;
  choice.tile = request.tile;
  choice.channel_groups = groups;
  choice.ahead_groups = std::min(request.ahead_groups.value_or(groups), groups);
  const bool split = 0 < choice.ahead_groups && choice.ahead_groups < groups;
  choice.others_direct = request.others_direct && split;
  KernelRequest again;
  WQ_CHECK(ParseKernelRequest(AsRequest(choice), &again));
  WQ_CHECK(again.algorithm == choice.algorithm);
  WQ_CHECK(again.tile == choice.tile);
  if (choice.algorithm == Algorithm::kWinogradS16) {
    WQ_CHECK(std::min(again.ahead_groups.value_or(-1), groups) ==
             choice.ahead_groups);
    WQ_CHECK(again.others_direct == choice.others_direct);
  }
}

void FuzzRequest(FuzzedDataProvider* bytes) {
  const int groups = bytes->ConsumeIntegralInRange(1, kMaxGroups);
  KernelRequest request;
  if (ParseKernelRequest(bytes->ConsumeRemainingBytesAsString(), &request)) {
    CheckRoundTrip(request, groups);
  }
}

void FuzzOptions(FuzzedDataProvider* bytes) {
  std::vector<std::string> texts;  // Names and values in turn.
  std::vector<const char*> keys;
  std::vector<const char*> values;
  const int count = bytes->ConsumeIntegralInRange(0, 6);
  for (int i = 0; i < count; ++i) {
    const bool known = bytes->ConsumeBool();
    const std::vector<OptionRow>& rows = OptionTable();
    const size_t row =
        bytes->ConsumeIntegralInRange<size_t>(0, rows.size() - 1);
    texts.push_back(known ? rows[row].name
                          : bytes->ConsumeRandomLengthString(12));
    texts.push_back(bytes->ConsumeRandomLengthString(40));
  }
  for (int i = 0; i < count; ++i) {
    keys.push_back(texts[2 * i].c_str());
    values.push_back(texts[2 * i + 1].c_str());
  }
  Options options;
  const Status status =
      ParseOptions(keys.data(), values.data(), keys.size(), &options);
  if (status.ok()) CheckOptions(options);

  reports = 0;
  TfLiteDelegate* delegate = tflite_plugin_create_delegate(
      keys.data(), values.data(), keys.size(),
      [](const char* message) { reports += *message != 0; });
  WQ_CHECK(reports == (status.ok() ? 0 : 1));
  tflite_plugin_destroy_delegate(delegate);
}

// A structure of any size in a block of its own, so that whatever is read
// behind it is noticed.
void FuzzFields(FuzzedDataProvider* bytes) {
  WqDelegateOptions fields = WqDelegateOptionsDefault();
  fields.num_threads = bytes->ConsumeIntegralInRange(-1, kMaxThreads + 1);
  fields.strict = bytes->ConsumeIntegral<int>();
  const auto budget = bytes->ConsumeIntegral<uint64_t>();
  std::memcpy(&fields.memory_budget_mb, &budget, sizeof budget);
  const std::string tile = bytes->ConsumeRandomLengthString(12);
  const std::string overrides = bytes->ConsumeRandomLengthString(40);
  if (!tile.empty()) fields.tile = tile.c_str();
  if (!overrides.empty()) fields.override = overrides.c_str();

  fields.size = bytes->ConsumeIntegralInRange<size_t>(0, 2 * sizeof fields);
  std::vector<char> block(std::max(fields.size, sizeof fields.size));
  std::memcpy(block.data(), &fields, std::min(block.size(), sizeof fields));
  TfLiteDelegate* delegate =
      WqDelegateCreate(reinterpret_cast<WqDelegateOptions*>(block.data()));
  WQ_CHECK((delegate == nullptr) == (*WqDelegateLastError() != '\0'));
  WqDelegateDelete(delegate);
}

}  // namespace
}  // namespace wqlite

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider bytes(data, size);
  switch (bytes.ConsumeIntegralInRange(0, 2)) {
    case 0:
      wqlite::FuzzRequest(&bytes);
      break;
    case 1:
      wqlite::FuzzOptions(&bytes);
      break;
    default:
      wqlite::FuzzFields(&bytes);
  }
  return 0;
}
