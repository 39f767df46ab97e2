// SPDX-License-Identifier: MIT
#include "findings.hpp"

#include <algorithm>
#include <cstddef>

namespace fanfare::doctor {

std::string first_line(std::string_view text) {
    constexpr std::size_t most = 300;
    const auto is_control = [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    };
    text = text.substr(
        0,
        static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_control) - text.begin())
    );
    if (text.size() <= most) return std::string(text);
    std::size_t end = most;
    while ((static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) --end;  // a whole character
    return std::string(text.substr(0, end)) + "…";
}

}  // namespace fanfare::doctor
