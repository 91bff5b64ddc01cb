#include "delegate/plan/request.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace wqlite {
namespace {

// All groups of output channels, however many there are.
constexpr int kAllGroups = std::numeric_limits<int>::max();

// Takes what stands before the first '/' off `text`, and the '/'.
std::string_view TakePart(std::string_view* text) {
  const std::string_view part = text->substr(0, text->find('/'));
  text->remove_prefix(std::min(part.size() + 1, text->size()));
  return part;
}

// Reads "fly", "ahead" or a number of groups.
bool ParseAheadGroups(std::string_view text, std::optional<int>* groups) {
  if (text == "fly" || text == "ahead") {
    *groups = text == "fly" ? 0 : kAllGroups;
    return true;
  }
  int number = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  *groups = number;
  return result.ec == std::errc() && result.ptr == end && number >= 0;
}

}  // namespace

bool ParseKernelRequest(std::string_view text, KernelRequest* request) {
  *request = KernelRequest();
  if (text.empty() || text.back() == '/') return false;
  const std::string_view algorithm = TakePart(&text);
  if (algorithm == "auto") return text.empty();
  for (const Algorithm known :
       {Algorithm::kDirect, Algorithm::kWinogradS16, Algorithm::kWinogradS8}) {
    if (algorithm == AlgorithmName(known)) request->algorithm = known;
  }
  if (!request->algorithm) return false;
  if (text.empty()) return true;
  if (request->algorithm == Algorithm::kDirect) return false;
  request->tile = FindTile(TakePart(&text));
  if (request->tile == nullptr || text.empty()) return request->tile != nullptr;
  // Weights of winograd_s8 always go ahead.
  if (request->algorithm != Algorithm::kWinogradS16 ||
      !ParseAheadGroups(TakePart(&text), &request->ahead_groups)) {
    return false;
  }
  request->others_direct = text == "direct";
  return text.empty() || request->others_direct;
}

std::string AsRequest(const KernelChoice& choice) {
  const std::string kernel = choice.kernel();
  if (choice.algorithm == Algorithm::kDirect) return kernel;
  const std::string on_tile = kernel + "/" + choice.tile->name;
  if (choice.algorithm == Algorithm::kWinogradS8) return on_tile;
  if (choice.weights_ahead()) return on_tile + "/ahead";
  if (choice.ahead_groups == 0) return on_tile + "/fly";
  return on_tile + "/" + std::to_string(choice.ahead_groups) +
         (choice.others_direct ? "/direct" : "");
}

}  // namespace wqlite
