// SPDX-License-Identifier: MIT
#include "unit/transport/websocket_conversation.hpp"

#include <gtest/gtest.h>

// The Autobahn test suite's cases 1 to 7, 9 and 10 as far as they concern a decoder: what the
// fuzzing client sends, and what must come out. Its "chops" (the same bytes in small pieces) are
// part of expect_items; case numbers of which only the chop differs are left out. Group 6 has its
// own file.

namespace fanfare::transport::testing {
namespace {

std::string repeat(std::string_view text, std::size_t times) {
    std::string result;
    while (times-- > 0) result += text;
    return result;
}

/// `message` in frames of at most `size` bytes.
std::string in_frames(unsigned opcode, std::string_view message, std::size_t size) {
    std::string stream;
    while (message.size() > size) {
        stream += fragment(opcode, message.substr(0, size));
        message.remove_prefix(size);
        opcode = 0;
    }
    return stream + frame(opcode, message);
}

const std::string binary_payload("\x00\xff\xfe\xfd\xfc\xfb\x00\xff", 8);

}  // namespace

TEST(WebSocketAutobahn, r021_group_1_plain_messages) {
    for (const std::size_t size : {0UL, 125UL, 126UL, 127UL, 128UL, 65535UL, 65536UL}) {
        SCOPED_TRACE(size);
        expect_items(frame(1, std::string(size, '*')), {text(std::string(size, '*'))});
        expect_items(frame(2, std::string(size, '\xfe')), {binary(std::string(size, '\xfe'))});
    }
}

TEST(WebSocketAutobahn, r021_group_2_pings_and_pongs) {
    std::string ten_pings;
    std::vector<Received> ten;
    for (int i = 0; i < 10; ++i) {
        ten_pings += frame(9, "payload-" + std::to_string(i));
        ten.push_back(ping("payload-" + std::to_string(i)));
    }
    expect_conversations({
        {"2.1", frame(9, ""), {ping("")}},
        {"2.2", frame(9, "Hello, world!"), {ping("Hello, world!")}},
        {"2.3", frame(9, binary_payload), {ping(binary_payload)}},
        {"2.4", frame(9, std::string(125, '\xfe')), {ping(std::string(125, '\xfe'))}},
        {"2.5", frame(9, std::string(126, '\xfe')), {error(1002)}},
        {"2.7", frame(10, ""), {pong("")}},
        {"2.8", frame(10, "unsolicited"), {pong("unsolicited")}},
        {"2.9", frame(10, "unsolicited") + frame(9, "p"), {pong("unsolicited"), ping("p")}},
        {"2.10", ten_pings, ten},
    });
}

TEST(WebSocketAutobahn, r021_group_3_reserved_bits) {
    const auto hello = frame(1, "Hello, world!");
    const auto again = [](unsigned bits) {
        return frame(1, "Hello, world!", {.reserved_bits = bits}) + frame(9, "");
    };
    expect_conversations({
        {"3.1", frame(1, "Hello, world!", {.reserved_bits = 1}), {error(1002)}},
        {"3.2", hello + again(2), {text("Hello, world!"), error(1002)}},
        {"3.3", hello + again(3), {text("Hello, world!"), error(1002)}},
        {"3.4", hello + again(4), {text("Hello, world!"), error(1002)}},
        {"3.5", frame(2, binary_payload, {.reserved_bits = 5}), {error(1002)}},
        {"3.6", frame(9, "Hello, world!", {.reserved_bits = 6}), {error(1002)}},
        {"3.7", frame(8, "", {.reserved_bits = 7}), {error(1002)}},
    });
}

TEST(WebSocketAutobahn, r021_group_4_reserved_opcodes) {
    const auto hello = frame(1, "Hello, world!");
    for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
        SCOPED_TRACE(opcode);
        expect_items(frame(opcode, ""), {error(1002)});
        expect_items(frame(opcode, "reserved"), {error(1002)});
        expect_items(
            hello + frame(opcode, "") + frame(9, ""), {text("Hello, world!"), error(1002)}
        );
        expect_items(
            hello + frame(opcode, "reserved") + frame(9, ""), {text("Hello, world!"), error(1002)}
        );
    }
}

