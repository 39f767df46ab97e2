// SPDX-License-Identifier: MIT
#include "fanfare/apps/origin.hpp"

#include <algorithm>
#include <cctype>

namespace fanfare::apps {

namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return result;
}

/// Shell-like: `*` matches any run of characters. Linear in practice: only the last star is
/// retried.
bool matches(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t star_text = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            star_text = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    return pattern.substr(p).find_first_not_of('*') == std::string_view::npos;
}

/// The port separator of `host:port`, which is not a colon inside `[::1]`.
std::size_t port_colon(std::string_view authority) {
    const std::size_t colon = authority.rfind(':');
    const std::size_t bracket = authority.rfind(']');
    if (colon == std::string_view::npos) return colon;
    return bracket == std::string_view::npos || colon > bracket ? colon : std::string_view::npos;
}

struct OriginParts {
    std::string scheme;
    std::string host;
    std::string authority;  ///< host, and `:port` if there is one
};

OriginParts split(std::string_view origin, std::size_t scheme_end) {
    OriginParts parts;
    parts.scheme = lower(origin.substr(0, scheme_end));
    const std::string_view rest = origin.substr(scheme_end + 3);
    parts.authority = lower(rest.substr(0, rest.find('/')));
    parts.host = parts.authority.substr(0, port_colon(parts.authority));
    return parts;
}

bool matches_origin(std::string_view pattern, const OriginParts& origin) {
    const std::size_t scheme_end = pattern.find("://");
    if (scheme_end != std::string_view::npos) {
        if (!matches(pattern.substr(0, scheme_end), origin.scheme)) return false;
        pattern.remove_prefix(scheme_end + 3);
    }
    const bool has_port = port_colon(pattern) != std::string_view::npos;
    return matches(pattern, has_port ? origin.authority : origin.host);
}

}  // namespace

bool is_origin_allowed(std::span<const std::string> patterns, std::string_view origin) {
    if (std::ranges::find(patterns, "*") != patterns.end()) return true;
    const std::size_t scheme_end = origin.find("://");
    if (scheme_end == std::string_view::npos) return false;
    const OriginParts parts = split(origin, scheme_end);
    if (parts.host.empty()) return false;
    return std::ranges::any_of(patterns, [&](const std::string& pattern) {
        return matches_origin(lower(pattern), parts);
    });
}

}  // namespace fanfare::apps
