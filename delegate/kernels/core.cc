#include "delegate/kernels/core.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>
#include <string>

namespace wqlite {
namespace {

constexpr unsigned kArm = 0x41;
constexpr unsigned kQualcomm = 0x51;

// CPU part numbers of the cores with two NEON pipes (Arm's technical reference
// manuals, register MIDR; Linux, arch/arm64/include/asm/cputype.h).
bool HasTwoPipes(unsigned implementer, unsigned part) {
  if (implementer == kArm) {
    switch (part) {
      case 0xc0d:  // Cortex-A12
      case 0xc0e:  // Cortex-A17
      case 0xc0f:  // Cortex-A15
      case 0xd07:  // Cortex-A57
      case 0xd08:  // Cortex-A72
      case 0xd09:  // Cortex-A73
      case 0xd0a:  // Cortex-A75
      case 0xd0b:  // Cortex-A76
      case 0xd0d:  // Cortex-A77
      case 0xd41:  // Cortex-A78
      case 0xd44:  // Cortex-X1
      case 0xd47:  // Cortex-A710
        return true;
      default:
        return false;
    }
  }
  // Krait, and the big cores of Kryo (made after the Cortex-A72 and up).
  if (implementer == kQualcomm) {
    return part == 0x06f || part == 0x201 || part == 0x205 || part == 0x211 ||
           part == 0x800 || part == 0x802 || part == 0x804;
  }
  return false;
}

// The number behind the colon of "CPU part	: 0xc09", or 0.
unsigned HexValue(std::string_view line) {
  const size_t prefix = line.find("0x");
  unsigned value = 0;
  if (prefix == std::string_view::npos) return value;
  line.remove_prefix(prefix + 2);
  std::from_chars(line.data(), line.data() + line.size(), value, 16);
  return value;
}

// All of a file, or nothing. By the C library: streams would be a third of the
// library on Android, where the C++ library is part of it.
std::string ReadFile(const char* path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen(path, "r"), std::fclose);
  std::string text;
  if (file == nullptr) return text;
  char part[4096];
  while (const size_t size = std::fread(part, 1, sizeof part, file.get())) {
    text.append(part, size);
  }
  return text;
}

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

}  // namespace

const char* CoreName(Core core) {
  return core == Core::kOnePipe ? "one_pipe" : "two_pipe";
}

Core CoreOfCpuInfo(std::string_view cpuinfo) {
  unsigned implementer = 0;
  while (!cpuinfo.empty()) {
    const std::string_view line = cpuinfo.substr(0, cpuinfo.find('\n'));
    cpuinfo.remove_prefix(std::min(line.size() + 1, cpuinfo.size()));
    if (StartsWith(line, "CPU implementer")) {
      implementer = HexValue(line);
    } else if (StartsWith(line, "CPU part") &&
               HasTwoPipes(implementer, HexValue(line))) {
      return Core::kTwoPipe;
    }
  }
  return Core::kOnePipe;
}

Core ThisCore() {
  static const Core core = CoreOfCpuInfo(ReadFile("/proc/cpuinfo"));
  return core;
}

}  // namespace wqlite
