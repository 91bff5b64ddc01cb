#include "delegate/tflite/rounding_probe.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/delegate/tflite/fake_graph.h"
#include "tests/delegate/tflite/fake_kernels.h"

namespace wqlite {
namespace {

constexpr Rounding kUp = Rounding::kDoubleUp;
constexpr Rounding kAway = Rounding::kDoubleAway;
constexpr Rounding kSingle = Rounding::kSingle;

Status Ask(const TfLiteRegistration& registration, RoundingRules* rules,
           const FixedRounding& fixed = {}) {
  FakeConv graph;
  const Logger log(LogLevel::kSilent);
  return RoundingProbe(&graph.context(), fixed, log).Ask(registration, rules);
}

template <Fault fault>
std::string Reason() {
  RoundingRules rules;
  return Ask(FakeConvKernel<kUp, kUp, fault>::Registration(), &rules).message();
}

template <Rounding many_steps, Rounding one_step>
void ExpectFound() {
  RoundingRules rules;
  const Status status =
      Ask(FakeConvKernel<many_steps, one_step>::Registration(), &rules);
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(rules.many_steps, many_steps);
  EXPECT_EQ(rules.one_step, one_step);
}

TEST(RoundingProbeTest, FindsEveryPair) {
  ExpectFound<kUp, kUp>();
  ExpectFound<kUp, kAway>();
  ExpectFound<kUp, kSingle>();
  ExpectFound<kAway, kUp>();
  ExpectFound<kAway, kAway>();
  ExpectFound<kAway, kSingle>();
  ExpectFound<kSingle, kUp>();
  ExpectFound<kSingle, kAway>();
  ExpectFound<kSingle, kSingle>();
}

TEST(RoundingProbeTest, SaysWithCountsThatNoRuleFits) {
  const std::string reason = Reason<Fault::kTruncates>();
  EXPECT_EQ(reason.rfind("this interpreter's kernel of it rounds by none of "
                         "the rules that we know: with many output steps, of ",
                         0),
            0u)
      << reason;
  for (const Rounding rounding : kAllRoundings) {
    EXPECT_NE(reason.find(RoundingName(rounding) + std::string(" misses ")),
              std::string::npos)
        << reason;
  }
}

TEST(RoundingProbeTest, OneWrongByteIsEnough) {
  EXPECT_NE(Reason<Fault::kLastIsWrong>().find("double_up misses 20"),
            std::string::npos)
      << Reason<Fault::kLastIsWrong>();
}

TEST(RoundingProbeTest, PassesFailuresOfTheKernelOn) {
  EXPECT_EQ(Reason<Fault::kPrepareFails>(),
            "this interpreter's kernel of it did not prepare: no kernel for "
            "this");
  EXPECT_EQ(Reason<Fault::kInvokeFails>(),
            "this interpreter's kernel of it did not run");
  EXPECT_EQ(Reason<Fault::kAddsTensors>(),
            "this interpreter's kernel of it did not prepare: it wants 1 "
            "tensors more");
}

TEST(RoundingProbeTest, FixedRulesAreNotAsked) {
  RoundingRules rules;
  const TfLiteRegistration broken =
      FakeConvKernel<kUp, kUp, Fault::kPrepareFails>::Registration();
  EXPECT_TRUE(Ask(broken, &rules, {kSingle, kAway}).ok());
  EXPECT_EQ(rules.many_steps, kSingle);
  EXPECT_EQ(rules.one_step, kAway);
  EXPECT_FALSE(Ask(broken, &rules, {kSingle, std::nullopt}).ok());
  EXPECT_TRUE(
      Ask(FakeConvKernel<kUp, kAway>::Registration(), &rules, {kSingle, {}})
          .ok());
  EXPECT_EQ(rules.many_steps, kSingle);
  EXPECT_EQ(rules.one_step, kAway);
}

TEST(RoundingProbeTest, EveryKernelIsAskedOnce) {
  FakeConv graph;
  const Logger log(LogLevel::kInfo);
  RoundingProbe probe(&graph.context(), {}, log);
  const TfLiteRegistration builtin = FakeConvKernel<kUp, kUp>::Registration();
  const TfLiteRegistration custom =
      FakeConvKernel<kSingle, kAway>::Registration();
  testing::internal::CaptureStderr();
  RoundingRules rules;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(probe.Ask(builtin, &rules).ok());
    EXPECT_EQ(rules.many_steps, kUp);
    ASSERT_TRUE(probe.Ask(custom, &rules).ok());
    EXPECT_EQ(rules.many_steps, kSingle);
    EXPECT_EQ(rules.one_step, kAway);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "wqlite: rounding: double_up, with one output step double_up\n"
            "wqlite: rounding: single, with one output step double_away\n");
}

}  // namespace
}  // namespace wqlite
