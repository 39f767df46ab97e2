// SPDX-License-Identifier: MIT
#include "json_file.hpp"

#include "object_reader.hpp"
#include "webhook_list.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace fanfare::config {

namespace {

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
    const auto webhooks = object.find("webhooks");
    if (webhooks != object.end() && !webhooks->is_null()) {
        app.value.webhooks = read_webhooks(*webhooks, file_name, place + ".webhooks");
        app.sources[row_of<AppSettings>("webhooks")] = file_name;
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
