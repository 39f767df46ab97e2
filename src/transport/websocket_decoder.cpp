// SPDX-License-Identifier: MIT
#include "fanfare/transport/websocket_decoder.hpp"

#include "websocket_frame.hpp"

#include "fanfare/base/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

namespace fanfare::transport {
namespace {

using Item = WebSocketDecoder::Item;
using Kind = WebSocketDecoder::Kind;

using websocket::max_control_payload;
using websocket::Opcode;
using websocket::close_code::invalid_payload;
using websocket::close_code::message_too_big;
using websocket::close_code::protocol_error;

constexpr std::size_t max_header_size = 14;

using Mask = std::array<unsigned char, 4>;

struct Frame {
    Opcode opcode = Opcode::continuation;
    bool is_final = false;
    std::uint64_t missing = 0;  // payload bytes that have not been taken yet
    Mask mask{};                // mask[0] is for the first of them

    bool is_control() const { return opcode >= Opcode::close; }
};

/// What the frames so far allow the next header to say.
struct Expectation {
    bool is_message_open = false;
    std::size_t message_size = 0;
    std::size_t max_message_size = 0;
};

struct Header {
    std::size_t size = 0;  // 0: incomplete
    Frame frame;
    Item fault;  // of kind error if the peer broke a rule
};

Item refuse(std::uint16_t code, std::string_view why) {
    return {.kind = Kind::error, .close_code = code, .payload = why};
}

std::uint64_t read_big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
}

/// The reason to refuse a frame that begins with this byte, or nothing.
std::string_view fault_in_first_byte(unsigned char first, bool is_message_open) {
    const bool is_final = (first & 0x80) != 0;
    // permessage-deflate, once negotiated, gives RSV1 (0x40) of a message's first frame a meaning.
    if ((first & 0x70) != 0) return "reserved bit set";
    switch (Opcode(first & 0x0f)) {
        case Opcode::continuation:
            return is_message_open ? "" : "continuation without a message";
        case Opcode::text:
        case Opcode::binary:
            return is_message_open ? "new message inside a fragmented one" : "";
        case Opcode::close:
        case Opcode::ping:
        case Opcode::pong:
            return is_final ? "" : "fragmented control frame";
    }
    return "reserved opcode";
}

/// The reason to refuse a payload of this length, or an item of kind need_more.
Item fault_in_length(const Frame& frame, const Expectation& expected) {
    if (frame.opcode == Opcode::close && frame.missing == 1) {
        return refuse(protocol_error, "close frame with half a code");
    }
    if (frame.is_control()) return {};
    if (frame.missing >> 63 != 0) return refuse(protocol_error, "length beyond 63 bits");
    // The limit may have shrunk since the message began, hence the first half.
    if (expected.message_size > expected.max_message_size ||
        frame.missing > expected.max_message_size - expected.message_size) {
        return refuse(message_too_big, "message too big");
    }
    return {};
}

/// Looks at the first bytes of a frame. Each rule is applied as soon as the bytes it needs are
/// there, in the order of the bytes: so the verdict does not depend on how the stream was cut.
Header parse_header(std::string_view bytes, const Expectation& expected) {
    Header header;
    if (bytes.empty()) return header;
    const auto first = static_cast<unsigned char>(bytes[0]);
    header.frame.opcode = Opcode(first & 0x0f);
    header.frame.is_final = (first & 0x80) != 0;
    if (const auto fault = fault_in_first_byte(first, expected.is_message_open); !fault.empty()) {
        header.fault = refuse(protocol_error, fault);
        return header;
    }

    if (bytes.size() < 2) return header;
    const auto second = static_cast<unsigned char>(bytes[1]);
    const std::size_t short_length = second & 0x7f;
    if ((second & 0x80) == 0) {
        header.fault = refuse(protocol_error, "frame not masked");
        return header;
    }
    if (header.frame.is_control() && short_length > max_control_payload) {
        header.fault = refuse(protocol_error, "control frame too long");
        return header;
    }

    // Lengths that would fit a shorter form are accepted. RFC 6455 5.2 forbids them to the sender,
    // but encoders that go wrong at exactly 125 or 65,535 bytes exist, nothing is ambiguous about
    // such a frame, and most servers take it: a client must not lose its connection by moving here.
    const std::size_t extended_size = short_length == 127 ? 8 : short_length == 126 ? 2 : 0;
    const std::size_t mask_at = 2 + extended_size;
    if (bytes.size() < mask_at) return header;
    header.frame.missing =
        extended_size == 0 ? short_length : read_big_endian(bytes.substr(2, extended_size));
    header.fault = fault_in_length(header.frame, expected);
    if (header.fault.kind == Kind::error) return header;

    if (bytes.size() < mask_at + header.frame.mask.size()) return header;
    std::memcpy(header.frame.mask.data(), bytes.data() + mask_at, header.frame.mask.size());
    header.size = mask_at + header.frame.mask.size();
    return header;
}

/// Unmasks in place, and says whether everything was ASCII: the pass over the bytes is made anyway,
/// and the answer spares most texts the UTF-8 check.
bool unmask(std::span<char> bytes, const Mask& mask) {
    std::uint64_t key = 0;
    std::memcpy(&key, mask.data(), mask.size());
    std::memcpy(reinterpret_cast<char*>(&key) + mask.size(), mask.data(), mask.size());
    std::uint64_t seen = 0;
    std::size_t at = 0;
    for (; bytes.size() - at >= sizeof key; at += sizeof key) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, sizeof word);
        word ^= key;
        std::memcpy(bytes.data() + at, &word, sizeof word);
        seen |= word;
    }
    for (; at < bytes.size(); ++at) {
        const auto byte = static_cast<unsigned char>(bytes[at] ^ mask[at % mask.size()]);
        bytes[at] = static_cast<char>(byte);
        seen |= byte;
    }
    return (seen & 0x8080808080808080) == 0;
}

