// SPDX-License-Identifier: MIT
#include "command_line.hpp"

namespace fanfare::deployment {

namespace {

std::string quoted(std::string_view word, std::string_view doubled) {
    constexpr std::string_view usual =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%,+";
    std::string out;
    for (const char c : word) {
        if (c == '"' || c == '\\') out += '\\';
        if (doubled.find(c) != doubled.npos) out += c;
        out += c;
    }
    const bool is_plain = !word.empty() && word.find_first_not_of(usual) == word.npos;
    return is_plain ? out : '"' + out + '"';
}

}  // namespace

std::string command_line(const Service& service, std::string_view doubled) {
    std::string line = quoted(service.binary.string(), doubled);
    for (const std::string& argument : service.arguments) line += ' ' + quoted(argument, doubled);
    return line;
}

std::chrono::seconds stop_patience(const config::Settings& settings) {
    return settings.server.drain_window + std::chrono::seconds(30);
}

}  // namespace fanfare::deployment
