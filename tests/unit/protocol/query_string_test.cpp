// SPDX-License-Identifier: MIT
#include "fanfare/protocol/query_string.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fanfare::protocol {
namespace {

struct Pair {
    std::string name;
    std::string value;

    bool operator==(const Pair&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Pair& pair) {
    return out << pair.name << " -> " << pair.value;
}

std::vector<Pair> pairs(std::string_view query) {
    std::vector<Pair> result;
    const QueryString parsed(query);
    for (const Parameter& parameter : parsed.parameters()) {
        result.push_back({parameter.name, parameter.value});
    }
    return result;
}

using Pairs = std::vector<Pair>;

TEST(PercentDecode, decodes_both_cases_of_hex) {
    EXPECT_EQ(percent_decode("lab%2Dkey", false), "lab-key");
    EXPECT_EQ(percent_decode("%2f%2F%c3%A9", false), "//\xc3\xa9");
    EXPECT_EQ(percent_decode("%41", false), "A");
    EXPECT_EQ(percent_decode("%00", false), std::string(1, '\0'));
}

TEST(PercentDecode, decodes_once) {
    EXPECT_EQ(percent_decode("%2541", false), "%41");
}

TEST(PercentDecode, leaves_broken_escapes_alone) {
    for (const auto* text : {"%", "%4", "%zz", "%4z", "%z4", "100%", "a%", "%%", "% 1", "%-1"}) {
        EXPECT_EQ(percent_decode(text, false), text);
    }
    EXPECT_EQ(percent_decode("%%41", false), "%A");
}

TEST(PercentDecode, plus_is_a_space_in_queries_only) {
    EXPECT_EQ(percent_decode("a+b%2B", true), "a b+");
    EXPECT_EQ(percent_decode("a+b%2B", false), "a+b+");
}

TEST(QueryString, has_parameters_in_their_order) {
    EXPECT_EQ(pairs("b=2&a=1"), (Pairs{{"b", "2"}, {"a", "1"}}));
}

TEST(QueryString, decodes_names_and_values) {
    EXPECT_EQ(pairs("a%5B%5D=x+y%26&n%3D=1"), (Pairs{{"a[]", "x y&"}, {"n=", "1"}}));
}

TEST(QueryString, a_value_goes_to_the_next_ampersand) {
    EXPECT_EQ(pairs("a=b=c&d=?"), (Pairs{{"a", "b=c"}, {"d", "?"}}));
}

TEST(QueryString, names_and_values_may_be_missing) {
    EXPECT_EQ(pairs(""), Pairs{});
    EXPECT_EQ(pairs("&&"), Pairs{});
    EXPECT_EQ(pairs("a"), (Pairs{{"a", ""}}));
    EXPECT_EQ(pairs("a="), (Pairs{{"a", ""}}));
    EXPECT_EQ(pairs("=b"), (Pairs{{"", "b"}}));
    EXPECT_EQ(pairs("&a=1&&b=2&"), (Pairs{{"a", "1"}, {"b", "2"}}));
}

TEST(QueryString, keeps_the_value_as_it_came) {
    const QueryString query("a=x%20y+z&b");
    ASSERT_EQ(query.parameters().size(), 2U);
    EXPECT_EQ(query.parameters()[0].value, "x y z");
    EXPECT_EQ(query.parameters()[0].raw_value, "x%20y+z");
    EXPECT_EQ(query.parameters()[1].raw_value, "");
}

TEST(QueryString, finds_the_last_of_several) {
    const QueryString query("a=1&b=2&a=3");
    EXPECT_EQ(query.find("a"), "3");
    EXPECT_EQ(query.find("b"), "2");
    EXPECT_EQ(query.find("c"), "");
}

TEST(QueryString, tells_empty_from_absent) {
    const QueryString query("a&b=");
    EXPECT_TRUE(query.has("a"));
    EXPECT_TRUE(query.has("b"));
    EXPECT_FALSE(query.has("A"));
    EXPECT_FALSE(query.has(""));
}

}  // namespace
}  // namespace fanfare::protocol