bool is_allowed_close_code(std::uint64_t code) {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

Item read_close(std::string_view payload) {
    if (payload.empty())
        return {
            .kind = Kind::close, .close_code = websocket::close_code::none_received, .payload = {}};
    const std::uint64_t code = read_big_endian(payload.substr(0, 2));
    const std::string_view reason = payload.substr(2);
    if (!is_allowed_close_code(code)) return refuse(protocol_error, "close code not allowed");
    if (!is_valid_utf8(reason)) return refuse(invalid_payload, "close reason is not UTF-8");
    return {.kind = Kind::close, .close_code = static_cast<std::uint16_t>(code), .payload = reason};
}

Item read_control(Opcode opcode, std::string_view payload) {
    if (opcode == Opcode::close) return read_close(payload);
    return {.kind = opcode == Opcode::ping ? Kind::ping : Kind::pong, .payload = payload};
}

Item not_utf8() {
    return refuse(invalid_payload, "text is not UTF-8");
}

std::span<char> take(std::span<char>& input, std::size_t size) {
    const auto taken = input.first(size);
    input = input.subspan(size);
    return taken;
}

std::string_view view_of(std::span<const char> bytes) {
    return {bytes.data(), bytes.size()};
}

/// As a client writes it.
void append_client_frame_header(
    std::string& out, Opcode opcode, bool is_final, std::uint64_t size, const Mask& mask
) {
    out.push_back(static_cast<char>((is_final ? 0x80 : 0) | static_cast<int>(opcode)));
    // The longest form fits every length.
    out.push_back(static_cast<char>(0x80 | 127));
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(size >> shift));
    for (const unsigned char byte : mask) out.push_back(static_cast<char>(byte));
}

/// The usual case: a message or control frame that lies whole in the input, so nothing is kept and
/// nothing copied. Leaves the input alone if it is anything else.
Item take_whole_frame(std::span<char>& input, std::size_t max_message_size) {
    const auto front = view_of(input.first(std::min(input.size(), max_header_size)));
    const Header header = parse_header(front, {.max_message_size = max_message_size});
    if (header.fault.kind == Kind::error) return header.fault;
    const Frame& frame = header.frame;
    const bool is_whole = header.size != 0 && frame.missing <= input.size() - header.size;
    if (!is_whole || !frame.is_final) return {};

    take(input, header.size);
    const auto bytes = take(input, static_cast<std::size_t>(frame.missing));
    const bool is_ascii = unmask(bytes, frame.mask);
    const auto payload = view_of(bytes);
    if (frame.is_control()) return read_control(frame.opcode, payload);
    if (frame.opcode == Opcode::binary) return {.kind = Kind::binary, .payload = payload};
    if (!is_ascii && !is_valid_utf8(payload)) return not_utf8();
    return {.kind = Kind::text, .payload = payload};
}

}  // namespace

/// A frame or message of which a part is still to come. Its memory grows with the bytes that have
/// arrived, never with the length that a header claims.
///
///   header ──whole──▶ payload ──whole──▶ item: control frame, or last frame of a message
///      ▲                    └──────────▶ nothing yet: a fragment
///      └─────── either way the next frame's header follows
struct WebSocketDecoder::Partial {
    std::array<char, max_header_size> header{};
    std::array<char, max_control_payload> control{};
    std::uint8_t header_size = 0;
    std::uint8_t control_size = 0;
    Utf8Validator utf8;
    Kind message_kind = Kind::need_more;  // text or binary while a message is open
    std::optional<Frame> frame;           // its header is read, its payload is not
    std::string message;

    bool is_at_rest() const {
        return header_size == 0 && !frame && message_kind == Kind::need_more;
    }

    Item next(std::span<char>& input, std::size_t max_message_size);
    Item read_header(std::span<char>& input, std::size_t max_message_size);
    Item take_control(std::string_view part);
    Item take_data(std::string_view part, bool is_ascii);

    [[nodiscard]] std::string unread() const;
    void append_control(std::string& out) const;
};

