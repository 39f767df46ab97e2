// SPDX-License-Identifier: MIT
#include "message.hpp"

#include <charconv>
#include <tuple>
#include <type_traits>

namespace fanfare::cluster {

namespace {

// A message is a version, the index of its kind in Message, and its fields in the order of their
// declaration: integers of 4 or 8 bytes, lowest byte first, and texts with their length in front.
constexpr std::uint8_t version = 1;

class Writer {
public:
    void operator()(std::uint8_t byte) { out_.push_back(static_cast<char>(byte)); }

    void operator()(std::uint32_t number) { write_bytes(number, 4); }

    void operator()(std::uint64_t number) { write_bytes(number, 8); }

    void operator()(std::string_view text) {
        (*this)(static_cast<std::uint32_t>(text.size()));
        out_ += text;
    }

    void operator()(const NodeId& node) {
        (*this)(std::string_view(node.name));
        (*this)(node.incarnation);
    }

    void operator()(const std::optional<protocol::SocketId>& id) {
        (*this)(id ? id->high : 0U);  // no connection is called 0.0
        (*this)(id ? id->low : 0U);
    }

    void operator()(const std::optional<channels::CacheTime>& time) {
        (*this)(time ? static_cast<std::uint32_t>(time->count() + 1) : 0U);
    }

    void operator()(const channels::Member& member) {
        (*this)(std::string_view(member.user_id));
        (*this)(std::string_view(member.user_id_json));
        (*this)(std::string_view(member.user_info_json));
        (*this)(std::string_view(member.channel_data_json));
    }

    void operator()(const std::vector<std::pair<std::string, std::uint32_t>>& counts) {
        (*this)(static_cast<std::uint32_t>(counts.size()));
        for (const auto& [name, count] : counts) {
            (*this)(std::string_view(name));
            (*this)(count);
        }
    }

    std::string take() { return std::move(out_); }

private:
    void write_bytes(std::uint64_t number, int count) {
        for (int i = 0; i < count; ++i) out_.push_back(static_cast<char>(number >> (8 * i) & 0xff));
    }

    std::string out_;
};

/// Reads what Writer wrote. Once something is missing all further reads leave their target alone.
class Reader {
public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    void operator()(std::uint8_t& byte) { byte = static_cast<std::uint8_t>(read_bytes(1)); }

    void operator()(std::uint32_t& number) { number = static_cast<std::uint32_t>(read_bytes(4)); }

    void operator()(std::uint64_t& number) { number = read_bytes(8); }

    void operator()(std::string_view& text) {
        std::uint32_t size = 0;
        (*this)(size);
        if (!is_good_ || size > rest_.size()) return fail();
        text = rest_.substr(0, size);
        rest_.remove_prefix(size);
    }

    void operator()(std::string& text) {
        std::string_view view;
        (*this)(view);
        text = view;
    }

    void operator()(NodeId& node) {
        (*this)(node.name);
        (*this)(node.incarnation);
    }

    void operator()(std::optional<protocol::SocketId>& id) {
        protocol::SocketId read;
        (*this)(read.high);
        (*this)(read.low);
        if (read != protocol::SocketId{}) id = read;
    }

    void operator()(std::optional<channels::CacheTime>& time) {
        std::uint32_t seconds = 0;
        (*this)(seconds);
        if (seconds != 0) time = channels::CacheTime(seconds - 1);
    }

    void operator()(channels::Member& member) {
        (*this)(member.user_id);
        (*this)(member.user_id_json);
        (*this)(member.user_info_json);
        (*this)(member.channel_data_json);
    }

    void operator()(std::vector<std::pair<std::string, std::uint32_t>>& counts) {
        std::uint32_t size = 0;
        (*this)(size);
        for (std::uint32_t i = 0; i < size && is_good_; ++i) {
            auto& [name, count] = counts.emplace_back();
            (*this)(name);
            (*this)(count);
        }
    }

    [[nodiscard]] bool is_done() const { return is_good_ && rest_.empty(); }

private:
    void fail() { is_good_ = false; }

