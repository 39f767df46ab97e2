// SPDX-License-Identifier: MIT
#include "app_row.hpp"

#include "fanfare/base/log_text.hpp"
#include "fanfare/config/error.hpp"
#include "fanfare/config/table.hpp"
#include "fanfare/config/webhooks.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace fanfare::apps::sql {

namespace {

using Converted = std::optional<std::string>;

/// How a column's text becomes that of the setting.
struct Form {
    Converted (*convert)(std::string_view);
    std::string_view expected{};  ///< if it is not what the setting expects
};

Converted unchanged(std::string_view text) {
    return std::string(text);
}

/// PostgreSQL writes t and f.
std::optional<bool> is_on(std::string_view text) {
    if (text == "t" || text == "f") return text == "t";
    const auto value = config::parse_text(config::Rule{.kind = config::Kind::boolean}, text);
    return value ? std::optional(std::get<bool>(*value)) : std::nullopt;
}

/// One of two texts, for on and off.
template <const char* On, const char* Off>
Converted chosen(std::string_view text) {
    const auto on = is_on(text);
    return on ? Converted(*on ? On : Off) : std::nullopt;
}

/// In soketi nothing at all is allowed with 0, which is none of our limits.
template <const char* NoLimit>
Converted limit_or(std::string_view text) {
    if (text == "-1") return NoLimit;
    return text == "0" ? std::nullopt : unchanged(text);
}

Converted kilobytes_in_bytes(std::string_view text) {
    double kilobytes = -1;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, kilobytes);
    constexpr double most = 1'048'576;
    const bool is_number = error == std::errc{} && stop == end;
    if (!is_number || !(kilobytes >= 0 && kilobytes <= most)) return std::nullopt;
    return std::to_string(static_cast<std::uint64_t>(kilobytes * 1'024));
}

constexpr char empty[] = "";
constexpr char zero[] = "0";
constexpr char yes[] = "true";
constexpr char no[] = "false";
constexpr char members[] = "members";
constexpr char none[] = "none";
constexpr char half_a_minute[] = "30";

constexpr std::string_view a_switch = "true or false";
constexpr std::string_view a_limit = "a number from 1 to 4294967295, or -1 or NULL for no limit";

constexpr Form as_it_is{unchanged};
constexpr Form on_or_off{chosen<yes, no>, a_switch};
constexpr Form limit_or_nothing{limit_or<empty>, a_limit};
constexpr Form limit_or_zero{limit_or<zero>, a_limit};
constexpr Form kilobytes{kilobytes_in_bytes, "a number of kilobytes from 0 to 1048576"};
constexpr Form members_or_nobody{chosen<members, none>, a_switch};
constexpr Form within_half_a_minute{chosen<half_a_minute, zero>, a_switch};  // soketi's time

struct Column {
    std::string_view name;
    std::string_view key;  ///< of the setting
    Form form;
};

/// soketi's columns, but for the webhooks and the two limits of the API.
constexpr std::array columns{
    Column{"id", "app_id", as_it_is},
    Column{"key", "key", as_it_is},
    Column{"secret", "secret", as_it_is},
    Column{"enabled", "enabled", on_or_off},
    Column{"max_connections", "max_connections", limit_or_nothing},
    Column{"enable_client_messages", "accept_client_events_from", members_or_nobody},
    Column{"max_client_events_per_sec", "max_client_events_per_second", limit_or_zero},
    Column{"enable_user_authentication", "authorization_timeout", within_half_a_minute},
    Column{"max_presence_members_per_channel", "max_presence_members", as_it_is},
    Column{"max_presence_member_size_in_kb", "max_presence_member_size", kilobytes},
    Column{"max_channel_name_length", "max_channel_name_length", as_it_is},
    Column{"max_event_channels_at_once", "max_channels_per_event", as_it_is},
    Column{"max_event_name_length", "max_event_name_length", as_it_is},
    Column{"max_event_payload_in_kb", "max_event_data", kilobytes},
    Column{"max_event_batch_size", "max_batch_size", as_it_is},
};

/// Settings that no column of their name gives: the first is `id` here, the second is looked up by
/// nobody, the third is read apart.
constexpr std::array<std::string_view, 3> without_column{"app_id", "previous_keys", "webhooks"};

std::optional<config::Value> parse_list(const config::Rule& rule, std::string_view text) {
    if (!text.starts_with('[')) return config::parse_text(rule, text);
    const auto json = nlohmann::json::parse(text, nullptr, false);
    const bool are_texts = json.is_array() && std::all_of(json.begin(), json.end(), [](auto& item) {
                               return item.is_string();
                           });
    if (!are_texts) return std::nullopt;
    return config::parse_items(rule, json.get<std::vector<std::string>>());
}

class Reader {
public:
    explicit Reader(const Row& row) : row_(row) {}

    /// False at the first thing that is wrong.
    bool read() {
        for (const Column& column : columns) {
            if (!take(column)) return false;
        }
        for (const std::string_view column : {"id", "key", "secret"}) {
            if (!value_of(row_, column).empty()) continue;
            return complain(column, "", "a value in each row");
        }
        return take_api_limits() && take_own_names() && take_webhooks();
    }

    config::AppSettings app;
    std::string complaint;

private:
    bool take(const Column& column) {
        const std::optional<std::string>* text = find(column.name);
        if (text == nullptr || !*text) return true;
        for (const auto& setting : config::table<config::AppSettings>()) {
            if (setting.about.key != column.key) continue;
            const Converted converted = column.form.convert(**text);
            const auto value = converted ? parse(setting.about.rule, *converted) : std::nullopt;
            if (value) {
                setting.set(app, *value);
                return true;
            }
            const std::string_view shown = **text;
            return complain(
                column.name,
                setting.about.secret ? config::masked(shown) : log_text(shown),
                column.form.expected.empty() ? config::expectation(setting.about.rule)
                                             : std::string(column.form.expected)
            );
        }
        return true;
    }

    static std::optional<config::Value> parse(const config::Rule& rule, std::string_view text) {
        return rule.kind == config::Kind::list ? parse_list(rule, text)
                                               : config::parse_text(rule, text);
    }

    /// soketi counts published events and read requests apart, we count all requests. Who keeps to
    /// both of its limits keeps to their sum.
    bool take_api_limits() {
        std::uint64_t sum = 0;
        bool has_limit = true;
        for (const std::string_view name : {"max_backend_events_per_sec", "max_read_req_per_sec"}) {
            if (!take({name, "max_api_requests_per_second", limit_or_zero})) return false;
            const std::uint32_t limit = std::exchange(app.max_api_requests_per_second, 0);
            has_limit = has_limit && limit != 0;
            sum += limit;
        }
        constexpr std::uint64_t most = 0xFFFF'FFFF;
        if (has_limit) {
            app.max_api_requests_per_second = static_cast<std::uint32_t>(std::min(sum, most));
        }
        return true;
    }

    /// Columns with the names of our settings, for what soketi has not.
    bool take_own_names() {
        for (const auto& setting : config::table<config::AppSettings>()) {
            const config::Description& about = setting.about;
            const auto is_soketis = [&](const Column& column) { return column.name == about.key; };
            if (std::any_of(columns.begin(), columns.end(), is_soketis)) continue;
            if (std::count(without_column.begin(), without_column.end(), about.key) != 0) continue;
            const bool is_switch = about.rule.kind == config::Kind::boolean;
            if (!take({about.key, about.key, is_switch ? on_or_off : as_it_is})) return false;
        }
        return true;
    }

    bool take_webhooks() {
        const std::string_view json = value_of(row_, "webhooks");
        if (json.empty()) return true;
        try {
            app.webhooks = config::parse_webhooks(json, "the row");
            return true;
        } catch (const config::ConfigError& error) {
            complaint = "column=webhooks error=\"" + std::string(error.what()) + "\"";
            return false;
        }
    }

    bool complain(std::string_view column, std::string_view shown, std::string_view expected) {
        complaint = "column=";
        complaint.append(column).append(" value=\"").append(shown);
        complaint.append("\" expected=\"").append(expected).append("\"");
        return false;
    }

    [[nodiscard]] const std::optional<std::string>* find(std::string_view column) const {
        const auto it = std::find_if(row_.begin(), row_.end(), [column](const Field& field) {
            return field.column == column;
        });
        return it == row_.end() ? nullptr : &it->value;
    }

    const Row& row_;
};

}  // namespace

AppRow read_app_row(const Row& row) {
    Reader reader(row);
    AppRow result;
    result.id = value_of(row, "id");
    if (reader.read()) {
        result.app = std::make_shared<const config::AppSettings>(std::move(reader.app));
    } else {
        result.complaint = std::move(reader.complaint);
    }
    return result;
}

std::string_view value_of(const Row& row, std::string_view column) {
    for (const Field& field : row) {
        if (field.column == column && field.value) return *field.value;
    }
    return {};
}

}  // namespace fanfare::apps::sql
