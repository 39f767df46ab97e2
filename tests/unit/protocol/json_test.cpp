// SPDX-License-Identifier: MIT
#include "fanfare/protocol/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace fanfare::protocol {
namespace {

using namespace std::string_view_literals;
using ::testing::ElementsAre;

/// The raw value of the only member, in an object and in an array alike.
void expect_untouched(std::string_view value) {
    for (const std::string_view space : {"", " ", "\t\r\n "}) {
        const std::string padded = std::string(space).append(value).append(space);
        const std::string object = "{\"a\":" + padded + "}";
        const std::string pair = "{\"a\":" + padded + ",\"b\":" + padded + "}";
        const std::string array = "[" + padded + "," + padded + "]";
        const auto one = RawJson::parse(object);
        ASSERT_TRUE(one) << object;
        EXPECT_EQ(one->find("a"), value) << object;
        const auto two = RawJson::parse(pair);
        ASSERT_TRUE(two) << pair;
        EXPECT_EQ(two->find("a"), value) << pair;
        EXPECT_EQ(two->find("b"), value) << pair;
        const auto list = RawJson::parse(array);
        ASSERT_TRUE(list) << array;
        EXPECT_THAT(list->values(), ElementsAre(value, value)) << array;
    }
}

TEST(RawJson, r061_keeps_literals) {
    for (const auto* value : {"null", "true", "false"}) expect_untouched(value);
}

TEST(RawJson, r061_keeps_numbers_in_every_notation) {
    for (const auto* value :
         {"0",
          "-0",
          "1",
          "1.0",
          "10.50",
          "-1.5e10",
          "1E+2",
          "1e-7",
          "9007199254740993",
          "18446744073709551615",
          "-9223372036854775808",
          "123456789012345678901234567890",
          "0.1000000000000000055511151231257827"}) {
        expect_untouched(value);
    }
}

TEST(RawJson, r061_keeps_strings_with_their_escapes) {
    for (const auto* value :
         {R"("")",
          R"("5")",
          R"("a\/b")",
          R"("\u00e9\ud83d\ude00")",
          R"("\"}],:{[")",
          R"("\\")",
          R"("\\\"")",
          "\"\xc3\xa9 \xf0\x9f\x98\x80\""}) {
        expect_untouched(value);
    }
}

TEST(RawJson, r061_keeps_containers_with_their_white_space) {
    for (const auto* value :
         {"{}",
          "[]",
          "{ }",
          "[ 1 , 2 ]",
          R"({"0":"a"})",
          R"({"a":{"b":[{},[],"}]"]}})",
          "[[[1]],{\"x\" : 1.0}]",
          "[1]",
          "[\"]\"]",
          "[true]"}) {
        expect_untouched(value);
    }
}

TEST(RawJson, lists_the_values_of_an_array_in_order) {
    const auto json = RawJson::parse(R"([1,"two",{"a":3},[4],null,true,5.0])");
    ASSERT_TRUE(json);
    EXPECT_FALSE(json->is_object());
    EXPECT_THAT(
        json->values(), ElementsAre("1", R"("two")", R"({"a":3})", "[4]", "null", "true", "5.0")
    );
}

TEST(RawJson, empty_containers_have_no_values) {
    const auto object = RawJson::parse("{}");
    ASSERT_TRUE(object);
    EXPECT_TRUE(object->is_object());
    EXPECT_TRUE(object->values().empty());
    const auto array = RawJson::parse("[ ]");
    ASSERT_TRUE(array);
    EXPECT_FALSE(array->is_object());
    EXPECT_TRUE(array->values().empty());
}

TEST(RawJson, an_absent_key_is_empty_and_an_empty_string_is_not) {
    const auto json = RawJson::parse(R"({"a":"","b":null})");
    ASSERT_TRUE(json);
    EXPECT_EQ(json->find("c"), "");
    EXPECT_EQ(json->find("a"), R"("")");
    EXPECT_EQ(json->find("b"), "null");
}

TEST(RawJson, finds_direct_members_only) {
    const auto json = RawJson::parse(R"({"a":{"event":1},"b":[{"event":2}]})");
    ASSERT_TRUE(json);
    EXPECT_EQ(json->find("event"), "");
    EXPECT_EQ(json->values().size(), 2U);
}

TEST(RawJson, of_duplicate_keys_the_last_wins) {
    const auto json = RawJson::parse(R"({"a":1,"b":2,"a":[3]})");
    ASSERT_TRUE(json);
    EXPECT_EQ(json->find("a"), "[3]");
    EXPECT_EQ(json->find("b"), "2");
}

TEST(RawJson, decodes_keys) {
    const auto json = RawJson::parse(R"({"\u0065vent":1,"a\"b":2,"":3})");
    ASSERT_TRUE(json);
    EXPECT_EQ(json->find("event"), "1");
    EXPECT_EQ(json->find("a\"b"), "2");
    EXPECT_EQ(json->find(""), "3");
}

TEST(RawJson, accepts_white_space_around_the_value) {
    EXPECT_TRUE(RawJson::parse(" \t\r\n{\"a\":1}\n "));
    EXPECT_TRUE(RawJson::parse("\n[]\n"));
}

