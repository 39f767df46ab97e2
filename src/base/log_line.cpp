// SPDX-License-Identifier: MIT
#include "fanfare/base/log_line.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>
#include <optional>

namespace fanfare {

namespace {

constexpr std::size_t dots_end = 40;  // the column of what comes after them

bool is_name_character(char c) {
    return c == '_' || std::isalpha(static_cast<unsigned char>(c)) != 0;
}

/// Where the name of the last field of `text` begins; npos if it does not end in a field.
std::size_t last_field(std::string_view text) {
    std::size_t begin = text.rfind(' ');
    if (text.ends_with('"')) {  // then the value begins with another
        const std::size_t quote = text.substr(0, text.size() - 1).rfind('"');
        begin = quote == text.npos ? text.npos : text.substr(0, quote).rfind(' ');
        if (begin == text.npos || text.find('=', begin) + 1 != quote) return text.npos;
    }
    if (begin == text.npos || begin == 0) return text.npos;
    std::size_t end = begin + 1;
    while (end < text.size() && is_name_character(text[end])) ++end;
    const bool is_name = end > begin + 1 && end < text.size() && text[end] == '=';
    return is_name ? begin + 1 : text.npos;
}

/// Cuts the last field off `text`, if it ends in one.
std::optional<std::pair<std::string_view, std::string_view>> take_last_field(std::string_view& text
) {
    const std::size_t begin = last_field(text);
    if (begin == text.npos) return std::nullopt;
    const std::size_t equals = text.find('=', begin);
    const std::string_view name = text.substr(begin, equals - begin);
    std::string_view value = text.substr(equals + 1);
    if (value.size() > 1 && value.starts_with('"')) value = value.substr(1, value.size() - 2);
    text = text.substr(0, begin - 1);
    return std::pair(name, value);
}

/// `connection established` → `Connection Established`.
std::string title_of(std::string_view message) {
    std::string title(message);
    char last = ' ';
    for (char& c : title) {
        if (last == ' ') c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        last = c;
    }
    return title;
}

}  // namespace

LogLine LogLine::parse(std::string_view text) {
    LogLine line;
    while (const auto field = take_last_field(text)) line.fields.push_back(*field);
    std::ranges::reverse(line.fields);
    line.message = text;
    return line;
}

std::string log_line_for_people(std::string_view text) {
    const LogLine line = LogLine::parse(text);
    const auto name_of = [](const auto& field) { return field.first; };
    auto subject = std::ranges::find(line.fields, "socket_id", name_of);
    if (subject == line.fields.end()) subject = std::ranges::find(line.fields, "channel", name_of);
    if (subject == line.fields.end()) return std::string(text);
    std::string shown = title_of(line.message) + " ";
    if (shown.size() < dots_end) shown.append(dots_end - shown.size(), '.');
    shown.append(" ").append(subject->second).append(" ");
    for (const auto& [name, value] : line.fields) {
        if (name == subject->first) continue;
        const std::string_view quote = value.find(' ') == value.npos ? "" : "\"";
        shown.append(" ").append(name).append("=").append(quote).append(value).append(quote);
    }
    return shown;
}

std::string log_line_as_json(
    std::string_view text, std::string_view level, std::chrono::milliseconds unix_time
) {
    const LogLine line = LogLine::parse(text);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(unix_time);
    nlohmann::ordered_json object;
    object["time"] = fmt::format(
        "{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
        fmt::gmtime(static_cast<std::time_t>(seconds.count())),
        (unix_time - seconds).count()
    );
    object["level"] = level;
    object["message"] = line.message;
    for (const auto& [name, value] : line.fields) {
        std::string key(name);
        while (object.contains(key)) key += "_";
        object[std::move(key)] = value;
    }
    // What is no UTF-8, a file's name perhaps, must not cost the line.
    return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace fanfare
