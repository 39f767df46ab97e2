// SPDX-License-Identifier: MIT
#include "fanfare/base/buffer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace fanfare {
namespace {

using namespace std::string_view_literals;

std::string header(std::uint8_t opcode, std::size_t payload_bytes) {
    std::string bytes;
    append_frame_header(bytes, opcode, payload_bytes);
    return bytes;
}

TEST(FrameHeader, keeps_lengths_up_to_125_in_one_byte) {
    EXPECT_EQ(header(0x1, 0), "\x81\x00"sv);
    EXPECT_EQ(header(0x1, 1), "\x81\x01"sv);
    EXPECT_EQ(header(0x1, 125), "\x81\x7d"sv);
}

TEST(FrameHeader, writes_lengths_from_126_in_two_bytes) {
    EXPECT_EQ(header(0x1, 126), "\x81\x7e\x00\x7e"sv);
    EXPECT_EQ(header(0x1, 127), "\x81\x7e\x00\x7f"sv);
    EXPECT_EQ(header(0x1, 256), "\x81\x7e\x01\x00"sv);
    EXPECT_EQ(header(0x1, 65'535), "\x81\x7e\xff\xff"sv);
}

TEST(FrameHeader, writes_lengths_from_65536_in_eight_bytes) {
    EXPECT_EQ(header(0x1, 65'536), "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"sv);
    EXPECT_EQ(header(0x1, 0x1'2345'6789), "\x81\x7f\x00\x00\x00\x01\x23\x45\x67\x89"sv);
}

TEST(FrameHeader, puts_the_opcode_beside_fin) {
    EXPECT_EQ(header(0x8, 2), "\x88\x02"sv);
    EXPECT_EQ(header(0x9, 0), "\x89\x00"sv);
    EXPECT_EQ(header(0xa, 5), "\x8a\x05"sv);
}

TEST(FrameHeader, appends_to_what_is_there) {
    std::string bytes = "before";
    append_frame_header(bytes, 0x1, 3);
    EXPECT_EQ(bytes, "before\x81\x03");
}

TEST(EncodedFrame, is_header_and_text_at_every_length_form) {
    for (const std::size_t size : {0U, 1U, 125U, 126U, 65'535U, 65'536U, 100'000U}) {
        const std::string text(size, 'x');
        const EncodedFrame frame(text);
        EXPECT_EQ(frame.text(), text) << size;
        EXPECT_EQ(frame.wire(), header(0x1, size) + text) << size;
    }
}

TEST(EncodedFrame, does_not_refer_to_the_text_it_was_made_from) {
    auto text = std::make_unique<std::string>("short-lived");
    const EncodedFrame frame(*text);
    text.reset();
    EXPECT_EQ(frame.text(), "short-lived");
}

TEST(Buffer, shares_the_bytes_of_its_frame) {
    const EncodedFrame frame("hello");
    const BufferPtr first = make_buffer(frame);
    const BufferPtr second = make_buffer(frame);
    EXPECT_EQ(first->bytes().data(), frame.wire().data());
    EXPECT_EQ(second->bytes().data(), frame.wire().data());
}

TEST(Buffer, outlives_its_frame) {
    BufferPtr buffer;
    {
        const EncodedFrame frame("hello");
        buffer = make_buffer(frame);
    }
    EXPECT_EQ(buffer->bytes(), "\x81\x05hello");
}

TEST(Buffer, holds_bytes_of_its_own) {
    EXPECT_EQ(make_buffer(std::string("HTTP/1.1 200 OK"))->bytes(), "HTTP/1.1 200 OK");
    EXPECT_EQ(make_buffer(std::string())->bytes(), "");
}

}  // namespace
}  // namespace fanfare