    std::uint64_t read_bytes(std::size_t count) {
        if (!is_good_ || rest_.size() < count) {
            fail();
            return 0;
        }
        std::uint64_t number = 0;
        for (std::size_t i = 0; i < count; ++i) {
            number |= std::uint64_t{static_cast<std::uint8_t>(rest_[i])} << (8 * i);
        }
        rest_.remove_prefix(count);
        return number;
    }

    std::string_view rest_;
    bool is_good_ = true;
};

// The fields of each kind, for both directions.

template <class Kind>
constexpr auto fields = nullptr;
template <>
constexpr auto fields<EventMessage> = std::tuple{
    &EventMessage::origin,
    &EventMessage::seq,
    &EventMessage::except,
    &EventMessage::cache_time,
    &EventMessage::text};
template <>
constexpr auto fields<JoinMessage> =
    std::tuple{&JoinMessage::node, &JoinMessage::op, &JoinMessage::member};
template <>
constexpr auto fields<LeaveMessage> =
    std::tuple{&LeaveMessage::node, &LeaveMessage::op, &LeaveMessage::user_id};
template <>
constexpr auto fields<GoneMessage> = std::tuple{&GoneMessage::node};
template <>
constexpr auto fields<SyncMessage> = std::tuple{&SyncMessage::node, &SyncMessage::token};
template <>
constexpr auto fields<TerminateMessage> = std::tuple{
    &TerminateMessage::origin,
    &TerminateMessage::seq,
    &TerminateMessage::app_id,
    &TerminateMessage::user_id};
template <>
constexpr auto fields<CountsMessage> =
    std::tuple{&CountsMessage::node, &CountsMessage::connections};
template <>
constexpr auto fields<EchoMessage> = std::tuple{&EchoMessage::node, &EchoMessage::sent_us};
template <>
constexpr auto fields<CountMessage> = std::tuple{&CountMessage::count};
template <>
constexpr auto fields<RollCallMessage> = std::tuple{&RollCallMessage::node};

/// `visit` is a Writer or a Reader.
template <class Visitor, class Kind>
void visit_fields(Visitor& visit, Kind& message) {
    std::
        apply([&](auto... field) { (visit(message.*field), ...); }, fields<std::remove_const_t<Kind>>);
}

template <std::size_t index = 0>
std::optional<Message> decode_kind(std::size_t kind, Reader& reader) {
    if constexpr (index == std::variant_size_v<Message>) {
        return std::nullopt;
    } else {
        if (kind != index) return decode_kind<index + 1>(kind, reader);
        std::variant_alternative_t<index, Message> message;
        visit_fields(reader, message);
        if (!reader.is_done()) return std::nullopt;
        return message;
    }
}

}  // namespace

std::optional<NodeId> NodeId::parse(std::string_view text) {
    const std::size_t dot = text.rfind('.');
    if (dot == std::string_view::npos || dot == 0) return std::nullopt;
    NodeId node{std::string(text.substr(0, dot)), 0};
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + dot + 1, end, node.incarnation);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return node;
}

std::string encode(const Message& message) {
    Writer writer;
    writer(version);
    writer(static_cast<std::uint8_t>(message.index()));
    std::visit([&](const auto& fields) { visit_fields(writer, fields); }, message);
    return writer.take();
}

std::optional<Message> decode(std::string_view bytes) {
    Reader reader(bytes);
    std::uint8_t seen_version = 0;
    std::uint8_t kind = 0;
    reader(seen_version);
    reader(kind);
    if (seen_version != version) return std::nullopt;
    return decode_kind(kind, reader);
}

std::string encode_member(const channels::Member& member) {
    Writer writer;
    writer(member);
    return writer.take();
}

std::optional<channels::Member> decode_member(std::string_view bytes) {
    Reader reader(bytes);
    channels::Member member;
    reader(member);
    if (!reader.is_done()) return std::nullopt;
    return member;
}

}  // namespace fanfare::cluster
