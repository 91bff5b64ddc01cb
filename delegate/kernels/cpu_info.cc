#include "delegate/kernels/cpu_info.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>
#include <string>

namespace wqlite {
namespace {

// The number behind the colon of "CPU part	: 0xc09", or 0.
unsigned HexValue(std::string_view line) {
  const size_t prefix = line.find("0x");
  unsigned value = 0;
  if (prefix == std::string_view::npos) return value;
  line.remove_prefix(prefix + 2);
  std::from_chars(line.data(), line.data() + line.size(), value, 16);
  return value;
}

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
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

}  // namespace

std::vector<CpuPart> ParseCpuInfo(std::string_view cpuinfo) {
  std::vector<CpuPart> parts;
  CpuPart current;
  while (!cpuinfo.empty()) {
    const std::string_view line = cpuinfo.substr(0, cpuinfo.find('\n'));
    cpuinfo.remove_prefix(std::min(line.size() + 1, cpuinfo.size()));
    if (StartsWith(line, "CPU implementer")) {
      current.implementer = HexValue(line);
    } else if (StartsWith(line, "CPU variant")) {
      current.variant = HexValue(line);
    } else if (StartsWith(line, "CPU part")) {
      current.part = HexValue(line);
      parts.push_back(current);
    }
  }
  return parts;
}

const std::vector<CpuPart>& CpuParts() {
  static const auto* parts =
      new std::vector<CpuPart>(ParseCpuInfo(ReadFile("/proc/cpuinfo")));
  return *parts;
}

}  // namespace wqlite
