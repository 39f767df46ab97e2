// SPDX-License-Identifier: MIT
#pragma once

#include "draft.hpp"
#include "nearest.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fanfare::config {

using Json = nlohmann::json;

/// Keys that are read apart, and those of Reverb's config/reverb.php that mean nothing to a daemon
/// of its own.
template <class Root>
inline constexpr std::array<std::string_view, 0> passed_over{};
template <>
inline constexpr std::array<std::string_view, 4> passed_over<Settings>{
    "apps", "server.options", "server.pulse_ingest_interval", "server.telescope_ingest_interval"};
template <>
inline constexpr std::array<std::string_view, 2> passed_over<AppSettings>{"webhooks", "options"};
template <>
inline constexpr std::array<std::string_view, 1> passed_over<WebhookSettings>{"headers"};

/// A value of the JSON type that the rule asks for, if it accepts it.
std::optional<Value> parse_json(const Rule& rule, const Json& given);

/// Reads an object by the rows of the table that lie under it.
template <class Root>
class ObjectReader {
public:
    /// `prefix` is how the file's keys are shown before those of the table: `apps[0].`
    ObjectReader(const std::string& file_name, std::string prefix, Draft<Root>& draft)
        : file_name_(file_name), prefix_(std::move(prefix)), draft_(draft) {}

    void read(const Json& object, const std::string& path = "") {
        for (const auto& [name, given] : object.items()) {
            const std::string key = path + name;
            if (contains(passed_over<Root>, key)) continue;
            if (const auto row = find_row(key)) {
                assign(*row, key, given);
            } else if (is_group(key)) {
                read_group(key, given);
            } else {
                refuse_unknown(path, name);
            }
        }
    }

private:
    static bool contains(const auto& names, std::string_view name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    }

    static std::optional<std::size_t> find_row(std::string_view key) {
        const auto rows = table<Root>();
        const auto it = std::find_if(rows.begin(), rows.end(), [key](const auto& row) {
            return row.about.key == key;
        });
        if (it == rows.end()) return std::nullopt;
        return static_cast<std::size_t>(it - rows.begin());
    }

    static bool is_group(const std::string& key) {
        const auto rows = table<Root>();
        return std::any_of(rows.begin(), rows.end(), [start = key + "."](const auto& row) {
            return row.about.key.starts_with(start);
        });
    }

    void assign(std::size_t row, const std::string& key, const Json& given) {
        if (given.is_null()) return;
        const Description& about = table<Root>()[row].about;
        const auto value = parse_json(about.rule, given);
        if (!value) {
            // A secret is masked without its quotes, which would use up the two characters shown.
            const bool is_plain = about.secret && given.is_string();
            const std::string shown = is_plain ? given.get<std::string>() : given.dump();
            refuse(file_name_, prefix_ + key, shown, about);
        }
        draft_.assign(row, *value, file_name_);
    }

    void read_group(const std::string& key, const Json& given) {
        if (given.is_null()) return;
        if (!given.is_object()) {
            throw ConfigError(
                file_name_ + ": " + prefix_ + key + ": " + printable(given.dump()) +
                " is not a section; expected an object"
            );
        }
        read(given, key + ".");
    }

    [[noreturn]] void refuse_unknown(const std::string& path, const std::string& name) const {
        const auto known = names_under(path);
        std::string line =
            file_name_ + ": " + prefix_ + path + printable(name) + " is not a setting; ";
        if (const auto meant = nearest(name, known)) {
            throw ConfigError(line + "did you mean " + prefix_ + path + *meant + "?");
        }
        line += "expected one of ";
        for (const std::string& each : known) line += (&each == known.data() ? "" : ", ") + each;
        throw ConfigError(line);
    }

    static std::vector<std::string> names_under(const std::string& path) {
        std::set<std::string> names;
        const auto add = [&](std::string_view key) {
            if (!key.starts_with(path)) return;
            key.remove_prefix(path.size());
            names.emplace(key.substr(0, key.find('.')));
        };
        for (const auto& row : table<Root>()) add(row.about.key);
        for (const std::string_view key : passed_over<Root>) add(key);
        return {names.begin(), names.end()};
    }

    const std::string& file_name_;
    std::string prefix_;
    Draft<Root>& draft_;
};

}  // namespace fanfare::config
