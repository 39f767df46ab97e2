// SPDX-License-Identifier: MIT
#include "fanfare/config/error.hpp"
#include "fanfare/config/table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

namespace fanfare::config {

namespace {

std::string_view trim(std::string_view text) {
    constexpr std::string_view blanks = " \t";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::optional<Value> parse_boolean(std::string_view text) {
    constexpr std::array<std::string_view, 5> yes{"true", "(true)", "1", "yes", "on"};
    constexpr std::array<std::string_view, 5> no{"false", "(false)", "0", "no", "off"};
    const std::string word = lower(text);
    if (std::find(yes.begin(), yes.end(), word) != yes.end()) return true;
    if (std::find(no.begin(), no.end(), word) != no.end()) return false;
    return std::nullopt;
}

std::optional<Value> parse_number(const Rule& rule, std::string_view text) {
    if (text.empty() && rule.optional) return Value{};
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end) return std::nullopt;
    if (number < rule.min || number > rule.max) return std::nullopt;
    return number;
}

std::optional<Value> parse_choice(const Rule& rule, std::string_view text) {
    const auto it = std::find(rule.choices.begin(), rule.choices.end(), text);
    if (it == rule.choices.end()) return std::nullopt;
    return static_cast<std::uint64_t>(it - rule.choices.begin());
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> items;
    while (true) {
        const auto comma = text.find(',');
        const std::string_view item = trim(text.substr(0, comma));
        if (!item.empty()) items.emplace_back(item);
        if (comma == std::string_view::npos) return items;
        text.remove_prefix(comma + 1);
    }
}

std::string joined(const auto& words, std::string_view last_separator) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) out += i + 1 == words.size() ? last_separator : ", ";
        out += words[i];
    }
    return out;
}

struct Formatter {
    const Description& about;

    std::string operator()(std::monostate) const { return "(no limit)"; }

    std::string operator()(bool value) const { return value ? "true" : "false"; }

    std::string operator()(std::uint64_t value) const {
        if (about.rule.kind == Kind::choice) return std::string(about.rule.choices[value]);
        return std::to_string(value);
    }

    std::string operator()(const std::string& value) const {
        if (value.empty()) return "(empty)";
        return about.secret ? masked(value) : printable(value);
    }

    std::string operator()(const std::vector<std::string>& value) const {
        if (value.empty()) return "(empty)";
        if (!about.secret) return printable(joined(value, ", "));
        std::vector<std::string> hints;
        for (const std::string& item : value) hints.push_back(masked(item));
        return joined(hints, ", ");
    }
};

}  // namespace

std::string expectation(const Rule& rule) {
    switch (rule.kind) {
        case Kind::text:
            return std::string(rule.expected);
        case Kind::boolean:
            return "true or false";
        case Kind::choice:
            return joined(rule.choices, " or ");
        case Kind::list:
            return "an array of " + std::string(rule.expected.empty() ? "strings" : rule.expected) +
                   " (in a variable: separated by commas)";
        case Kind::number:
            break;
    }
    return "a number from " + std::to_string(rule.min) + " to " + std::to_string(rule.max) +
           (rule.optional ? ", or nothing for no limit" : "");
}

std::optional<Value> parse_items(const Rule& rule, std::vector<std::string> items) {
    for (std::string& item : items) {
        auto kept = rule.normalise == nullptr ? std::optional(item) : rule.normalise(item);
        if (!kept) return std::nullopt;
        item = std::move(*kept);
    }
    return items;
}

std::optional<Value> parse_text(const Rule& rule, std::string_view text) {
    switch (rule.kind) {
        case Kind::text:
            if (auto kept = rule.normalise(text)) return std::move(*kept);
            return std::nullopt;
        case Kind::boolean:
            return parse_boolean(trim(text));
        case Kind::number:
            return parse_number(rule, trim(text));
        case Kind::choice:
            return parse_choice(rule, trim(text));
        case Kind::list:
            return parse_items(rule, split_list(text));
    }
    return std::nullopt;
}

std::string format(const Description& about, const Value& value) {
    return std::visit(Formatter{about}, value);
}

}  // namespace fanfare::config
