// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/error.hpp"
#include "fanfare/config/table.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fanfare::config {

constexpr std::string_view by_default = "default";

/// The one form of a complaint about a value: `WHERE: NAME: VALUE is not …; expected …`.
[[noreturn]] inline void refuse(
    std::string_view where, std::string_view name, std::string_view shown, const Description& about
) {
    const std::string value = about.secret ? masked(shown) : printable(shown);
    throw ConfigError(
        std::string(where) + ": " + std::string(name) + ": " + (value.empty() ? "\"\"" : value) +
        " is not " + std::string(about.rule.noun) + "; expected " + expectation(about.rule)
    );
}

/// The row of a key that the table has.
template <class Root>
std::size_t row_of(std::string_view key) {
    const auto rows = table<Root>();
    std::size_t row = 0;
    while (rows[row].about.key != key) ++row;
    return row;
}

/// Settings in the making, and which source each came from; sources are applied lowest first.
template <class Root>
struct Draft {
    Root value;
    std::vector<std::string> sources =
        std::vector<std::string>(table<Root>().size(), std::string(by_default));

    void assign(std::size_t row, const Value& given, std::string source) {
        table<Root>()[row].set(value, given);
        sources[row] = std::move(source);
    }

    /// From a variable or a flag.
    void assign_text(
        std::size_t row, std::string_view text, std::string_view where, std::string_view name
    ) {
        const Description& about = table<Root>()[row].about;
        const auto given = parse_text(about.rule, text);
        if (!given) refuse(where, name, text, about);
        assign(row, *given, std::string(where) + ": " + std::string(name));
    }
};

/// Everything `load` has gathered so far. `settings.value.apps` stays empty until the end.
struct Drafts {
    Draft<Settings> daemon;
    std::vector<Draft<AppSettings>> apps;
    std::vector<std::string> warnings;
};

}  // namespace fanfare::config
