// SPDX-License-Identifier: MIT
#include "fanfare/base/log_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace fanfare {
namespace {

TEST(LogText, shows_ordinary_names_as_they_are) {
    EXPECT_EQ(log_text("presence-room_1=@,.;"), "presence-room_1=@,.;");
    EXPECT_EQ(log_text(""), "");
}

TEST(LogText, begins_no_line_and_no_field_of_its_own) {
    EXPECT_EQ(log_text("a\n2026 info"), "a\\x0a2026\\x20info");
    EXPECT_EQ(log_text("\"\\\x7f\x1b[0m"), "\\x22\\x5c\\x7f\\x1b[0m");
    EXPECT_EQ(log_text("\xc2\x85\xff"), "\\xc2\\x85\\xff");
    EXPECT_EQ(log_text(std::string("a\0b", 3)), "a\\x00b");
}

TEST(LogText, cuts_what_is_long) {
    EXPECT_EQ(log_text(std::string(80, 'a')), std::string(80, 'a'));
    EXPECT_EQ(log_text(std::string(9'000, 'a')), std::string(80, 'a') + "...");
    EXPECT_EQ(log_text("abcd", 4), "abcd");
    EXPECT_EQ(log_text("abcde", 4), "abcd...");
}

TEST(TerminalText, moves_no_cursor) {
    EXPECT_EQ(terminal_text("\x1b[2J\nforged\x7f"), "\\x1b[2J\\x0aforged\\x7f");
    EXPECT_EQ(
        terminal_text("a\xc2\x9b"
                      "31mb"),
        "a\\xc2\\x9b31mb"
    );
}

TEST(TerminalText, leaves_what_people_write) {
    EXPECT_EQ(terminal_text(R"({"a": "b\c"})"), R"({"a": "b\c"})");
    EXPECT_EQ(
        terminal_text("Z\xc3\xbcrich \xe2\x9c\x93 \xc2\xa7"), "Z\xc3\xbcrich \xe2\x9c\x93 \xc2\xa7"
    );
    EXPECT_EQ(terminal_text("cut off \xc2"), "cut off \xc2");
}

}  // namespace
}  // namespace fanfare
