// SPDX-License-Identifier: MIT
#include "template_text.hpp"

#include <algorithm>
#include <cassert>

namespace fanfare::deployment {

std::string filled(std::string_view text, const Fields& fields) {
    std::string out;
    for (auto at = text.find("{{"); at != text.npos; at = text.find("{{")) {
        const auto end = text.find("}}", at);
        assert(end != text.npos);
        const std::string_view name = text.substr(at + 2, end - at - 2);
        const auto it = std::find_if(fields.begin(), fields.end(), [name](const auto& field) {
            return field.first == name;
        });
        assert(it != fields.end());
        out += text.substr(0, at);
        out += it->second;
        text.remove_prefix(end + 2);
    }
    return out += text;
}

}  // namespace fanfare::deployment
