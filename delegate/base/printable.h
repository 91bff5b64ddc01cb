#ifndef WQLITE_DELEGATE_BASE_PRINTABLE_H_
#define WQLITE_DELEGATE_BASE_PRINTABLE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace wqlite {

/// The first characters of `text`, at most `limit` bytes of them, as one line
/// of UTF-8: "?" for each byte that belongs to no character, or to one that
/// would end the line or move a terminal's cursor. For what a file calls
/// something and a person is to read.
std::string Printable(std::string_view text, size_t limit);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_BASE_PRINTABLE_H_