TEST(WebSocketAutobahn, r021_r017_group_5_fragments) {
    const auto whole = frame(1, "Hello, world!");
    const auto two = fragment(1, "fragment1") + frame(0, "fragment2");
    const auto two_pinged = fragment(1, "fragment1") + frame(9, "ping") + frame(0, "fragment2");
    const auto orphan = frame(0, "non-continuation payload");
    const auto open_orphan = fragment(0, "non-continuation payload");
    const auto five = fragment(1, "fragment1") + fragment(0, "fragment2") + frame(9, "pongme 1!") +
                      fragment(0, "fragment3") + fragment(0, "fragment4") + frame(9, "pongme 2!") +
                      frame(0, "fragment5");
    expect_conversations({
        {"5.1", fragment(9, "fragment1") + frame(0, "fragment2"), {error(1002)}},
        {"5.2", fragment(10, "fragment1") + frame(0, "fragment2"), {error(1002)}},
        {"5.3", two, {text("fragment1fragment2")}},
        {"5.6", two_pinged, {ping("ping"), text("fragment1fragment2")}},
        {"5.9", orphan + whole, {error(1002)}},
        {"5.12", open_orphan + whole, {error(1002)}},
        {"5.15", two + open_orphan + whole, {text("fragment1fragment2"), error(1002)}},
        {"5.16",
         fragment(0, "fragment1") + fragment(1, "fragment2") + frame(0, "f3"),
         {error(1002)}},
        {"5.17", frame(0, "fragment1") + fragment(1, "fragment2") + frame(0, "f3"), {error(1002)}},
        {"5.18", fragment(1, "fragment1") + frame(1, "fragment2"), {error(1002)}},
        {"5.19",
         five,
         {ping("pongme 1!"),
          ping("pongme 2!"),
          text("fragment1fragment2fragment3fragment4fragment5")}},
    });
}

TEST(WebSocketAutobahn, r021_group_7_closing) {
    const auto normal = big_endian(1000, 2);
    const std::string reason_123(123, '*');
    const std::string reason_124(124, '*');
    const std::string long_text(256 * 1024, 'B');
    // What follows a close is decoded too; that nobody acts on it is the session's part.
    expect_conversations({
        {"7.1.1", frame(1, "Hello") + frame(8, normal), {text("Hello"), close(1000)}},
        {"7.1.2", frame(8, normal) + frame(8, normal), {close(1000), close(1000)}},
        {"7.1.3", frame(8, normal) + frame(9, ""), {close(1000), ping("")}},
        {"7.1.4", frame(8, normal) + frame(1, "Hello"), {close(1000), text("Hello")}},
        {"7.1.5",
         fragment(1, "fragment1") + frame(8, normal) + frame(0, "fragment2"),
         {close(1000), text("fragment1fragment2")}},
        {"7.1.6",
         frame(1, long_text) + frame(8, normal) + frame(9, ""),
         {text(long_text), close(1000), ping("")}},
        {"7.3.1", frame(8, ""), {close(1005)}},
        {"7.3.2", frame(8, "a"), {error(1002)}},
        {"7.3.3", frame(8, normal), {close(1000)}},
        {"7.3.4", frame(8, normal + "Hello World!"), {close(1000, "Hello World!")}},
        {"7.3.5", frame(8, normal + reason_123), {close(1000, reason_123)}},
        {"7.3.6", frame(8, normal + reason_124), {error(1002)}},
        {"7.5.1",
         frame(
             8,
             normal + "κόσμε\xed\xa0\x80"
                      "edited"
         ),
         {error(1007)}},
    });
}

TEST(WebSocketAutobahn, r021_group_7_close_codes) {
    for (const unsigned code :
         {1000U,
          1001U,
          1002U,
          1003U,
          1007U,
          1008U,
          1009U,
          1010U,
          1011U,
          1012U,
          1013U,
          1014U,
          3000U,
          3999U,
          4000U,
          4999U}) {
        expect_items(frame(8, big_endian(code, 2)), {close(static_cast<std::uint16_t>(code))});
        expect_items(
            frame(8, big_endian(code, 2) + "reason"),
            {close(static_cast<std::uint16_t>(code), "reason")}
        );
    }
    for (const unsigned code :
         {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 1100U, 2000U, 2999U, 5000U, 65535U}) {
        expect_items(frame(8, big_endian(code, 2)), {error(1002)});
        expect_items(frame(8, big_endian(code, 2) + "reason"), {error(1002)});
    }
}

TEST(WebSocketAutobahn, r021_group_9_long_messages) {
    const auto message = repeat("0123456789abcde_", 64 * 1024 / 16);
    const auto long_message = repeat(message, 16);
    expect_items(frame(1, message), {text(message)});
    expect_items(frame(2, message), {binary(message)});
    EXPECT_EQ(decode_whole(frame(1, long_message)), std::vector{text(long_message)});
    for (const std::size_t size : {64UL, 256UL, 1024UL, 4096UL, 16384UL}) {
        SCOPED_TRACE(size);
        EXPECT_EQ(decode_whole(in_frames(1, message, size)), std::vector{text(message)});
        EXPECT_EQ(decode_bytewise(in_frames(2, message, size)), std::vector{binary(message)});
    }
}

TEST(WebSocketAutobahn, r021_group_9_many_small_messages) {
    for (const std::size_t size : {0UL, 16UL, 64UL, 256UL, 1024UL}) {
        const std::string message(size, '*');
        const auto stream = repeat(frame(1, message), 1000);
        const std::vector<Received> items(1000, text(message));
        EXPECT_EQ(decode_whole(stream), items);
        EXPECT_EQ(decode_bytewise(stream), items);
    }
}

TEST(WebSocketAutobahn, r021_group_10_a_message_in_frames_of_1300_bytes) {
    const std::string message(65536, '*');
    expect_items(in_frames(1, message, 1300), {text(message)});
}

}  // namespace fanfare::transport::testing
