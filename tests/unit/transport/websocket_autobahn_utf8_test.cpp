// SPDX-License-Identifier: MIT
#include "unit/transport/websocket_conversation.hpp"

#include <gtest/gtest.h>

// The Autobahn test suite's group 6: text and where it stops being UTF-8.

namespace fanfare::transport::testing {
namespace {

constexpr std::string_view greek = "κόσμε";

std::string in_single_bytes(std::string_view message) {
    std::string stream = fragment(1, message.substr(0, 1));
    for (const char byte : message.substr(1)) stream += fragment(0, {&byte, 1});
    return stream + frame(0, "");
}

/// Sent in one frame and in a frame per byte.
void expect_valid(std::string_view message) {
    SCOPED_TRACE(::testing::PrintToString(message));
    expect_items(frame(1, message), {text(std::string(message))});
    expect_items(in_single_bytes(message), {text(std::string(message))});
}

void expect_invalid(std::string_view message) {
    SCOPED_TRACE(::testing::PrintToString(message));
    expect_items(frame(1, message), {error(1007)});
    expect_items(in_single_bytes(message), {error(1007)});
}

}  // namespace

TEST(WebSocketAutobahn, r021_group_6_1_empty_texts) {
    const std::string empty_start = fragment(1, "") + fragment(0, "");
    expect_items(frame(1, ""), {text("")});
    expect_items(empty_start + frame(0, ""), {text("")});
    expect_items(fragment(1, "") + fragment(0, "middle") + frame(0, ""), {text("middle")});
}

TEST(WebSocketAutobahn, r021_group_6_2_valid_text_in_fragments) {
    const std::string hello = "Hello-µ@ßöäüàá-UTF-8!!";
    expect_valid(hello);
    expect_items(fragment(1, "Hello-µ@ßöä") + frame(0, "üàá-UTF-8!!"), {text(hello)});
    expect_valid(greek);
}

TEST(WebSocketAutobahn, r021_group_6_3_invalid_text) {
    expect_invalid(
        "κόσμε\xed\xa0\x80"
        "edited"
    );
}

TEST(WebSocketAutobahn, r021_group_6_4_fails_before_the_message_ends) {
    // Only what the fuzzing client sends first: the error must not wait for the rest.
    const std::string start(greek);
    expect_items(fragment(1, start) + fragment(0, "\xf4\x90\x80\x80"), {error(1007)});
    expect_items(fragment(1, start + "\xf4") + fragment(0, "\x90"), {error(1007)});
    const auto one_frame = frame(
        1,
        start +
            "\xf4\x90\x80\x80"
            "edited"
    );
    const std::size_t payload_at = 6;
    expect_items(one_frame.substr(0, payload_at + start.size() + 1), {});
    expect_items(one_frame.substr(0, payload_at + start.size() + 2), {error(1007)});
}

TEST(WebSocketAutobahn, r021_group_6_5_to_6_7_and_6_9_valid_sequences) {
    using namespace std::string_view_literals;
    for (const auto message :
         {"hello$world"sv,
          "hello¢world"sv,
          "hello€world"sv,
          "hello𤭢world"sv,
          greek,
          "\x00"sv,
          "\xc2\x80"sv,
          "\xe0\xa0\x80"sv,
          "\xf0\x90\x80\x80"sv,
          "\x7f"sv,
          "\xdf\xbf"sv,
          "\xef\xbf\xbf"sv,
          "\xf4\x8f\xbf\xbf"sv}) {
        expect_valid(message);
    }
    for (std::size_t size = 1; size <= greek.size(); ++size) {
        const bool ends_a_character =
            size == greek.size() || (static_cast<unsigned char>(greek[size]) & 0xc0) != 0x80;
        (ends_a_character ? expect_valid : expect_invalid)(greek.substr(0, size));
    }
}

TEST(WebSocketAutobahn, r021_group_6_8_and_6_10_sequences_of_other_lengths) {
    for (const auto* message :
         {"\xf8\x88\x80\x80\x80",
          "\xfc\x84\x80\x80\x80\x80",
          "\xf7\xbf\xbf\xbf",
          "\xfb\xbf\xbf\xbf\xbf",
          "\xfd\xbf\xbf\xbf\xbf\xbf"}) {
        expect_invalid(message);
    }
}

TEST(WebSocketAutobahn, r021_group_6_11_boundaries) {
    for (const auto* message :
         {"\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbd", "\xf4\x8f\xbf\xbf"}) {
        expect_valid(message);
    }
    expect_invalid("\xf4\x90\x80\x80");
}

TEST(WebSocketAutobahn, r021_group_6_12_unexpected_continuation_bytes) {
    std::string all;
    for (int byte = 0x80; byte <= 0xbf; ++byte) {
        all += static_cast<char>(byte);
        expect_invalid(std::string(1, static_cast<char>(byte)));
    }
    expect_invalid("\x80\xbf");
    expect_invalid("\x80\xbf\x80\xbf\x80\xbf");
    expect_invalid(all);
}

TEST(WebSocketAutobahn, r021_group_6_13_lonely_start_characters) {
    for (int byte = 0xc0; byte <= 0xfd; ++byte) {
        expect_invalid(std::string(1, static_cast<char>(byte)) + " ");
    }
}

TEST(WebSocketAutobahn, r021_group_6_14_and_6_15_sequences_without_their_last_byte) {
    std::string all;
    for (const auto* message :
         {"\xc0",
          "\xe0\x80",
          "\xf0\x80\x80",
          "\xf8\x80\x80\x80",
          "\xfc\x80\x80\x80\x80",
          "\xdf",
          "\xef\xbf",
          "\xf7\xbf\xbf",
          "\xfb\xbf\xbf\xbf",
          "\xfd\xbf\xbf\xbf\xbf",
          "\xe2\x82",
          "\xf0\x9f\x8e"}) {
        expect_invalid(message);
        all += message;
    }
    expect_invalid(all);
}

TEST(WebSocketAutobahn, r021_group_6_16_impossible_bytes) {
    for (const auto* message : {"\xfe", "\xff", "\xfe\xfe\xff\xff"}) expect_invalid(message);
}

TEST(WebSocketAutobahn, r021_group_6_17_to_6_19_overlong_forms) {
    using namespace std::string_view_literals;
    for (const auto message :
         {"\xc0\xaf"sv,
          "\xe0\x80\xaf"sv,
          "\xf0\x80\x80\xaf"sv,
          "\xf8\x80\x80\x80\xaf"sv,
          "\xfc\x80\x80\x80\x80\xaf"sv,
          "\xc1\xbf"sv,
          "\xe0\x9f\xbf"sv,
          "\xf0\x8f\xbf\xbf"sv,
          "\xf8\x87\xbf\xbf\xbf"sv,
          "\xfc\x83\xbf\xbf\xbf\xbf"sv,
          "\xc0\x80"sv,
          "\xe0\x80\x80"sv,
          "\xf0\x80\x80\x80"sv,
          "\xf8\x80\x80\x80\x80"sv,
          "\xfc\x80\x80\x80\x80\x80"sv}) {
        expect_invalid(message);
    }
}

TEST(WebSocketAutobahn, r021_group_6_20_and_6_21_surrogates) {
    const std::vector<std::string> high{
        "\xed\xa0\x80", "\xed\xad\xbf", "\xed\xae\x80", "\xed\xaf\xbf"};
    const std::vector<std::string> low{"\xed\xb0\x80", "\xed\xbe\x80", "\xed\xbf\xbf"};
    for (const auto& surrogate : low) expect_invalid(surrogate);
    for (const auto& first : high) {
        expect_invalid(first);
        for (const auto& second : low) expect_invalid(first + second);
    }
}

TEST(WebSocketAutobahn, r021_group_6_22_and_6_23_non_characters_are_text) {
    for (const auto* message :
         {"\xef\xbf\xbe",
          "\xef\xbf\xbf",
          "\xf0\x9f\xbf\xbe",
          "\xf0\x9f\xbf\xbf",
          "\xf3\xbf\xbf\xbe",
          "\xf4\x8f\xbf\xbe",
          "\xf4\x8f\xbf\xbf",
          "\xef\xbf\xb9",
          "\xef\xbf\xba",
          "\xef\xbf\xbb",
          "\xef\xbf\xbc",
          "\xef\xbf\xbd"}) {
        expect_valid(message);
    }
}

}  // namespace fanfare::transport::testing
