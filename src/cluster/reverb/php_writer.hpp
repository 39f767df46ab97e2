// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace fanfare::cluster::reverb {

/// Writes values as PHP's serialize() does. Containers announce how many members will follow; a
/// member of an array is a key (string or integer), then its value.
class PhpWriter {
public:
    void null();
    void boolean(bool value);
    void integer(std::int64_t value);
    void real(double value);
    void string(std::string_view bytes);

    /// A list: an array with the keys 0, 1, 2…
    void strings(std::span<const std::string> list);

    /// A value that is written already.
    void serialized(std::string_view value) { out_ += value; }

    /// A case of an enum; `type` with its namespace.
    void enum_case(std::string_view type, std::string_view name);

    /// Closed by end().
    void begin_array(std::size_t members);
    void begin_object(std::string_view type, std::size_t properties);
    void end();

    /// The key of an object's protected property; its value comes next.
    void protected_property(std::string_view name);

    [[nodiscard]] std::string take() && { return std::move(out_); }

private:
    void counted(char tag, std::size_t count);
    void quoted(char tag, std::string_view bytes);

    std::string out_;
};

}  // namespace fanfare::cluster::reverb
