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

}  // namespace
}  // namespace fanfare
