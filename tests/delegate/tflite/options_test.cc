#include "delegate/tflite/options.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wqlite {
namespace {

using Pairs = std::vector<std::pair<const char*, const char*>>;

Status Parse(const Pairs& pairs, Options* options) {
  std::vector<const char*> keys, values;
  for (const auto& [key, value] : pairs) {
    keys.push_back(key);
    values.push_back(value);
  }
  return ParseOptions(keys.data(), values.data(), pairs.size(), options);
}

std::string Refusal(const Pairs& pairs) {
  Options options;
  return Parse(pairs, &options).message();
}

TEST(OptionsTest, DefaultsWithoutAnyOption) {
  Options options;
  ASSERT_TRUE(ParseOptions(nullptr, nullptr, 0, &options).ok());
  EXPECT_EQ(options.num_threads, std::nullopt);
  EXPECT_EQ(options.plan.algorithm, std::nullopt);
  EXPECT_EQ(options.plan.tile, nullptr);
  EXPECT_EQ(options.log_level, LogLevel::kWarning);
  EXPECT_EQ(options.rounding.many_steps, std::nullopt);
  EXPECT_EQ(options.rounding.one_step, std::nullopt);
  EXPECT_FALSE(options.strict);
}

TEST(OptionsTest, ThreadsOfTheInterpreter) {
  Options options;
  ASSERT_TRUE(
      Parse({{"num_threads", "3"}, {"num_threads", "auto"}}, &options).ok());
  EXPECT_EQ(options.num_threads, std::nullopt);
}

TEST(OptionsTest, ReadsEveryOption) {
  Options options;
  const Status status = Parse({{"num_threads", "3"},
                               {"algorithm", "winograd_s16"},
                               {"tile", "F(2,3)"},
                               {"log_level", "silent"},
                               {"memory_budget_mb", "2.5"},
                               {"core", "two_pipe"},
                               {"override", "3=direct+12=auto"},
                               {"rounding", "single"},
                               {"verify", "full"},
                               {"rounding_one_step", "double_away"},
                               {"strict", "true"}},
                              &options);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(options.num_threads, 3);
  EXPECT_EQ(options.plan.algorithm, Algorithm::kWinogradS16);
  ASSERT_NE(options.plan.tile, nullptr);
  EXPECT_STREQ(options.plan.tile->name, "F(2,3)");
  EXPECT_EQ(options.log_level, LogLevel::kSilent);
  EXPECT_EQ(options.plan.memory_budget, size_t{5} << 19);
  EXPECT_TRUE(options.strict);
  EXPECT_EQ(options.plan.core, Core::kTwoPipe);
  EXPECT_EQ(options.verification, Verification::kFull);
  EXPECT_EQ(options.rounding.many_steps, Rounding::kSingle);
  EXPECT_EQ(options.rounding.one_step, Rounding::kDoubleAway);
  ASSERT_EQ(options.overrides.size(), 2u);
  EXPECT_EQ(options.overrides.at(3).algorithm, Algorithm::kDirect);
  EXPECT_EQ(options.overrides.at(12).algorithm, std::nullopt);
}

TEST(OptionsTest, OverridesNameKernelTileAndWeights) {
  Options options;
  ASSERT_TRUE(Parse({{"override",
                      "0=winograd_s16/F(4,4)/12+"
                      "1=winograd_s16/F(2,2)xF(4,4)+"
                      "2=winograd_s16+3=winograd_s16/F(2,3)/fly+"
                      "4=winograd_s16/F(2,3)/ahead"}},
                    &options)
                  .ok());
  EXPECT_STREQ(options.overrides.at(0).tile->name, "F(4,4)");
  EXPECT_EQ(options.overrides.at(0).ahead_groups, 12);
  EXPECT_STREQ(options.overrides.at(1).tile->name, "F(2,2)xF(4,4)");
  EXPECT_EQ(options.overrides.at(1).ahead_groups, std::nullopt);
  EXPECT_EQ(options.overrides.at(2).algorithm, Algorithm::kWinogradS16);
  EXPECT_EQ(options.overrides.at(2).tile, nullptr);
  EXPECT_EQ(options.overrides.at(3).ahead_groups, 0);
  EXPECT_GT(options.overrides.at(4).ahead_groups, 1000);
}

TEST(OptionsTest, BadOverridesAreRefused) {
  for (const char* bad :
       {"direct", "x=direct", "0=", "0=fast", "0=direct/F(4,4)",
        "0=winograd_s16/F(9,9)", "0=winograd_s16/F(4,4)/",
        "0=winograd_s16/F(4,4)/-1", "0=winograd_s16/F(4,4)/1/2", "-1=direct"}) {
    EXPECT_NE(Refusal({{"override", bad}}), "") << bad;
  }
}

TEST(OptionsTest, EveryTileAndAutoAreAccepted) {
  for (const Tile* tile : AllTiles())
    EXPECT_EQ(Refusal({{"tile", tile->name}}), "");
  EXPECT_EQ(Refusal({{"tile", "auto"}, {"algorithm", "direct"}}), "");
}

TEST(OptionsTest, BudgetBeyondTheAddressSpaceIsUnlimited) {
  Options options;
  ASSERT_TRUE(Parse({{"memory_budget_mb", "4294967295"}}, &options).ok());
  constexpr size_t kMax = std::numeric_limits<size_t>::max();
  EXPECT_EQ(options.plan.memory_budget,
            kMax >> 20 < 4294967295u ? kMax : size_t{4294967295u} << 20);
  ASSERT_TRUE(Parse({{"memory_budget_mb", "0"}}, &options).ok());
  EXPECT_EQ(options.plan.memory_budget, 0u);
}

TEST(OptionsTest, RefusalNamesOptionValueAndWhatIsPermitted) {
  EXPECT_EQ(Refusal({{"num_threads", "none"}}),
            "option num_threads: 'none' is not permitted; permitted: auto, "
            "a whole number from 1 to 64");
  EXPECT_EQ(Refusal({{"strict", "1"}}),
            "option strict: '1' is not permitted; permitted: true, false");
  EXPECT_EQ(Refusal({{"colour", "red"}}),
            "unknown option 'colour'; permitted: num_threads, algorithm, tile, "
            "core, rounding, rounding_one_step, verify, override, log_level, "
            "memory_budget_mb, strict");
}

TEST(OptionsTest, BadValuesAreRefused) {
  const Pairs bad = {{"num_threads", "0"},
                     {"num_threads", "65"},
                     {"num_threads", "-1"},
                     {"num_threads", "2 "},
                     {"num_threads", "2.0"},
                     {"num_threads", "99999999999"},
                     {"num_threads", ""},
                     {"algorithm", "fast"},
                     {"algorithm", "Direct"},
                     {"tile", "F(7,7)"},
                     {"tile", ""},
                     {"log_level", "debug"},
                     {"memory_budget_mb", "-1"},
                     {"memory_budget_mb", "1e3"},
                     {"memory_budget_mb", "1,5"},
                     {"memory_budget_mb", "nan"},
                     {"memory_budget_mb", "1."},
                     {"strict", "yes"}};
  for (const auto& pair : bad) {
    const std::string message = Refusal({pair});
    EXPECT_EQ(message.rfind(std::string("option ") + pair.first + ": '" +
                                pair.second + "' is not permitted",
                            0),
              0u)
        << message;
  }
}

TEST(OptionsTest, TileWithoutWinogradIsRefused) {
  EXPECT_EQ(
      Refusal({{"tile", "F(2,3)"}, {"algorithm", "direct"}}),
      "option tile: 'F(2,3)' contradicts algorithm 'direct', which has no "
      "tiles; leave one of them out");
}

TEST(OptionsTest, MissingTextIsRefused) {
  Options options;
  EXPECT_FALSE(ParseOptions(nullptr, nullptr, 1, &options).ok());
  EXPECT_EQ(Refusal({{"strict", nullptr}}),
            "option number 1 has no name or no value");
  EXPECT_EQ(Refusal({{"strict", "true"}, {nullptr, "1"}}),
            "option number 2 has no name or no value");
}

TEST(OptionsTest, HelpListsEveryOption) {
  const std::string help = Refusal({{"help", ""}});
  EXPECT_EQ(help, DescribeOptions());
  for (const OptionRow& row : OptionTable()) {
    EXPECT_NE(help.find(std::string(row.name) + ": " + row.help),
              std::string::npos);
  }
}

}  // namespace
}  // namespace wqlite
