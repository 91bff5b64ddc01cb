#include "delegate/base/printable.h"

#include <gtest/gtest.h>

#include <string>

namespace wqlite {
namespace {

std::string Line(const std::string& text) { return Printable(text, 200); }

TEST(PrintableTest, CharactersStay) {
  for (const char* text : {"", "conv/Relu;bias", "\xc3\xa9", "\xe2\x82\xac",
                           "\xef\xbf\xbd", "\xf0\x9f\x98\x80"}) {
    EXPECT_EQ(Line(text), text);
  }
}

TEST(PrintableTest, WhatEndsALineOrMovesACursorIsReplaced) {
  EXPECT_EQ(Line("a\nb\r\tc\x1b[1m\x7f"), "a?b??c?[1m?");
  EXPECT_EQ(Line("\xc2\x9b"), "??");  // a control character in two bytes
}

TEST(PrintableTest, BytesOfNoCharacterAreReplaced) {
  EXPECT_EQ(Line("\x80"), "?");
  EXPECT_EQ(Line("a\xff"), "a?");
  EXPECT_EQ(Line("\xc0\xaf"), "??");            // not the shortest form
  EXPECT_EQ(Line("\xe0\x80\xaf"), "???");       // neither
  EXPECT_EQ(Line("\xf0\x80\x80\xaf"), "????");  // neither
  EXPECT_EQ(Line("\xed\xa0\x80"), "???");       // half of a pair
  EXPECT_EQ(Line("\xf4\x90\x80\x80"), "????");  // beyond U+10FFFF
  EXPECT_EQ(Line("\xf5\x80\x80\x80"), "????");  // beyond it, too
  EXPECT_EQ(Line("\xe2\x82"), "??");            // cut off
  EXPECT_EQ(Line("\xe2\x82"
                 "a"),
            "??a");
}

TEST(PrintableTest, CutsBetweenCharacters) {
  EXPECT_EQ(Printable("a\xc3\xa9"
                      "b",
                      1),
            "a");
  EXPECT_EQ(Printable("a\xc3\xa9"
                      "b",
                      2),
            "a");
  EXPECT_EQ(Printable("a\xc3\xa9"
                      "b",
                      3),
            "a\xc3\xa9");
  EXPECT_EQ(Printable("\n\n", 1), "?");
}

}  // namespace
}  // namespace wqlite
