#include "delegate/base/printable.h"

#include <algorithm>

namespace wqlite {
namespace {

bool IsContinuation(unsigned char byte) { return (byte & 0xc0) == 0x80; }

// Whether two bytes begin a character in its shortest form, that is one (no
// half of a surrogate pair, none beyond U+10FFFF) and no control character
// (RFC 3629).
bool BeginsCharacter(unsigned char first, unsigned char second) {
  switch (first) {
    case 0xc2:
    case 0xe0:
      return second >= 0xa0;
    case 0xed:
      return second < 0xa0;
    case 0xf0:
      return second >= 0x90;
    case 0xf4:
      return second < 0x90;
    default:
      return first > 0xc2 && first < 0xf4;
  }
}

// Bytes of the character that `text`, which is not empty, begins with; 0 where
// it is none to print.
size_t CharacterLength(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return first >= ' ' && first != 0x7f ? 1 : 0;
  const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (length > text.size() ||
      !std::all_of(text.begin() + 1, text.begin() + length, IsContinuation)) {
    return 0;
  }
  return BeginsCharacter(first, static_cast<unsigned char>(text[1])) ? length
                                                                     : 0;
}

}  // namespace

std::string Printable(std::string_view text, size_t limit) {
  std::string line;
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    const size_t taken = std::max<size_t>(length, 1);
    if (line.size() + taken > limit) break;
    line += length > 0 ? text.substr(0, length) : "?";
    text.remove_prefix(taken);
  }
  return line;
}

}  // namespace wqlite
