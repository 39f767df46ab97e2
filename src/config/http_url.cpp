// SPDX-License-Identifier: MIT
#include "fanfare/config/http_url.hpp"

#include "redis_url.hpp"

#include <algorithm>
#include <cstddef>

namespace fanfare::config {

namespace {

constexpr std::string_view scheme_end = "://";

std::size_t authority_start(std::string_view url) {
    const auto scheme = url.find(scheme_end);
    return scheme == std::string_view::npos ? 0 : scheme + scheme_end.size();
}

/// Host and port, for which the addresses of Redis have the same grammar.
bool is_address(std::string_view text) {
    return parse_redis_address(text).has_value();
}

}  // namespace

bool is_http_url(std::string_view text) {
    const bool is_http = text.starts_with("http://") || text.starts_with("https://");
    const bool is_one_word = std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte <= 0x20 || byte == 0x7F || c == '\\' || c == '#';
    });
    if (!is_http || !is_one_word) return false;
    text.remove_prefix(authority_start(text));
    std::string_view authority = text.substr(0, text.find_first_of("/?"));
    authority.remove_prefix(authority.rfind('@') + 1);  // npos + 1 is 0
    return is_address(authority);
}

std::string shown_url(std::string_view url) {
    url = url.substr(0, url.find_first_of("?#"));
    const auto start = authority_start(url);
    const auto end = std::min(url.find('/', start), url.size());
    const auto at = url.substr(0, end).rfind('@');
    if (at == std::string_view::npos || at < start) return std::string(url);
    return std::string(url.substr(0, start)) + std::string(url.substr(at + 1));
}

}  // namespace fanfare::config
