#include <gtest/gtest.h>
#include <wqlite/delegate.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "delegate/tflite/option_fields.h"
#include "delegate/tflite/options.h"
#include "tests/delegate/tflite/fake_runtime.h"

namespace wqlite {
namespace {

struct Deleter {
  void operator()(TfLiteDelegate* delegate) const {
    WqDelegateDelete(delegate);
  }
};
using Handle = std::unique_ptr<TfLiteDelegate, Deleter>;

WqDelegateOptions Quiet() {
  WqDelegateOptions options = WqDelegateOptionsDefault();
  options.log_level = "silent";
  return options;
}

Handle MakeQuiet() {
  const WqDelegateOptions options = Quiet();
  return Handle(WqDelegateCreate(&options));
}

std::string Refusal(const WqDelegateOptions& options) {
  const Handle delegate(WqDelegateCreate(&options));
  EXPECT_EQ(delegate == nullptr, *WqDelegateLastError() != '\0');
  return WqDelegateLastError();
}

// Read twice, as programs do: for the size, and then the text.
std::string PlanOf(const Handle& delegate) {
  std::vector<char> text(WqDelegatePlan(delegate.get(), nullptr, 0) + 1, 'x');
  EXPECT_EQ(WqDelegatePlan(delegate.get(), text.data(), text.size()),
            text.size() - 1);
  return text.data();
}

// In names of options.
OptionPairs Pairs(const WqDelegateOptions* options) {
  OptionPairs pairs;
  EXPECT_TRUE(PairsOf(options, &pairs).ok());
  return pairs;
}

TEST(CApiTest, CreatesAndDeletes) {
  EXPECT_NE(Handle(WqDelegateCreate(nullptr)), nullptr);
  const WqDelegateOptions options = WqDelegateOptionsDefault();
  EXPECT_NE(Handle(WqDelegateCreate(&options)), nullptr);
  EXPECT_STREQ(WqDelegateLastError(), "");
  WqDelegateDelete(nullptr);
}

TEST(CApiTest, DefaultsSetNoOption) {
  const WqDelegateOptions options = WqDelegateOptionsDefault();
  EXPECT_TRUE(Pairs(&options).empty());
}

WqDelegateOptions EveryOption() {
  WqDelegateOptions options = WqDelegateOptionsDefault();
  options.num_threads = 3;
  options.strict = 1;
  options.memory_budget_mb = 2.5;
  options.algorithm = "winograd_s16";
  options.tile = "F(2,3)";
  options.core = "two_pipe";
  options.rounding = "single";
  options.rounding_one_step = "double_away";
  options.verify = "full";
  options.override = "3=direct";
  options.log_level = "silent";
  return options;
}

TEST(CApiTest, EveryOptionHasAField) {
  const WqDelegateOptions all = EveryOption();
  std::set<std::string> fields, options;
  for (const auto& [name, value] : Pairs(&all)) fields.insert(name);
  for (const OptionRow& row : OptionTable()) options.insert(row.name);
  EXPECT_EQ(fields, options);
}

TEST(CApiTest, EachFieldIsTheOptionOfItsName) {
  const WqDelegateOptions all = EveryOption();
  Options options;
  ASSERT_TRUE(ParseOptions(&all, &options).ok());
  EXPECT_EQ(options.num_threads, 3);
  EXPECT_TRUE(options.strict);
  EXPECT_EQ(options.plan.memory_budget, size_t{5} << 19);
  EXPECT_EQ(options.plan.algorithm, Algorithm::kWinogradS16);
  EXPECT_STREQ(options.plan.tile->name, "F(2,3)");
  EXPECT_EQ(options.plan.core, Core::kTwoPipe);
  EXPECT_EQ(options.rounding.many_steps, Rounding::kSingle);
  EXPECT_EQ(options.rounding.one_step, Rounding::kDoubleAway);
  EXPECT_EQ(options.verification, Verification::kFull);
  EXPECT_EQ(options.overrides.at(3).algorithm, Algorithm::kDirect);
  EXPECT_EQ(options.log_level, LogLevel::kSilent);
}

TEST(CApiTest, BadFieldsAreRefusedAsOptionsAre) {
  WqDelegateOptions options = Quiet();
  options.num_threads = -1;
  EXPECT_EQ(Refusal(options),
            "option num_threads: '-1' is not permitted; permitted: auto, a "
            "whole number from 1 to 64");
  options = Quiet();
  options.memory_budget_mb = std::nan("");
  EXPECT_EQ(Refusal(options),
            "option memory_budget_mb: 'nan' is not permitted; permitted: auto, "
            "a number of at least 0, such as 16 or 0.5");
  options = Quiet();
  options.tile = "F(9,9)";
  EXPECT_EQ(
      Refusal(options).rfind("option tile: 'F(9,9)' is not permitted; ", 0),
      0u);
  EXPECT_EQ(Refusal(Quiet()), "") << "what was refused before is over";
}

TEST(CApiTest, AnyBudgetIsRead) {
  const auto budget = [](double megabytes) {
    WqDelegateOptions fields = Quiet();
    fields.memory_budget_mb = megabytes;
    Options options;
    EXPECT_TRUE(ParseOptions(&fields, &options).ok()) << megabytes;
    return options.plan.memory_budget;
  };
  EXPECT_EQ(budget(0), 0u);
  EXPECT_EQ(budget(0.5), 1u << 19);
  EXPECT_NEAR(static_cast<double>(budget(0.1).value()), 104857.6, 2);
  EXPECT_EQ(budget(-0.5), std::nullopt);
  EXPECT_EQ(budget(1e30), budget(std::numeric_limits<double>::infinity()));
  EXPECT_GT(budget(1e30), 0xfffffffeu);
}

TEST(CApiTest, ASizeThatCannotBeIsRefused) {
  WqDelegateOptions options = Quiet();
  for (const size_t size : {size_t{0}, sizeof options.size - 1, size_t{5000},
                            std::numeric_limits<size_t>::max()}) {
    options.size = size;
    EXPECT_EQ(Refusal(options), "WqDelegateOptions.size is " +
                                    std::to_string(size) +
                                    "; start from WqDelegateOptionsDefault()");
  }
}

// Nothing beyond the program's own structure is read, which AddressSanitizer
// watches: each is a block of its own.
TEST(CApiTest, AStructureOfAnOlderProgramHasDefaultsForWhatItLacks) {
  const WqDelegateOptions all = EveryOption();
  size_t before = 0;
  for (size_t size = sizeof all.size; size <= sizeof all; ++size) {
    const std::unique_ptr<char[]> block(new char[size]);
    std::memcpy(block.get(), &all, size);
    std::memcpy(block.get(), &size, sizeof size);
    const auto* older = reinterpret_cast<WqDelegateOptions*>(block.get());
    const OptionPairs pairs = Pairs(older);
    EXPECT_LE(before, pairs.size());
    before = pairs.size();
  }
  EXPECT_EQ(before, OptionTable().size());
}

// Two, so that there is no padding behind them on 32 bits.
struct NewerOptions {
  WqDelegateOptions known = WqDelegateOptionsDefault();
  const char* unknown = nullptr;
  const char* unset = nullptr;
};

TEST(CApiTest, AStructureOfANewerProgramIsReadUnlessItSetsWhatIsNew) {
  NewerOptions newer;
  newer.known.size = sizeof newer;
  newer.known.num_threads = 2;
  EXPECT_EQ(Refusal(newer.known), "");
  newer.unknown = "set";
  EXPECT_EQ(Refusal(newer.known),
            "WqDelegateOptions sets an option that wqlite " +
                std::string(WqDelegateVersion()) +
                " does not know; load a newer libwq_delegate.so, or leave it "
                "at its default");
}

TEST(CApiTest, EachThreadHasItsOwnLastError) {
  WqDelegateOptions options = Quiet();
  options.core = "fast";
  ASSERT_NE(Refusal(options), "");
  std::thread other([] {
    EXPECT_STREQ(WqDelegateLastError(), "");
    WqDelegateOptions bad = Quiet();
    bad.verify = "much";
    EXPECT_NE(Refusal(bad).find("option verify: 'much'"), std::string::npos);
  });
  other.join();
  EXPECT_NE(std::string(WqDelegateLastError()).find("option core: 'fast'"),
            std::string::npos);
}

TEST(CApiTest, PlanIsThatOfTheGraphsThatLive) {
  const Handle delegate = MakeQuiet();
  EXPECT_EQ(PlanOf(delegate), "");
  {
    FakeRuntime first;
    ASSERT_EQ(first.Apply(delegate.get()), kTfLiteOk);
    const std::string plan = PlanOf(delegate);
    EXPECT_EQ(plan.rfind("node 0 'conv': width 5 stride 1 3->4, 10->10 steps: "
                         "kernel=",
                         0),
              0u)
        << plan;
    EXPECT_NE(plan.find("\noverride=0="), std::string::npos) << plan;
    EXPECT_EQ(plan.back(), '\n');
    FakeRuntime second;
    ASSERT_EQ(second.Apply(delegate.get()), kTfLiteOk);
    EXPECT_EQ(PlanOf(delegate), plan + plan);
  }
  EXPECT_EQ(PlanOf(delegate), "");
  EXPECT_EQ(WqDelegatePlan(nullptr, nullptr, 0), 0u);
}

TEST(CApiTest, PlanAsAnOptionMakesTheSamePlan) {
  const Handle free = MakeQuiet();
  FakeRuntime first;
  ASSERT_EQ(first.Apply(free.get()), kTfLiteOk);
  const std::string plan = PlanOf(free);
  const std::string key = "override=";
  std::string value = plan.substr(plan.find("\n" + key) + 1 + key.size());
  value.pop_back();
  WqDelegateOptions options = Quiet();
  options.override = value.c_str();
  const Handle bound(WqDelegateCreate(&options));
  FakeRuntime second;
  ASSERT_EQ(second.Apply(bound.get()), kTfLiteOk);
  const std::string same = PlanOf(bound);
  EXPECT_EQ(same.substr(same.find(key)), plan.substr(plan.find(key)));
}

TEST(CApiTest, PlanFollowsAResize) {
  const Handle delegate = MakeQuiet();
  FakeRuntime runtime;
  ASSERT_EQ(runtime.Apply(delegate.get()), kTfLiteOk);
  runtime.SetDims(FakeConv::kInput, {1, 1, 6, 3});
  ASSERT_EQ(runtime.PrepareKernel(), kTfLiteOk);
  EXPECT_NE(PlanOf(delegate).find(", 6->6 steps: kernel="), std::string::npos);
}

TEST(CApiTest, PlanSaysWhatIsLeftToTFLite) {
  const Handle delegate = MakeQuiet();
  FakeRuntime runtime;
  ASSERT_EQ(runtime.Apply(delegate.get()), kTfLiteOk);
  runtime.SetDims(FakeConv::kInput, {1, 1, 0, 3});
  ASSERT_EQ(runtime.PrepareKernel(), kTfLiteOk) << runtime.errors;
  EXPECT_EQ(PlanOf(delegate),
            "node 0 'conv': its input is empty or does not have 4 dimensions; "
            "left to TFLite's own kernel\noverride=\n");
  runtime.SetDims(FakeConv::kInput, {1, 1, 10, 3});
  ASSERT_EQ(runtime.PrepareKernel(), kTfLiteOk);
  EXPECT_NE(PlanOf(delegate).find("10->10 steps: kernel="), std::string::npos);
}

TEST(CApiTest, PlanIsCutAsBySnprintf) {
  const Handle delegate = MakeQuiet();
  FakeRuntime runtime;
  ASSERT_EQ(runtime.Apply(delegate.get()), kTfLiteOk);
  const std::string plan = PlanOf(delegate);
  char text[6] = "xxxxx";
  EXPECT_EQ(WqDelegatePlan(delegate.get(), text, 5), plan.size());
  EXPECT_EQ(std::string(text, 6), std::string("node\0\0", 6));
  EXPECT_EQ(WqDelegatePlan(delegate.get(), text, 1), plan.size());
  EXPECT_EQ(text[0], '\0');
  EXPECT_EQ(WqDelegatePlan(delegate.get(), nullptr, 9), plan.size());
}

// AddressSanitizer watches that what they still read of it is there.
TEST(CApiTest, InterpretersOutliveTheDelegate) {
  Handle delegate = MakeQuiet();
  FakeRuntime runtime;
  ASSERT_EQ(runtime.Apply(delegate.get()), kTfLiteOk);
  delegate.reset();
  for (const int time : {10, 7}) {
    runtime.SetDims(FakeConv::kInput, {1, 1, time, 3});
    ASSERT_EQ(runtime.PrepareKernel(), kTfLiteOk) << runtime.errors;
    std::vector<int8_t> input(time * 3, -3), output(time * 4, 99);
    runtime.tensor(FakeConv::kInput).data.data = input.data();
    runtime.tensor(FakeConv::kOutput).data.data = output.data();
    ASSERT_EQ(runtime.InvokeKernel(), kTfLiteOk) << runtime.errors;
    EXPECT_EQ(output.back(), 10);
  }
}

// ThreadSanitizer watches: one thread resizes and runs, another asks.
TEST(CApiTest, PlanIsReadWhileAGraphIsPrepared) {
  const Handle delegate = MakeQuiet();
  FakeRuntime runtime;
  ASSERT_EQ(runtime.Apply(delegate.get()), kTfLiteOk);
  std::thread other([&runtime] {
    for (int time = 5; time < 25; ++time) {
      runtime.SetDims(FakeConv::kInput, {1, 1, time, 3});
      EXPECT_EQ(runtime.PrepareKernel(), kTfLiteOk) << runtime.errors;
    }
  });
  for (int i = 0; i < 20; ++i) {
    const std::string plan = PlanOf(delegate);
    EXPECT_EQ(std::count(plan.begin(), plan.end(), '\n'), 2) << plan;
  }
  other.join();
}

}  // namespace
}  // namespace wqlite
