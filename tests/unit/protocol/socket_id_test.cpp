// SPDX-License-Identifier: MIT
#include "fanfare/protocol/socket_id.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace fanfare::protocol {
namespace {

TEST(SocketId, r003_is_two_decimal_integers_with_a_dot) {
    EXPECT_EQ(to_string({123456789, 987654321}), "123456789.987654321");
    EXPECT_EQ(to_string({1, 4294967295}), "1.4294967295");
    const std::regex form(R"(^\d+\.\d+$)");
    std::mt19937_64 random(1);
    for (int i = 0; i < 1'000; ++i) {
        EXPECT_TRUE(std::regex_match(to_string(socket_id_from(random())), form));
    }
}

TEST(SocketId, text_comes_back) {
    std::mt19937_64 random(2);
    for (int i = 0; i < 10'000; ++i) {
        const SocketId id = socket_id_from(random());
        EXPECT_EQ(parse_socket_id(to_string(id)), id);
    }
}

TEST(SocketId, r003_each_part_is_between_one_and_a_billion_whatever_the_random_bits) {
    std::mt19937_64 random(3);
    std::vector<std::uint64_t> samples{
        0,
        1,
        999'999'999,
        1'000'000'000,
        999'999'999'999'999'999,
        1'000'000'000'000'000'000,
        ~0ULL};
    for (int i = 0; i < 10'000; ++i) samples.push_back(random());
    for (const std::uint64_t sample : samples) {
        const SocketId id = socket_id_from(sample);
        for (const std::uint32_t part : {id.high, id.low}) {
            ASSERT_GE(part, 1U) << sample;
            ASSERT_LE(part, 1'000'000'000U) << sample;
        }
    }
}

TEST(SocketId, r003_a_million_random_ones_are_distinct) {
    std::mt19937_64 random(4);
    std::vector<std::uint64_t> seen;
    for (int i = 0; i < 1'000'000; ++i) {
        const SocketId id = socket_id_from(random());
        seen.push_back(std::uint64_t{id.high} << 32 | id.low);
    }
    std::ranges::sort(seen);
    EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
}

TEST(SocketId, every_random_bit_counts) {
    std::set<std::string> seen;
    for (unsigned bit = 0; bit < 64; ++bit) {
        seen.insert(to_string(socket_id_from(0xaaaaaaaaaaaaaaaa ^ std::uint64_t{1} << bit)));
    }
    EXPECT_EQ(seen.size(), 64U);
}

TEST(SocketId, is_nothing_for_text_that_no_connection_has) {
    for (const auto* text :
         {"",
          ".",
          "1",
          "1.",
          ".1",
          "1.2.3",
          "a.b",
          "1.b",
          "-1.2",
          "+1.2",
          " 1.2",
          "1.2 ",
          "1,2",
          "01.2",
          "1.02",
          "0x1.2",
          "4294967296.1",
          "1.4294967296",
          "99999999999999999999.1",
          "1..2"}) {
        EXPECT_FALSE(parse_socket_id(text)) << text;
    }
}

}  // namespace
}  // namespace fanfare::protocol
