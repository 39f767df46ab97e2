// SPDX-License-Identifier: MIT
#include "fanfare/config/loader.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace fanfare::config {

namespace {

/// Characters, not bytes: a masked secret ends in `…`.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

void append_padded(std::string& out, std::string_view text, std::size_t column) {
    out += text;
    out.append(column - width(text) + 2, ' ');
}

}  // namespace

std::string describe(const Loaded& loaded) {
    std::size_t key_width = std::string_view("SETTING").size();
    std::size_t value_width = std::string_view("VALUE").size();
    for (const Origin& origin : loaded.origins) {
        key_width = std::max(key_width, width(origin.key));
        value_width = std::max(value_width, width(origin.value));
    }
    std::string out;
    const auto append_line = [&](std::string_view key, std::string_view value, std::string_view from
                             ) {
        append_padded(out, key, key_width);
        append_padded(out, value, value_width);
        out += from;
        out += '\n';
    };
    append_line("SETTING", "VALUE", "SOURCE");
    for (const Origin& origin : loaded.origins)
        append_line(origin.key, origin.value, origin.source);
    return out;
}

}  // namespace fanfare::config
