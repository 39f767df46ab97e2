// SPDX-License-Identifier: MIT
#include "encode.hpp"

#include <gtest/gtest.h>

#include <array>

namespace fanfare::redis {
namespace {

TEST(Encode, appends_an_array_of_bulk_strings) {
    std::string out = "before";
    const std::array<std::string_view, 3> command{"SET", "", std::string_view("\r\n\0%s", 5)};
    append_command(out, command);
    EXPECT_EQ(out, std::string("before*3\r\n$3\r\nSET\r\n$0\r\n\r\n$5\r\n\r\n") + '\0' + "%s\r\n");
}

TEST(Encode, takes_many_arguments) {
    const std::vector<std::string_view> command(1'001, "x");
    std::string out;
    append_command(out, command);
    EXPECT_TRUE(out.starts_with("*1001\r\n$1\r\nx\r\n"));
    EXPECT_EQ(out.size(), 7 + 1'001 * 7U);
}

}  // namespace
}  // namespace fanfare::redis
