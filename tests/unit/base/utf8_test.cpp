// SPDX-License-Identifier: MIT
#include "fanfare/base/utf8.hpp"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace fanfare {
namespace {

static_assert(std::is_trivially_copyable_v<Utf8Validator>);
static_assert(sizeof(Utf8Validator) <= 4);

/// The bit pattern of RFC 3629's table for any number up to 21 bits, valid character or not.
std::string encode(unsigned code_point, int length) {
    if (length == 1) return {static_cast<char>(code_point)};
    constexpr unsigned leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    std::string bytes;
    for (int i = length - 1; i >= 0; --i) {
        const unsigned six = code_point >> (6 * i) & 0x3f;
        bytes +=
            static_cast<char>(i == length - 1 ? leads[length] | code_point >> (6 * i) : 0x80 | six);
    }
    return bytes;
}

int shortest_length(unsigned code_point) {
    return code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
}

/// How many bytes the validator takes before it refuses; npos if it takes all.
std::size_t refused_at(std::string_view bytes) {
    Utf8Validator validator;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (!validator.feed(bytes.substr(i, 1))) return i;
    }
    return std::string::npos;
}

}  // namespace

TEST(Utf8, takes_every_character_in_its_shortest_form_only) {
    for (unsigned code_point = 0; code_point < 0x200000; ++code_point) {
        const bool is_character =
            code_point <= 0x10ffff && (code_point < 0xd800 || code_point > 0xdfff);
        const int shortest = shortest_length(code_point);
        for (int length = shortest; length <= 4; ++length) {
            const bool is_valid = is_character && length == shortest;
            ASSERT_EQ(is_valid_utf8(encode(code_point, length)), is_valid)
                << std::hex << code_point << " in " << length << " bytes";
        }
    }
}

TEST(Utf8, takes_text_of_all_widths_at_every_offset) {
    for (std::size_t offset = 0; offset < 20; ++offset) {
        for (const auto* character : {"a", "ü", "€", "🎉"}) {
            for (std::size_t rest = 0; rest < 20; ++rest) {
                const auto text = std::string(offset, 'x') + character + std::string(rest, 'y');
                EXPECT_TRUE(is_valid_utf8(text)) << text;
            }
        }
    }
}

TEST(Utf8, finds_a_bad_byte_at_every_offset) {
    for (std::size_t size = 1; size < 40; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            std::string text(size, 'x');
            text[at] = '\xff';
            EXPECT_FALSE(is_valid_utf8(text)) << size << ' ' << at;
        }
    }
}

TEST(Utf8, refuses_at_the_first_impossible_byte) {
    EXPECT_EQ(refused_at("\xc0\x80"), 0);
    EXPECT_EQ(refused_at("\xc1"), 0);
    EXPECT_EQ(refused_at("\xe0\x9f\xbf"), 1);
    EXPECT_EQ(refused_at("\xed\xa0\x80"), 1);
    EXPECT_EQ(refused_at("\xf0\x8f\xbf\xbf"), 1);
    EXPECT_EQ(refused_at("\xf4\x90\x80\x80"), 1);
    EXPECT_EQ(refused_at("\xf5"), 0);
    EXPECT_EQ(refused_at("\xe2\x82("), 2);
    EXPECT_EQ(refused_at("a\x80"), 1);
    EXPECT_EQ(refused_at("\xe2\x82\xac"), std::string::npos);
}

TEST(Utf8, knows_whether_a_character_is_left_half) {
    Utf8Validator validator;
    EXPECT_TRUE(validator.is_complete());
    EXPECT_TRUE(validator.feed("price: \xe2\x82"));
    EXPECT_FALSE(validator.is_complete());
    EXPECT_TRUE(validator.feed(""));
    EXPECT_FALSE(validator.is_complete());
    EXPECT_TRUE(validator.feed("\xac 5"));
    EXPECT_TRUE(validator.is_complete());
    EXPECT_FALSE(is_valid_utf8("price: \xe2\x82"));
}

TEST(Utf8, gives_the_same_answer_however_the_text_is_cut) {
    const std::string good = "plain ascii text, grüße, 5 €, 🎉🎉, und so weiter";
    for (const auto& text : {good, good + "\xed\xa0\x80", good + "\xf0\x9f"}) {
        for (std::size_t first = 0; first <= text.size(); ++first) {
            for (std::size_t second = first; second <= text.size(); ++second) {
                Utf8Validator validator;
                const bool is_valid = validator.feed(text.substr(0, first)) &&
                                      validator.feed(text.substr(first, second - first)) &&
                                      validator.feed(text.substr(second)) &&
                                      validator.is_complete();
                EXPECT_EQ(is_valid, is_valid_utf8(text)) << first << ' ' << second;
            }
        }
    }
}

TEST(Utf8, goes_on_refusing_until_it_is_reset) {
    Utf8Validator validator;
    EXPECT_FALSE(validator.feed("\xff"));
    EXPECT_FALSE(validator.feed("fine"));
    EXPECT_FALSE(validator.feed(""));
    EXPECT_FALSE(validator.is_complete());
    validator.reset();
    EXPECT_TRUE(validator.feed("fine"));
    EXPECT_TRUE(validator.is_complete());
}

TEST(Utf8, a_copy_remembers_the_position) {
    Utf8Validator validator;
    EXPECT_TRUE(validator.feed("\xc3"));
    auto copy = validator;
    EXPECT_FALSE(validator.feed("x"));
    EXPECT_TRUE(copy.feed("\xbc"));
    EXPECT_TRUE(copy.is_complete());
}

}  // namespace fanfare
