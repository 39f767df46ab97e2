// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fanfare::config {

/// A setting's value without its C++ type. An enumerator is its number; nothing is "no limit".
using Value =
    std::variant<std::monostate, bool, std::uint64_t, std::string, std::vector<std::string>>;

/// How a setting is written: in JSON as a string, true/false, integer, one of a few words, or array
/// of strings; in a variable or flag as text (a list with commas).
enum class Kind { text, boolean, number, choice, list };

/// What a setting accepts.
struct Rule {
    Kind kind = Kind::text;
    std::string_view noun{};      ///< what a wrong value is not: "a port"
    std::string_view expected{};  ///< for text and items; the rest is derived (see `expectation`)
    std::uint64_t min = 0;
    std::uint64_t max = 0;
    std::span<const std::string_view> choices{};  ///< in the order of the enumerators
    bool optional = false;                        ///< may be "no limit"
    /// For text, and for the items of a list if it is not null: the form to keep, or nothing if the
    /// text is wrong.
    std::optional<std::string> (*normalise)(std::string_view) = nullptr;
};

/// What everybody has to know about a setting: its names, what it accepts and what it is for.
struct Description {
    std::string_view key{};   ///< JSON path; for an app within its object of `apps`
    std::string_view env{};   ///< environment variable, or empty
    std::string_view flag{};  ///< `--flag`, or empty
    Rule rule{};
    std::string_view doc{};  ///< one line
    bool secret = false;
};

/// A row of the table: a description and the field of `Root` it belongs to. The default is the
/// field's initial value.
template <class Root>
struct Setting {
    Description about;
    Value (*get)(const Root&);
    void (*set)(Root&, const Value&);  ///< the value has passed the rule
};

/// The table of all settings. Parsing, validation, `fanfare check` and the configuration reference
/// are loops over it: a new setting is a field in settings.hpp and a row here.
template <class Root>
std::span<const Setting<Root>> table();

/// The daemon's settings: `server.*`, `scaling.*` and `apps_database.*`.
template <>
std::span<const Setting<Settings>> table<Settings>();

/// An app's settings; their variables apply to the app of REVERB_APP_ID only.
template <>
std::span<const Setting<AppSettings>> table<AppSettings>();

/// The settings of a webhook, in the objects of an app's `webhooks`; they have no variables.
template <>
std::span<const Setting<WebhookSettings>> table<WebhookSettings>();

/// A name of Reverb's that is accepted and has no effect here.
struct Ignored {
    std::string_view name;
    std::string_view reason;
};

std::span<const Ignored> ignored_variables();

/// "a number from 0 to 65535"
std::string expectation(const Rule& rule);

/// The items as the rule keeps them, if it accepts them all.
std::optional<Value> parse_items(const Rule& rule, std::vector<std::string> items);

/// The value that a variable or flag gives, if the rule accepts it.
std::optional<Value> parse_text(const Rule& rule, std::string_view text);

/// A value as `fanfare check` shows it; a secret is masked.
std::string format(const Description& about, const Value& value);

}  // namespace fanfare::config