Item WebSocketDecoder::Partial::next(std::span<char>& input, std::size_t max_message_size) {
    while (true) {
        if (!frame) {
            const Item fault = read_header(input, max_message_size);
            if (fault.kind == Kind::error || !frame) return fault;
        }
        const auto part = take(input, std::min<std::uint64_t>(frame->missing, input.size()));
        const bool is_ascii = unmask(part, frame->mask);
        frame->missing -= part.size();
        const auto turn = static_cast<std::ptrdiff_t>(part.size() % frame->mask.size());
        std::rotate(frame->mask.begin(), frame->mask.begin() + turn, frame->mask.end());

        const Item item =
            frame->is_control() ? take_control(view_of(part)) : take_data(view_of(part), is_ascii);
        if (frame->missing != 0) return item;
        frame.reset();
        if (item.kind != Kind::need_more) return item;
    }
}

/// Sets `frame` when its header is whole.
Item WebSocketDecoder::Partial::read_header(std::span<char>& input, std::size_t max_message_size) {
    const std::size_t had = header_size;
    const std::size_t added = std::min(header.size() - had, input.size());
    std::copy_n(input.begin(), added, header.begin() + static_cast<std::ptrdiff_t>(had));
    const Expectation expected{
        .is_message_open = message_kind != Kind::need_more,
        .message_size = message.size(),
        .max_message_size = max_message_size,
    };
    const Header read = parse_header({header.data(), had + added}, expected);
    if (read.size == 0) {
        header_size = static_cast<std::uint8_t>(had + added);
        take(input, added);
        return read.fault;
    }
    header_size = 0;
    take(input, read.size - had);
    frame = read.frame;
    return {};
}

Item WebSocketDecoder::Partial::take_control(std::string_view part) {
    std::copy(part.begin(), part.end(), control.begin() + control_size);
    control_size = static_cast<std::uint8_t>(control_size + part.size());
    if (frame->missing != 0) return {};
    return read_control(frame->opcode, {control.data(), std::exchange(control_size, 0)});
}

Item WebSocketDecoder::Partial::take_data(std::string_view part, bool is_ascii) {
    if (frame->opcode == Opcode::text) message_kind = Kind::text;
    if (frame->opcode == Opcode::binary) message_kind = Kind::binary;
    if (message_kind == Kind::text) {
        const bool is_plain = is_ascii && utf8.is_complete();
        if (!is_plain && !utf8.feed(part)) return not_utf8();
    }
    message.append(part);
    if (frame->missing != 0 || !frame->is_final) return {};
    if (message_kind == Kind::text && !utf8.is_complete()) return not_utf8();
    return {.kind = std::exchange(message_kind, Kind::need_more), .payload = message};
}

/// The message so far as one fragment, then the rest of the frame under way as the next, then what
/// there is of a header.
std::string WebSocketDecoder::Partial::unread() const {
    std::string bytes;
    if (message_kind != Kind::need_more) {
        const Opcode opcode = message_kind == Kind::text ? Opcode::text : Opcode::binary;
        append_client_frame_header(bytes, opcode, false, message.size(), {});
        bytes += message;
    }
    if (frame && frame->is_control()) {
        append_control(bytes);
    } else if (frame) {
        append_client_frame_header(
            bytes, Opcode::continuation, frame->is_final, frame->missing, frame->mask
        );
    }
    return bytes.append(header.data(), header_size);
}

/// A control frame cannot be cut: it begins anew, with what has come of it.
void WebSocketDecoder::Partial::append_control(std::string& out) const {
    const std::uint64_t size = control_size + frame->missing;
    out.push_back(static_cast<char>(0x80 | static_cast<int>(frame->opcode)));
    out.push_back(static_cast<char>(0x80 | size));
    Mask mask = frame->mask;  // back to the frame's first byte
    std::rotate(mask.begin(), mask.end() - control_size % mask.size(), mask.end());
    for (const unsigned char byte : mask) out.push_back(static_cast<char>(byte));
    for (std::size_t i = 0; i < control_size; ++i) {
        out.push_back(static_cast<char>(control[i] ^ mask[i % mask.size()]));
    }
}

WebSocketDecoder::WebSocketDecoder() noexcept = default;
WebSocketDecoder::~WebSocketDecoder() = default;

WebSocketDecoder::Item WebSocketDecoder::next(
    std::span<char>& input, std::size_t max_message_size
) {
    // Whoever asks for the next item is done with the last one, which may have been kept in here.
    if (partial_ && partial_->is_at_rest()) partial_.reset();

    Item item;
    if (!partial_) {
        item = take_whole_frame(input, max_message_size);
        if (item.kind != Kind::need_more || input.empty()) return item;
        partial_ = std::make_unique<Partial>();
    }
    item = partial_->next(input, max_message_size);
    if (item.kind == Kind::error) partial_.reset();
    return item;
}

std::string WebSocketDecoder::unread() const {
    return partial_ ? partial_->unread() : "";
}

}  // namespace fanfare::transport
