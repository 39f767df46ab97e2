// SPDX-License-Identifier: MIT
#include "fanfare/protocol/socket_id.hpp"

#include <charconv>

namespace fanfare::protocol {

namespace {

std::optional<std::uint32_t> parse_number(std::string_view text) {
    if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

std::string to_string(SocketId id) {
    return std::to_string(id.high) + '.' + std::to_string(id.low);
}

std::optional<SocketId> parse_socket_id(std::string_view text) {
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const auto high = parse_number(text.substr(0, dot));
    const auto low = parse_number(text.substr(dot + 1));
    if (!high || !low) return std::nullopt;
    return SocketId{*high, *low};
}

SocketId socket_id_from(std::uint64_t random) {
    constexpr std::uint64_t halves = 1'000'000'000;  // Reverb's range
    return {
        static_cast<std::uint32_t>(random / halves % halves + 1),
        static_cast<std::uint32_t>(random % halves + 1)};
}

}  // namespace fanfare::protocol
