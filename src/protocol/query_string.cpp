// SPDX-License-Identifier: MIT
#include "fanfare/protocol/query_string.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace fanfare::protocol {

namespace {

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return std::nullopt;
}

}  // namespace

std::string percent_decode(std::string_view text, bool plus_is_space) {
    if (text.find_first_of("%+") == std::string_view::npos) return std::string(text);
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            const auto high = hex_digit(text[i + 1]);
            const auto low = hex_digit(text[i + 2]);
            if (high && low) {
                decoded.push_back(static_cast<char>(*high << 4 | *low));
                i += 2;
                continue;
            }
        }
        decoded.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
    }
    return decoded;
}

QueryString::QueryString(std::string_view query) {
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        if (pair.empty()) continue;
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const std::string_view raw = pair.substr(std::min(pair.size(), equals + 1));
        std::string name = percent_decode(pair.substr(0, equals), true);
        std::ranges::transform(name, name.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        parameters_.push_back({std::move(name), percent_decode(raw, true), raw});
    }
}

std::string_view QueryString::find(std::string_view name) const {
    const auto found = std::find_if(
        parameters_.rbegin(), parameters_.rend(), [&](const Parameter& p) { return p.name == name; }
    );
    return found == parameters_.rend() ? std::string_view{} : found->value;
}

bool QueryString::has(std::string_view name) const {
    return std::ranges::any_of(parameters_, [&](const Parameter& p) { return p.name == name; });
}

}  // namespace fanfare::protocol
