// SPDX-License-Identifier: MIT
#include "reference_rows.hpp"

#include "fanfare/config/reference.hpp"

#include <algorithm>
#include <string_view>

namespace fanfare::config {

namespace {

constexpr std::string_view opening =
    R"(.\" Printed by `fanfare config-reference --man`; a test compares.
.TH FANFARE.JSON 5 "" Fanfare "File formats"
.SH NAME
fanfare.json \- configuration of the Fanfare WebSocket server
.SH SYNOPSIS
.I /etc/fanfare/fanfare.json
.SH DESCRIPTION
What counts, highest first: flags, the process environment, the file
.IR .env ,
this file, the defaults.
.B fanfare check
prints what is in force and where it comes from.
.PP
The file is JSON with comments.
A dot below stands for an object in an object.
.B null
means \(lqnot set\(rq.
An unknown key stops the start.
In a variable a list is separated by commas.
)";

constexpr std::string_view closing = R"(.SH FILES
.I /usr/share/doc/fanfare/examples/fanfare.example.json
has every key with its default.
.SH SEE ALSO
.BR fanfare (1)
)";

/// Text that roff takes as it is. A line of ours never begins with it, but a control character
/// there would be a request.
std::string roff(std::string_view text) {
    std::string out = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
    for (const char c : text) {
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else {
            out += c;
        }
    }
    return out;
}

void append_row(std::string& out, const ReferenceRow& row) {
    out += ".TP\n.B " + roff(row.key) + "\n" + roff(row.doc) +
           "\n.br\nDefault: " + roff(row.initial) + ". Accepts " + roff(row.accepts) + ".\n";
    if (!row.env.empty()) out += ".br\nVariable: " + roff(row.env) + "\n";
    if (!row.flag.empty()) out += ".br\nFlag: " + roff(row.flag) + "\n";
}

std::string capitals(std::string title) {
    std::transform(title.begin(), title.end(), title.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return title;
}

}  // namespace

std::string reference_man_page() {
    std::string out(opening);
    for (const ReferenceSection& section : reference_sections()) {
        out += ".SH " + capitals(section.title) + "\n";
        for (const std::string& paragraph : section.paragraphs) out += roff(paragraph) + "\n";
        for (const ReferenceRow& row : section.rows) append_row(out, row);
    }
    out += closing;
    return out;
}

}  // namespace fanfare::config
