#include "delegate/kernels/core.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "delegate/kernels/cost_unit.h"

namespace wqlite {
namespace {

constexpr char kCortexA9[] =
    "processor\t: 0\n"
    "model name\t: ARMv7 Processor rev 10 (v7l)\n"
    "CPU implementer\t: 0x41\n"
    "CPU architecture: 7\n"
    "CPU variant\t: 0x3\n"
    "CPU part\t: 0xc09\n";

constexpr char kCortexA53AndA72[] =
    "processor\t: 0\n"
    "CPU implementer\t: 0x41\n"
    "CPU part\t: 0xd03\n"
    "\n"
    "processor\t: 4\n"
    "CPU implementer\t: 0x41\n"
    "CPU part\t: 0xd08\n";

constexpr CpuPart kA53 = {0x41, 0, 0xd03};
constexpr CpuPart kEarlyA55 = {0x41, 0, 0xd05};
constexpr CpuPart kA55 = {0x41, 1, 0xd05};
constexpr CpuPart kA76 = {0x41, 3, 0xd0b};
constexpr CpuPart kExynosM3 = {0x53, 1, 0x002};
constexpr CpuPart kUnknown = {0x7f, 0, 0x123};

Core WithoutDotProducts(const char* cpuinfo) {
  return CoreOf(ParseCpuInfo(cpuinfo), /*dot_products=*/false);
}

TEST(CpuInfoTest, ReadsEveryProcessor) {
  const std::vector<CpuPart> parts = ParseCpuInfo(kCortexA53AndA72);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].part, 0xd03u);
  EXPECT_EQ(parts[1].part, 0xd08u);
  EXPECT_EQ(ParseCpuInfo(kCortexA9).front().variant, 3u);
  EXPECT_TRUE(ParseCpuInfo("vendor_id : GenuineIntel\nflags : fpu").empty());
}

TEST(CoreTest, ReadsTheCpuPart) {
  EXPECT_EQ(WithoutDotProducts(kCortexA9), Core::kOnePipe);
  EXPECT_EQ(WithoutDotProducts("CPU implementer : 0x41\nCPU part : 0xc0f"),
            Core::kTwoPipe);
}

TEST(CoreTest, TakesTheBestOfSeveralCores) {
  EXPECT_EQ(WithoutDotProducts(kCortexA53AndA72), Core::kTwoPipe);
  EXPECT_EQ(CoreOf({kA55, kA76}, true), Core::kDot);
}

TEST(CoreTest, PartNumbersBelongToTheirImplementer) {
  // 0xc0f is the Cortex-A15 of Arm only.
  EXPECT_EQ(WithoutDotProducts("CPU implementer : 0x51\nCPU part : 0xc0f\n"),
            Core::kOnePipe);
  EXPECT_EQ(WithoutDotProducts("CPU implementer : 0x51\nCPU part : 0x06f\n"),
            Core::kTwoPipe);
}

TEST(CoreTest, UnknownProcessorsCountAsOnePipeOrAsWhatTheyHave) {
  EXPECT_EQ(WithoutDotProducts(""), Core::kOnePipe);
  EXPECT_EQ(WithoutDotProducts("CPU implementer\nCPU part : \n"),
            Core::kOnePipe);
  EXPECT_EQ(CoreOf({}, true), Core::kDot);
  EXPECT_EQ(CoreOf({kUnknown}, true), Core::kDot);
}

TEST(CoreTest, DotProductsCountWhereAllProcessorsHaveThem) {
  EXPECT_TRUE(AllHaveDotProducts({kA55, kA76}));
  EXPECT_FALSE(AllHaveDotProducts({kEarlyA55}));
  EXPECT_FALSE(AllHaveDotProducts({kA55, kExynosM3}));
  EXPECT_FALSE(AllHaveDotProducts({kA76, kUnknown}));
  EXPECT_FALSE(AllHaveDotProducts({}));
  EXPECT_EQ(CoreOf({kA55, kExynosM3}, false), Core::kTwoPipe);
  EXPECT_EQ(CoreOf({kEarlyA55}, false), Core::kInOrder);
  EXPECT_EQ(CoreOf({kA53}, false), Core::kInOrder);
}

TEST(CoreTest, KernelsWithDotProductsAreForCoresThatHaveThem) {
  EXPECT_TRUE(CoreHas(Core::kDot, Isa::kNeon32Dot));
  EXPECT_TRUE(CoreHas(Core::kDotInOrder, Isa::kNeon64I8mm));
  EXPECT_FALSE(CoreHas(Core::kTwoPipe, Isa::kNeon32Dot));
  EXPECT_TRUE(CoreHas(Core::kTwoPipe, Isa::kNeon32));
}

TEST(CoreTest, AFamilyThatThisProcessorLacksIsRefused) {
  for (const Core core : kAllCores) {
    const bool missing = !CoreHas(Core::kTwoPipe, AvailableIsas().front())
                             ? false
                             : CoreHas(core, Isa::kNeon32Dot);
    EXPECT_EQ(CheckCore(core).ok(), !missing) << CoreName(core);
  }
}

TEST(CoreTest, EachHasANameAndAUnit) {
  std::set<CostUnit> units;
  for (const Core core : kAllCores) {
    EXPECT_EQ(FindCore(CoreName(core)), core);
    units.insert(CyclesOf(core));
  }
  EXPECT_EQ(units.size(), std::size(kAllCores));
  EXPECT_EQ(units.count(CostUnit::kInstructions), 0u);
  EXPECT_FALSE(FindCore("fast"));
}

}  // namespace
}  // namespace wqlite
