// SPDX-License-Identifier: MIT
#include "fanfare/transport/websocket_decoder.hpp"

#include "unit/transport/websocket_conversation.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace fanfare::transport::testing {
namespace {

constexpr unsigned continuation = 0;
constexpr unsigned text_frame = 1;
constexpr unsigned binary_frame = 2;
constexpr unsigned close_frame = 8;
constexpr unsigned ping_frame = 9;
constexpr unsigned pong_frame = 10;

std::string close_payload(unsigned code, std::string_view reason = "") {
    return big_endian(code, 2).append(reason);
}

static_assert(sizeof(WebSocketDecoder) == sizeof(void*));

/// A decoder is one owning pointer, so its bytes tell whether it holds memory.
bool holds_memory(const WebSocketDecoder& decoder) {
    void* pointer = nullptr;
    std::memcpy(&pointer, &decoder, sizeof pointer);
    return pointer != nullptr;
}

std::span<char> part(std::string& stream, std::size_t begin, std::size_t end) {
    return std::span(stream).subspan(begin, end - begin);
}

}  // namespace

// Contract: what is owned, what is copied, how long a view lives.

TEST(WebSocketDecoder, gives_a_whole_message_as_a_view_into_the_input) {
    auto stream = frame(text_frame, "hello");
    WebSocketDecoder decoder;
    std::span<char> input(stream);
    const auto item = decoder.next(input, 100);
    EXPECT_EQ(item.payload, "hello");
    EXPECT_EQ(item.payload.data(), stream.data() + 6);
    EXPECT_TRUE(input.empty());
    EXPECT_FALSE(holds_memory(decoder));
}

TEST(WebSocketDecoder, takes_one_item_at_a_time) {
    auto stream = frame(text_frame, "a") + frame(text_frame, "b");
    WebSocketDecoder decoder;
    std::span<char> input(stream);
    EXPECT_EQ(decoder.next(input, 100).payload, "a");
    EXPECT_EQ(input.size(), stream.size() / 2);
    EXPECT_EQ(decoder.next(input, 100).payload, "b");
    EXPECT_EQ(decoder.next(input, 100).kind, Kind::need_more);
}

TEST(WebSocketDecoder, asks_for_more_on_an_empty_input_and_holds_nothing) {
    WebSocketDecoder decoder;
    std::span<char> input;
    EXPECT_EQ(decoder.next(input, 100).kind, Kind::need_more);
    EXPECT_FALSE(holds_memory(decoder));
}

TEST(WebSocketDecoder, frees_what_it_kept_when_the_next_item_is_asked_for) {
    for (const auto& stream_of :
         {frame(text_frame, "hello"), frame(ping_frame, "hello"), frame(close_frame, "")}) {
        auto stream = stream_of;
        WebSocketDecoder decoder;
        auto first = part(stream, 0, 3);
        EXPECT_EQ(decoder.next(first, 100).kind, Kind::need_more);
        EXPECT_TRUE(holds_memory(decoder));
        auto rest = part(stream, 3, stream.size());
        EXPECT_NE(decoder.next(rest, 100).kind, Kind::need_more);
        EXPECT_EQ(decoder.next(rest, 100).kind, Kind::need_more);
        EXPECT_FALSE(holds_memory(decoder));
    }
}

TEST(WebSocketDecoder, keeps_the_message_while_a_control_frame_passes) {
    auto stream = fragment(text_frame, "he") + frame(ping_frame, "?") + frame(continuation, "y");
    WebSocketDecoder decoder;
    std::span<char> input(stream);
    EXPECT_EQ(decoder.next(input, 100).payload, "?");
    EXPECT_TRUE(holds_memory(decoder));
    EXPECT_EQ(decoder.next(input, 100).payload, "hey");
}

TEST(WebSocketDecoder, frees_an_unfinished_message_after_an_error) {
    auto stream = fragment(text_frame, "he") + frame(text_frame, "again");
    WebSocketDecoder decoder;
    std::span<char> input(stream);
    EXPECT_EQ(decoder.next(input, 100).close_code, 1002);
    EXPECT_FALSE(holds_memory(decoder));
}

