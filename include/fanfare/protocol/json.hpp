// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::protocol {

/// Deepest nesting that a client or a publisher may send.
inline constexpr unsigned max_json_depth = 64;

/// A JSON object or array whose direct members are known by their exact bytes. Pusher's wire passes
/// values through untouched (protocol.md 0.2, 0.3), which no document model does: numbers, escapes,
/// and key order would be written anew. nlohmann's parser checks the grammar and the UTF-8.
///
/// The values are views into the text that was parsed.
class RawJson {
public:
    /// Parses text that holds one object or array, surrounded by white space at most, nested no
    /// deeper than `max_depth`. Anything else gives nothing, scalars and a byte order mark
    /// included.
    [[nodiscard]] static std::optional<RawJson> parse(
        std::string_view text, unsigned max_depth = max_json_depth
    );

    [[nodiscard]] bool is_object() const { return is_object_; }

    /// The value of a key, empty if there is none; of duplicate keys the last counts.
    [[nodiscard]] std::string_view find(std::string_view key) const;

    /// The keys in their order, one for each value; none in an array.
    [[nodiscard]] const std::vector<std::string>& keys() const { return keys_; }

    /// The values in their order.
    [[nodiscard]] const std::vector<std::string_view>& values() const { return values_; }

private:
    friend class RawJsonBuilder;

    bool is_object_ = false;
    std::vector<std::string> keys_;
    std::vector<std::string_view> values_;
};

/// The text of a raw JSON string; nothing if `raw` is not one (empty included).
[[nodiscard]] std::optional<std::string> string_value(std::string_view raw);

[[nodiscard]] inline bool is_string(std::string_view raw) {
    return raw.starts_with('"');
}

/// Absent or `null`.
[[nodiscard]] inline bool is_null(std::string_view raw) {
    return raw.empty() || raw == "null";
}

/// Appends `text`, valid UTF-8, as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

/// The same on its own.
[[nodiscard]] std::string json_string(std::string_view text);

/// Characters and not bytes, which is how Pusher counts lengths of names. `text` is valid UTF-8.
[[nodiscard]] std::size_t character_count(std::string_view text);

}  // namespace fanfare::protocol
