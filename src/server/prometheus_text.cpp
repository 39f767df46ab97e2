// SPDX-License-Identifier: MIT
#include "prometheus_text.hpp"

#include "fanfare/base/utf8.hpp"

#include <spdlog/fmt/fmt.h>

namespace fanfare::server {

namespace {

/// Prometheus refuses a page with a single label that is no UTF-8.
void append_label_value(std::string& text, std::string_view value) {
    const bool is_valid = is_valid_utf8(value);
    for (const char c : value) {
        const bool is_ascii = static_cast<unsigned char>(c) < 0x80;
        if (!is_valid && !is_ascii) {
            text += '?';
            continue;
        }
        if (c == '\\' || c == '"') text += '\\';
        if (c == '\n') {
            text += "\\n";
        } else {
            text += c;
        }
    }
}

}  // namespace

std::string to_prometheus(double value) {
    return fmt::format("{}", value);
}

void PrometheusText::begin_family(
    std::string_view name, std::string_view help, std::string_view type
) {
    family_ = name;
    text_.append("# HELP ").append(name).append(" ").append(help);
    text_.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

void PrometheusText::add(Labels labels, double value) {
    add("", labels, to_prometheus(value));
}

void PrometheusText::add(std::string_view suffix, Labels labels, std::string_view value) {
    text_.append(family_).append(suffix);
    char before = '{';
    for (const Label& label : labels) {
        text_ += std::exchange(before, ',');
        text_.append(label.name).append("=\"");
        append_label_value(text_, label.value);
        text_ += '"';
    }
    if (labels.size() != 0) text_ += '}';
    text_.append(" ").append(value).append("\n");
}

}  // namespace fanfare::server
