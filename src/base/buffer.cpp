// SPDX-License-Identifier: MIT
#include "fanfare/base/buffer.hpp"

#include <utility>

namespace fanfare {

namespace {

constexpr std::uint8_t fin = 0x80;
constexpr std::uint8_t opcode_text = 0x1;

}  // namespace

void append_frame_header(std::string& out, std::uint8_t opcode, std::size_t payload_bytes) {
    out.push_back(static_cast<char>(fin | opcode));
    const auto append_big_endian = [&](unsigned width) {
        for (unsigned shift = width * 8; shift != 0; shift -= 8) {
            out.push_back(static_cast<char>((payload_bytes >> (shift - 8)) & 0xff));
        }
    };
    if (payload_bytes < 126) {
        out.push_back(static_cast<char>(payload_bytes));
    } else if (payload_bytes <= 0xffff) {
        out.push_back(126);
        append_big_endian(2);
    } else {
        out.push_back(127);
        append_big_endian(8);
    }
}

EncodedFrame::EncodedFrame(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size() + 10);
    append_frame_header(bytes, opcode_text, text.size());
    text_at_ = static_cast<std::uint32_t>(bytes.size());
    bytes += text;
    bytes_ = std::make_shared<const std::string>(std::move(bytes));
}

Buffer::Buffer(const EncodedFrame& frame) : bytes_(frame.bytes_) {}

Buffer::Buffer(std::string bytes) : bytes_(std::make_shared<const std::string>(std::move(bytes))) {}

BufferPtr make_buffer(const EncodedFrame& frame) {
    return BufferPtr(new Buffer(frame));
}

BufferPtr make_buffer(std::string bytes) {
    return BufferPtr(new Buffer(std::move(bytes)));
}

}  // namespace fanfare