TEST(RawJson, r030_refuses_what_is_no_object_or_array) {
    for (const std::string_view text :
         {""sv, " "sv, "null"sv, "true"sv, "false"sv, "1"sv, "-1.5"sv, "\"{}\""sv, "hello"sv}) {
        EXPECT_FALSE(RawJson::parse(text)) << text;
    }
    EXPECT_FALSE(RawJson::parse(std::string_view())) << "a view of nothing";
}

TEST(RawJson, r030_refuses_bad_grammar) {
    for (const std::string_view text :
         {"{"sv,         "}"sv,        "{\"a\":1,}"sv,  "[1,]"sv,          "[,1]"sv,
          "{a:1}"sv,     "{'a':1}"sv,  "{\"a\" 1}"sv,   "{\"a\":}"sv,      "{\"a\"}"sv,
          "{1:2}"sv,     "[1 2]"sv,    "[01]"sv,        "[+1]"sv,          "[.5]"sv,
          "[1.]"sv,      "[1e]"sv,     "[NaN]"sv,       "[Infinity]"sv,    "[nul]"sv,
          "[True]"sv,    "[\"\t\"]"sv, "[\"\\x41\"]"sv, "[\"\\u12g4\"]"sv, "[\"open]"sv,
          "{\"a\":1]"sv, "/*c*/{}"sv,  "{}//c"sv}) {
        EXPECT_FALSE(RawJson::parse(text)) << text;
    }
}

TEST(RawJson, r030_refuses_bytes_after_the_value) {
    for (const std::string_view text :
         {"{}x"sv, "{}{}"sv, "[] []"sv, "{},"sv, "{}]"sv, "{\"a\":1}}"sv, "{}\xc3\xa9"sv}) {
        EXPECT_FALSE(RawJson::parse(text)) << text;
    }
}

TEST(RawJson, r030_refuses_zero_bytes) {
    for (const std::string_view text :
         {"{}\0"sv, "{}\0x"sv, "[1]\0{}"sv, "\0{}"sv, "[\0]"sv, "{\"a\":1\0}"sv, "[\"\0\"]"sv}) {
        EXPECT_FALSE(RawJson::parse(text)) << ::testing::PrintToString(std::string(text));
    }
}

TEST(RawJson, r030_refuses_a_byte_order_mark) {
    EXPECT_FALSE(RawJson::parse("\xef\xbb\xbf{}"));
    EXPECT_FALSE(RawJson::parse(" \xef\xbb\xbf{}"));
    EXPECT_FALSE(RawJson::parse("\xef\xbb"));
    EXPECT_TRUE(RawJson::parse("[\"\xef\xbb\xbf\"]")) << "inside a string it is a character";
}

TEST(RawJson, refuses_invalid_utf8) {
    for (const auto* text :
         {"[\"\xff\"]", "[\"\xc3\"]", "[\"\xed\xa0\x80\"]", "{\"\xc0\xaf\":1}"}) {
        EXPECT_FALSE(RawJson::parse(text));
    }
}

TEST(RawJson, refuses_lone_surrogates) {
    EXPECT_FALSE(RawJson::parse(R"(["\ud83d"])"));
    EXPECT_FALSE(RawJson::parse(R"(["\ude00"])"));
}

std::string nested(std::size_t depth, const std::string& open, char close) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += open;
    text += "1";
    return text + std::string(depth, close);
}

TEST(RawJson, r030_nests_64_deep_and_no_deeper) {
    EXPECT_TRUE(RawJson::parse(nested(64, "[", ']')));
    EXPECT_FALSE(RawJson::parse(nested(65, "[", ']')));
    EXPECT_TRUE(RawJson::parse(nested(64, "{\"a\":", '}')));
    EXPECT_FALSE(RawJson::parse(nested(65, "{\"a\":", '}')));
    EXPECT_FALSE(RawJson::parse(nested(100'000, "[", ']')));
    EXPECT_FALSE(RawJson::parse(std::string(100'000, '[')));
}

TEST(RawJson, the_deepest_nesting_can_be_chosen) {
    EXPECT_TRUE(RawJson::parse(nested(100, "[", ']'), 100));
    EXPECT_FALSE(RawJson::parse(nested(101, "[", ']'), 100));
}

TEST(RawJson, tells_the_keys_in_order) {
    EXPECT_THAT(
        RawJson::parse(R"({"b":1,"a\u0062":2,"b":3})")->keys(), ElementsAre("b", "ab", "b")
    );
    EXPECT_TRUE(RawJson::parse("[1,2]")->keys().empty());
}

TEST(RawJson, depth_counts_what_is_open_and_not_what_was) {
    std::string text = "[[]";
    for (int i = 0; i < 1'000; ++i) text += ",[[]]";
    const auto json = RawJson::parse(text + "]");
    ASSERT_TRUE(json);
    EXPECT_EQ(json->values().size(), 1'001U);
}

}  // namespace
}  // namespace fanfare::protocol
