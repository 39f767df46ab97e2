// SPDX-License-Identifier: MIT
#include "redis_url.hpp"

#include <charconv>
#include <cstddef>

namespace fanfare::config {

namespace {

template <class Number>
std::optional<Number> to_number(std::string_view text) {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return number;
}

/// Takes the scheme off `text`; true if it means TLS.
std::optional<bool> take_scheme(std::string_view& text) {
    const auto colon = text.find("://");
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string_view scheme = text.substr(0, colon);
    text.remove_prefix(colon + 3);
    if (scheme == "redis" || scheme == "tcp") return false;
    if (scheme == "rediss" || scheme == "tls") return true;
    return std::nullopt;
}

bool read_credentials(std::string_view text, RedisUrl& url) {
    const auto colon = text.find(':');
    const auto username = percent_decoded(text.substr(0, colon));
    const auto password =
        percent_decoded(colon == std::string_view::npos ? "" : text.substr(colon + 1));
    if (!username || !password) return false;
    url.username = *username;
    url.password = *password;
    return true;
}

bool read_address(std::string_view text, RedisUrl& url) {
    std::size_t colon = text.rfind(':');
    if (text.starts_with('[')) {  // an IPv6 address
        const auto close = text.find(']');
        if (close == std::string_view::npos) return false;
        url.host = text.substr(1, close - 1);
        colon = close + 1 == text.size() ? std::string_view::npos : close + 1;
        if (colon != std::string_view::npos && text[colon] != ':') return false;
    } else {
        url.host = text.substr(0, colon);
    }
    if (url.host.empty()) return false;
    if (colon == std::string_view::npos) return true;
    url.port = to_number<std::uint16_t>(text.substr(colon + 1));
    return url.port.value_or(0) != 0;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (text.size() - i < 3) return std::nullopt;
        unsigned value = 0;
        const char* const digits = text.data() + i + 1;
        const auto [stop, error] = std::from_chars(digits, digits + 2, value, 16);
        if (error != std::errc{} || stop != digits + 2) return std::nullopt;
        out += static_cast<char>(value);
        i += 2;
    }
    return out;
}

std::optional<RedisUrl> parse_redis_address(std::string_view text) {
    RedisUrl url;
    if (text.find_first_of("/@?# ,") != std::string_view::npos || !read_address(text, url)) {
        return std::nullopt;
    }
    return url;
}

/// What follows `unix://`.
static std::optional<RedisUrl> parse_unix_url(std::string_view text) {
    RedisUrl url;
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos || slash + 1 == text.size()) return std::nullopt;
    if (slash != 0) {
        if (text[slash - 1] != '@' || !read_credentials(text.substr(0, slash - 1), url)) {
            return std::nullopt;
        }
    }
    url.host = text.substr(slash);
    return url;
}

std::optional<RedisUrl> parse_redis_url(std::string_view text) {
    constexpr std::string_view unix_scheme = "unix://";
    if (text.starts_with(unix_scheme)) return parse_unix_url(text.substr(unix_scheme.size()));
    RedisUrl url;
    const auto tls = take_scheme(text);
    if (!tls || text.find_first_of(" \t\r\n?#") != std::string_view::npos) return std::nullopt;
    url.tls = *tls;
    if (const auto at = text.rfind('@'); at != std::string_view::npos) {
        if (!read_credentials(text.substr(0, at), url)) return std::nullopt;
        text.remove_prefix(at + 1);
    }
    if (const auto slash = text.find('/'); slash != std::string_view::npos) {
        const std::string_view database = text.substr(slash + 1);
        text = text.substr(0, slash);
        if (!database.empty()) {
            url.database = to_number<std::uint32_t>(database);
            if (!url.database) return std::nullopt;
        }
    }
    if (!read_address(text, url)) return std::nullopt;
    return url;
}

}  // namespace fanfare::config
