// SPDX-License-Identifier: MIT
#include "fanfare/protocol/json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using fanfare::protocol::RawJson;
using Json = nlohmann::json;

void require(bool condition) {
    if (!condition) std::abort();
}

/// How deep the brackets outside of strings are nested; meaningful for valid JSON only.
unsigned depth_of(std::string_view text) {
    unsigned depth = 0;
    unsigned deepest = 0;
    bool is_in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (is_in_string && c == '\\') ++i;
        if (c == '"') is_in_string = !is_in_string;
        if (is_in_string) continue;
        if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
        if (c == '}' || c == ']') --depth;
    }
    return deepest;
}

/// The document model's verdict, and where ours is meant to differ: the model reads scalars, skips
/// a byte order mark, knows no depth and ends at a zero byte.
bool is_expected(std::string_view text, const Json& document) {
    return document.is_structured() && !text.starts_with("\xef\xbb\xbf") &&
           text.find('\0') == std::string_view::npos &&
           depth_of(text) <= fanfare::protocol::max_json_depth;
}

void check_value(std::string_view text, std::string_view raw, const Json& expected) {
    require(!raw.empty());
    require(raw.data() >= text.data() && raw.data() + raw.size() <= text.data() + text.size());
    require(Json::parse(raw, nullptr, false) == expected);
    const auto string = fanfare::protocol::string_value(raw);
    require(string.has_value() == expected.is_string());
    if (string) require(*string == expected.get_ref<const std::string&>());
}

}  // namespace

// A message of a client: RawJson and the document model agree whether it is one and on every
// member.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Json document = Json::parse(text, nullptr, false);
    const auto parsed = RawJson::parse(text);
    require(parsed.has_value() == is_expected(text, document));
    if (!parsed) return 0;

    require(parsed->is_object() == document.is_object());
    if (document.is_array()) {
        require(parsed->values().size() == document.size());
        for (std::size_t i = 0; i < document.size(); ++i) {
            check_value(text, parsed->values()[i], document[i]);
        }
    } else {
        for (const auto& [key, value] : document.items())
            check_value(text, parsed->find(key), value);
    }
    return 0;
}