// A reservation of that size could only throw.
TEST(WebSocketDecoder, reserves_nothing_for_a_length_that_is_only_claimed) {
    auto stream = frame_header(binary_frame, std::uint64_t{1} << 62) + "abc";
    WebSocketDecoder decoder;
    std::span<char> input(stream);
    EXPECT_EQ(decoder.next(input, std::size_t{1} << 63).kind, Kind::need_more);
    EXPECT_TRUE(input.empty());
}

TEST(WebSocketDecoder, says_in_words_what_was_wrong) {
    auto stream = frame(text_frame, "x", {.reserved_bits = 4});
    WebSocketDecoder decoder;
    std::span<char> input(stream);
    EXPECT_EQ(decoder.next(input, 100).payload, "reserved bit set");
}

// Lengths and masks.

TEST(WebSocketDecoder, reads_every_length_around_the_three_header_forms) {
    for (const std::size_t size :
         {0UL,
          1UL,
          7UL,
          8UL,
          9UL,
          15UL,
          16UL,
          124UL,
          125UL,
          126UL,
          127UL,
          65535UL,
          65536UL,
          65537UL}) {
        SCOPED_TRACE(size);
        std::string payload;
        for (std::size_t i = 0; i < size; ++i) payload += static_cast<char>('a' + i % 23);
        expect_items(frame(text_frame, payload), {text(payload)});
        expect_items(frame(binary_frame, payload), {binary(payload)});
    }
}

TEST(WebSocketDecoder, unmasks_with_any_key_at_any_offset) {
    using Key = std::array<unsigned char, 4>;
    for (const Key& key : {Key{}, Key{0xff, 0xff, 0xff, 0xff}, Key{0x80, 1, 0, 0xfe}}) {
        for (std::size_t size = 0; size < 40; ++size) {
            const auto payload =
                std::string("\x00\x7f\x80\xff 0123456789abcdefghijklmnopqrstuvwxyz", 41);
            const auto cut = payload.substr(0, size);
            expect_items(frame(binary_frame, cut, {.mask = key}), {binary(cut)});
        }
    }
}

TEST(WebSocketDecoder, unmasks_at_an_unaligned_address) {
    for (std::size_t gap = 0; gap < 8; ++gap) {
        auto stream = std::string(gap, '-') + frame(text_frame, "0123456789abcdefghij");
        WebSocketDecoder decoder;
        auto input = part(stream, gap, stream.size());
        EXPECT_EQ(decoder.next(input, 100).payload, "0123456789abcdefghij");
    }
}

TEST(WebSocketDecoder, accepts_a_length_in_a_longer_form_than_needed) {
    expect_items(frame(text_frame, "hi", {.length_bytes = 2}), {text("hi")});
    expect_items(frame(text_frame, "hi", {.length_bytes = 8}), {text("hi")});
    const std::string boundary(125, 'x');
    expect_items(frame(text_frame, boundary, {.length_bytes = 2}), {text(boundary)});
}

TEST(WebSocketDecoder, refuses_a_control_frame_in_a_longer_form) {
    expect_items(frame(ping_frame, "hi", {.length_bytes = 2}), {error(1002)});
    expect_items(frame(ping_frame, "hi", {.length_bytes = 8}), {error(1002)});
}

TEST(WebSocketDecoder, refuses_a_length_with_the_top_bit_set) {
    expect_items(frame_header(binary_frame, std::uint64_t{1} << 63), {error(1002)});
    expect_items(frame_header(text_frame, ~std::uint64_t{0}), {error(1002)});
}

// RFC 6455 section 5: what a client may not send.

TEST(WebSocketDecoder, r021_refuses_a_frame_without_mask) {
    expect_items("\x81\x02hi", {error(1002)});
    expect_items(std::string("\x89\x00", 2), {error(1002)});
}

