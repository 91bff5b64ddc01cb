#include "delegate/kernels/core.h"

#include <gtest/gtest.h>

namespace wqlite {
namespace {

constexpr char kCortexA9[] =
    "processor\t: 0\n"
    "model name\t: ARMv7 Processor rev 10 (v7l)\n"
    "CPU implementer\t: 0x41\n"
    "CPU architecture: 7\n"
    "CPU part\t: 0xc09\n";

constexpr char kCortexA53AndA72[] =
    "processor\t: 0\n"
    "CPU implementer\t: 0x41\n"
    "CPU part\t: 0xd03\n"
    "\n"
    "processor\t: 4\n"
    "CPU implementer\t: 0x41\n"
    "CPU part\t: 0xd08\n";

TEST(CoreTest, ReadsTheCpuPart) {
  EXPECT_EQ(CoreOfCpuInfo(kCortexA9), Core::kOnePipe);
  EXPECT_EQ(CoreOfCpuInfo("CPU implementer : 0x41\nCPU part : 0xc0f"),
            Core::kTwoPipe);
}

TEST(CoreTest, TakesTheBestOfSeveralCores) {
  EXPECT_EQ(CoreOfCpuInfo(kCortexA53AndA72), Core::kTwoPipe);
}

TEST(CoreTest, PartNumbersBelongToTheirImplementer) {
  // 0xc0f is the Cortex-A15 of Arm only.
  EXPECT_EQ(CoreOfCpuInfo("CPU implementer : 0x51\nCPU part : 0xc0f\n"),
            Core::kOnePipe);
  EXPECT_EQ(CoreOfCpuInfo("CPU implementer : 0x51\nCPU part : 0x06f\n"),
            Core::kTwoPipe);
}

TEST(CoreTest, UnknownProcessorsCountAsOnePipe) {
  EXPECT_EQ(CoreOfCpuInfo(""), Core::kOnePipe);
  EXPECT_EQ(CoreOfCpuInfo("vendor_id : GenuineIntel\nflags : fpu"),
            Core::kOnePipe);
  EXPECT_EQ(CoreOfCpuInfo("CPU implementer\nCPU part : \n"), Core::kOnePipe);
}

TEST(CoreTest, HasAName) {
  EXPECT_STREQ(CoreName(Core::kOnePipe), "one_pipe");
  EXPECT_STREQ(CoreName(Core::kTwoPipe), "two_pipe");
}

}  // namespace
}  // namespace wqlite
