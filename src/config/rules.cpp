// SPDX-License-Identifier: MIT
#include "rules.hpp"

#include "redis_url.hpp"

#include "fanfare/base/ip_address.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace fanfare::config {

namespace {

bool is_graphic(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7F;
}

/// No spaces, no control characters, and none of `forbidden`.
bool is_word_without(std::string_view text, std::string_view forbidden) {
    return std::all_of(text.begin(), text.end(), is_graphic) &&
           text.find_first_of(forbidden) == std::string_view::npos;
}

bool is_port(std::string_view text) {
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, port);
    return error == std::errc{} && stop == end;
}

}  // namespace

std::optional<std::string> any_text(std::string_view text) {
    return std::string(text);
}

std::optional<std::string> non_empty(std::string_view text) {
    if (text.empty()) return std::nullopt;
    return std::string(text);
}

std::optional<std::string> host_name(std::string_view text) {
    if (text.empty() || !is_word_without(text, "/?#@\\")) return std::nullopt;
    return std::string(text);
}

std::optional<std::string> host_name_or_empty(std::string_view text) {
    if (text.empty()) return std::string();
    return host_name(text);
}

std::optional<std::string> path_prefix(std::string_view text) {
    if (!is_word_without(text, "?#\\")) return std::nullopt;
    while (text.starts_with('/')) text.remove_prefix(1);
    while (text.ends_with('/')) text.remove_suffix(1);
    if (text.find("//") != std::string_view::npos) return std::nullopt;
    return text.empty() ? std::string() : "/" + std::string(text);
}

std::optional<std::string> credential(std::string_view text) {
    if (text.empty() || !is_word_without(text, "/:?#")) return std::nullopt;
    return std::string(text);
}

std::optional<std::string> host_or_socket(std::string_view text) {
    if (!text.starts_with('/')) return host_name(text);
    if (text.find_first_of("\r\n") != std::string_view::npos) return std::nullopt;
    return std::string(text);
}

std::optional<std::string> redis_url_or_empty(std::string_view text) {
    if (!text.empty() && !parse_redis_url(text)) return std::nullopt;
    return std::string(text);
}

std::optional<std::string> address_or_empty(std::string_view text) {
    if (text.empty()) return std::string();
    const std::size_t colon = text.rfind(':');
    if (colon == text.npos || !is_port(text.substr(colon + 1))) return std::nullopt;
    if (!host_name(text.substr(0, colon))) return std::nullopt;
    return std::string(text);
}

std::optional<std::string> ip_network(std::string_view text) {
    if (!IpNetwork::parse(text)) return std::nullopt;
    return std::string(text);
}

std::optional<std::string> table_name(std::string_view text) {
    constexpr std::string_view allowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.";
    const bool has_empty_part = text.empty() || text.front() == '.' || text.back() == '.' ||
                                text.find("..") != std::string_view::npos;
    if (has_empty_part || text.find_first_not_of(allowed) != text.npos) return std::nullopt;
    return std::string(text);
}

std::optional<std::string> key_and_secret(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == text.npos || colon + 1 == text.size()) return std::nullopt;
    if (!credential(text.substr(0, colon))) return std::nullopt;
    return std::string(text);
}

}  // namespace fanfare::config