TEST(WebSocketDecoder, r021_refuses_each_reserved_bit_on_each_opcode) {
    for (unsigned bits = 1; bits < 8; ++bits) {
        for (const unsigned opcode :
             {text_frame, binary_frame, close_frame, ping_frame, pong_frame}) {
            expect_items(frame(opcode, "", {.reserved_bits = bits}), {error(1002)});
        }
    }
}

TEST(WebSocketDecoder, r021_refuses_reserved_opcodes_before_their_length_is_known) {
    for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
        expect_items(frame(opcode, "").substr(0, 1), {error(1002)});
        expect_items(fragment(opcode, "").substr(0, 1), {error(1002)});
    }
}

TEST(WebSocketDecoder, r021_refuses_a_continuation_without_a_start) {
    expect_items(frame(continuation, "x"), {error(1002)});
    expect_items(fragment(continuation, "x"), {error(1002)});
    const auto finished = fragment(text_frame, "a") + frame(continuation, "b");
    expect_items(finished + frame(continuation, "c"), {text("ab"), error(1002)});
}

TEST(WebSocketDecoder, r021_refuses_a_new_message_inside_a_fragmented_one) {
    expect_items(fragment(text_frame, "a") + frame(text_frame, "b"), {error(1002)});
    expect_items(fragment(binary_frame, "") + fragment(text_frame, "b"), {error(1002)});
}

TEST(WebSocketDecoder, r021_refuses_a_fragmented_control_frame) {
    for (const unsigned opcode : {close_frame, ping_frame, pong_frame}) {
        expect_items(fragment(opcode, ""), {error(1002)});
    }
}

TEST(WebSocketDecoder, r021_refuses_a_ping_of_126_bytes) {
    expect_items(frame(ping_frame, std::string(125, 'p')), {ping(std::string(125, 'p'))});
    expect_items(frame(ping_frame, std::string(126, 'p')), {error(1002)});
}

TEST(WebSocketDecoder, r021_refuses_the_close_codes_nobody_may_send) {
    for (unsigned code = 0; code <= 0xffff; ++code) {
        const bool is_allowed = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
                                (code >= 3000 && code <= 4999);
        const auto items = decode_whole(frame(close_frame, close_payload(code)));
        const auto sent = static_cast<std::uint16_t>(code);
        ASSERT_EQ(items, std::vector{is_allowed ? close(sent) : error(1002)}) << code;
    }
}

TEST(WebSocketDecoder, r021_reads_a_close_frame_with_and_without_a_reason) {
    expect_items(frame(close_frame, ""), {close(1005)});
    expect_items(frame(close_frame, "\x03"), {error(1002)});
    expect_items(frame(close_frame, close_payload(4100, "grüß")), {close(4100, "grüß")});
    expect_items(frame(close_frame, close_payload(1000, "gr\xfc\xdf")), {error(1007)});
    expect_items(frame(close_frame, close_payload(1000, "half \xc3")), {error(1007)});
}

// Text.

TEST(WebSocketDecoder, r021_finds_bad_text_before_its_frame_or_message_ends) {
    const auto frame_of_100 = frame(text_frame, "\xc0" + std::string(99, 'x'));
    expect_items(frame_of_100.substr(0, 7), {error(1007)});
    expect_items(fragment(text_frame, "a\xed\xa0"), {error(1007)});
    expect_items(fragment(text_frame, "a\xed") + fragment(continuation, "\xa0"), {error(1007)});
    expect_items(fragment(text_frame, "a\xed") + fragment(continuation, "ascii"), {error(1007)});
}

TEST(WebSocketDecoder, r021_joins_a_character_cut_between_fragments) {
    const auto start = fragment(text_frame, "12345678\xf0\x9f");
    expect_items(start + frame(continuation, "\x8e\x89 party"), {text("12345678🎉 party")});
    expect_items(start + frame(continuation, ""), {error(1007)});
    expect_items(start + frame(continuation, "abcdefgh"), {error(1007)});
}

TEST(WebSocketDecoder, r021_starts_each_text_afresh) {
    const auto good = fragment(text_frame, "\xc3") + frame(continuation, "\xbc");
    expect_items(good + frame(text_frame, "x") + good, {text("ü"), text("x"), text("ü")});
}

