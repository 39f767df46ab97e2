// SPDX-License-Identifier: MIT
#include "support/random_json.hpp"

#include "fanfare/protocol/json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace fanfare::protocol {
namespace {

using Json = nlohmann::json;

std::string json_string(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

TEST(JsonString, escapes_what_has_to_be_and_nothing_else) {
    EXPECT_EQ(json_string(""), R"("")");
    EXPECT_EQ(json_string("plain"), R"("plain")");
    EXPECT_EQ(json_string("a\"b\\c"), R"("a\"b\\c")");
    EXPECT_EQ(json_string("\n\r\t"), R"("\n\r\t")");
    EXPECT_EQ(json_string(std::string_view("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\x7f\"");
    EXPECT_EQ(json_string("a/b"), R"("a/b")");
    EXPECT_EQ(json_string("\xc3\xa9\xf0\x9f\x98\x80"), "\"\xc3\xa9\xf0\x9f\x98\x80\"");
}

TEST(JsonString, appends) {
    std::string out = "{\"a\":";
    append_json_string(out, "b");
    EXPECT_EQ(out, R"({"a":"b")");
}

TEST(JsonString, every_ascii_character_comes_back) {
    for (int c = 0; c < 0x80; ++c) {
        for (const char* around : {"", "x"}) {
            const std::string text = around + std::string(1, static_cast<char>(c)) + around;
            EXPECT_EQ(Json::parse(json_string(text)).get<std::string>(), text) << c;
            EXPECT_EQ(string_value(json_string(text)), text) << c;
        }
    }
}

TEST(JsonString, random_texts_come_back) {
    fanfare::testing::RandomJson random(1);
    for (int i = 0; i < 3'000; ++i) {
        const std::string text = random.text();
        const std::string raw = json_string(text);
        EXPECT_EQ(Json::parse(raw).get<std::string>(), text);
        EXPECT_EQ(string_value(raw), text);
        EXPECT_EQ(string_value(json_string(raw)), raw) << "encoded twice";
    }
}

TEST(StringValue, decodes_escapes) {
    EXPECT_EQ(string_value(R"("")"), "");
    EXPECT_EQ(string_value(R"("abc")"), "abc");
    EXPECT_EQ(string_value(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
    EXPECT_EQ(string_value(R"("\u00e9")"), "\xc3\xa9");
    EXPECT_EQ(string_value(R"("\ud83d\ude00")"), "\xf0\x9f\x98\x80");
    EXPECT_EQ(string_value(R"("a\u0000b")"), std::string("a\0b", 3));
}

TEST(StringValue, is_nothing_for_other_types) {
    for (const auto* raw : {"", "null", "true", "1", "[]", "{}", R"(["a"])"}) {
        EXPECT_FALSE(string_value(raw)) << raw;
    }
}

TEST(RawValue, knows_absent_and_null) {
    EXPECT_TRUE(is_null(""));
    EXPECT_TRUE(is_null("null"));
    EXPECT_FALSE(is_null(R"("null")"));
    EXPECT_FALSE(is_null("0"));
    EXPECT_FALSE(is_null(R"("")"));
}

TEST(RawValue, knows_strings) {
    EXPECT_TRUE(is_string(R"("")"));
    EXPECT_FALSE(is_string(""));
    EXPECT_FALSE(is_string("{\"a\":\"b\"}"));
}

}  // namespace
}  // namespace fanfare::protocol
