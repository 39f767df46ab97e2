// SPDX-License-Identifier: MIT
#include "json_file.hpp"

#include "nearest.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>

namespace fanfare::config {

namespace {

using Json = nlohmann::json;

/// Keys of Reverb's config/reverb.php that mean nothing to a daemon of its own. `apps` is read
/// apart.
template <class Root>
constexpr std::array<std::string_view, 0> passed_over{};
template <>
constexpr std::array<std::string_view, 4> passed_over<Settings>{
    "apps", "server.options", "server.pulse_ingest_interval", "server.telescope_ingest_interval"};
template <>
constexpr std::array<std::string_view, 1> passed_over<AppSettings>{"options"};

std::optional<Value> parse_array(const Rule& rule, const Json& given) {
    if (!given.is_array()) return std::nullopt;
    std::vector<std::string> items;
    for (const Json& item : given) {
        if (!item.is_string()) return std::nullopt;
        items.push_back(item.get<std::string>());
    }
    return parse_items(rule, std::move(items));
}

/// A value of the JSON type that the rule asks for. Text may be an integer: ids are often written
/// so.
std::optional<Value> parse_json(const Rule& rule, const Json& given) {
    switch (rule.kind) {
        case Kind::text:
            if (given.is_number_integer()) return parse_text(rule, given.dump());
            [[fallthrough]];
        case Kind::choice:
            if (!given.is_string()) return std::nullopt;
            return parse_text(rule, given.get_ref<const std::string&>());
        case Kind::boolean:
            if (!given.is_boolean()) return std::nullopt;
            return given.get<bool>();
        case Kind::number:
            if (!given.is_number_integer()) return std::nullopt;
            return parse_text(rule, given.dump());
        case Kind::list:
            return parse_array(rule, given);
    }
    return std::nullopt;
}

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

std::string position(std::string_view text, std::size_t byte) {
    const std::string_view before = text.substr(0, byte == 0 ? 0 : byte - 1);
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const auto line_start = before.rfind('\n');
    const auto column = before.size() - (line_start == before.npos ? 0 : line_start + 1);
    return std::to_string(lines + 1) + ":" + std::to_string(column + 1);
}

/// nlohmann's message without its id and its own idea of the position.
std::string reason(const Json::parse_error& error) {
    const std::string_view what = error.what();
    const auto column = what.find("column ");
    const auto colon = column == what.npos ? what.npos : what.find(": ", column);
    return printable(colon == what.npos ? what : what.substr(colon + 2));
}

Json parse(std::string_view text, const std::string& file_name) {
    try {
        return Json::parse(text, nullptr, true, true);
    } catch (const Json::parse_error& error) {
        throw ConfigError(file_name + ":" + position(text, error.byte) + ": " + reason(error));
    }
}

void read_app(const Json& object, std::size_t index, const std::string& file_name, Drafts& drafts) {
    const std::string place = "apps[" + std::to_string(index) + "]";
    if (!object.is_object()) {
        throw ConfigError(
            file_name + ": " + place + ": " + printable(object.dump()) +
            " is not an app; expected an object"
        );
    }
    Draft<AppSettings> app;
    // What Reverb's config provider takes an app array without the key for.
    app.value.accept_client_events_from = ClientEventSenders::all;
    ObjectReader<AppSettings>(file_name, place + ".", app).read(object);
    for (const auto& [key, text] :
         {std::pair{"app_id", &app.value.id},
          {"key", &app.value.key},
          {"secret", &app.value.secret}}) {
        if (!text->empty()) continue;
        std::string line = file_name + ": ";
        line.append(place).append(".").append(key);
        line += " is missing; expected every app to have app_id, key and secret";
        throw ConfigError(line);
    }
    drafts.apps.push_back(std::move(app));
}

/// Reverb's default file has an empty `tls` there, which says nothing.
void warn_of_server_options(const Json& root, const std::string& file_name, Drafts& drafts) {
    const Json options = root.value(Json::json_pointer("/server/options"), Json());
    const bool says_something = std::any_of(options.begin(), options.end(), [](const Json& option) {
        return !option.empty();
    });
    if (!says_something) return;
    drafts.warnings.push_back(
        file_name + ": server.options has no effect: TLS and sockets are not configured that way"
    );
}

}  // namespace

void apply_json(std::string_view text, const std::string& file_name, Drafts& drafts) {
    const Json root = parse(text, file_name);
    if (!root.is_object()) {
        throw ConfigError(file_name + ": not a configuration; expected a JSON object");
    }
    ObjectReader<Settings>(file_name, "", drafts.daemon).read(root);
    warn_of_server_options(root, file_name, drafts);
    const auto apps = root.find("apps");
    if (apps == root.end() || apps->is_null()) return;
    if (!apps->is_array()) {
        throw ConfigError(
            file_name + ": apps: " + printable(std::string(apps->type_name())) +
            " is not a list of apps; expected an array of objects"
        );
    }
    for (std::size_t i = 0; i < apps->size(); ++i) read_app((*apps)[i], i, file_name, drafts);
}

}  // namespace fanfare::config