TEST(WebSocketDecoder, r023_gives_binary_as_it_is_without_a_utf8_check) {
    expect_items(frame(binary_frame, R"({"event":"e"})"), {binary(R"({"event":"e"})")});
    expect_items(frame(binary_frame, "\xff\xc0"), {binary("\xff\xc0")});
    expect_items(
        fragment(binary_frame, "\xff") + frame(continuation, "\xc0"), {binary("\xff\xc0")}
    );
}

// The message limit.

TEST(WebSocketDecoder, r022_takes_a_message_of_exactly_the_limit) {
    expect_items(frame(text_frame, std::string(10, 'x')), {text(std::string(10, 'x'))}, 10);
    expect_items(
        fragment(text_frame, "1234") + frame(continuation, "567890"), {text("1234567890")}, 10
    );
    expect_items(frame(text_frame, ""), {text("")}, 0);
}

TEST(WebSocketDecoder, r022_refuses_one_byte_more_than_the_limit) {
    expect_items(frame(text_frame, std::string(11, 'x')), {error(1009)}, 10);
    expect_items(fragment(text_frame, "1234") + frame(continuation, "567890a"), {error(1009)}, 10);
    expect_items(frame(binary_frame, "x"), {error(1009)}, 0);
}

TEST(WebSocketDecoder, r022_refuses_a_long_message_at_its_header) {
    expect_items(frame_header(text_frame, 11).substr(0, 2), {error(1009)}, 10);
    expect_items(frame_header(text_frame, 70000).substr(0, 10), {error(1009)}, 10);
    const auto ten = fragment(text_frame, std::string(10, 'x'));
    expect_items(ten + frame_header(continuation, 1).substr(0, 2), {error(1009)}, 10);
    expect_items(frame_header(binary_frame, (std::uint64_t{1} << 63) - 1), {error(1009)}, 10);
}

TEST(WebSocketDecoder, r022_sums_fragments_without_overflow) {
    const auto huge = frame_header(continuation, (std::uint64_t{1} << 63) - 1);
    expect_items(fragment(binary_frame, "12345") + huge, {error(1009)}, 10);
}

TEST(WebSocketDecoder, r022_counts_each_message_alone_and_no_control_frames) {
    const auto message = fragment(text_frame, "12345") + frame(ping_frame, "123456789012") +
                         frame(continuation, "67890");
    const std::vector once{ping("123456789012"), text("1234567890")};
    expect_items(message, once, 10);
    expect_items(message + message, {once[0], once[1], once[0], once[1]}, 10);
}

TEST(WebSocketDecoder, r022_applies_a_limit_that_shrinks_inside_a_message) {
    auto stream = fragment(text_frame, "12345") + frame(continuation, "");
    WebSocketDecoder decoder;
    auto first = part(stream, 0, 11);
    EXPECT_EQ(decoder.next(first, 10).kind, Kind::need_more);
    auto second = part(stream, 11, stream.size());
    EXPECT_EQ(decoder.next(second, 4).close_code, 1009);
}

// Control frames between fragments.

TEST(WebSocketDecoder, r017_gives_control_frames_between_fragments_at_once) {
    const auto stream = fragment(text_frame, "a") + frame(ping_frame, "1") +
                        fragment(continuation, "b") + frame(pong_frame, "2") +
                        frame(ping_frame, "") + frame(continuation, "c");
    expect_items(stream, {ping("1"), pong("2"), ping(""), text("abc")});
}

TEST(WebSocketDecoder, r017_a_ping_inside_a_character_does_not_disturb_the_text) {
    const auto stream =
        fragment(text_frame, "\xc3") + frame(ping_frame, "\xff") + frame(continuation, "\xbc");
    expect_items(stream, {ping("\xff"), text("ü")});
}

TEST(WebSocketDecoder, r024_a_close_inside_a_message_is_seen) {
    const auto stream = fragment(text_frame, "a") + frame(close_frame, close_payload(1001, "bye"));
    expect_items(stream, {close(1001, "bye")});
}

}  // namespace fanfare::transport::testing
