// SPDX-License-Identifier: MIT
#include "fanfare/config/reference.hpp"

#include "reference_rows.hpp"

#include <string_view>

namespace fanfare::config {

namespace {

constexpr std::string_view opening =
    R"(<!-- Printed by `fanfare config-reference`; a test compares. Change src/config/*_settings.cpp instead. -->
# Configuration

Every setting, its variable, its flag, its default and what it accepts. What counts, highest first: flags, the
process environment, `.env`, the JSON file (`/etc/fanfare/fanfare.json`, or that of `--config`), the defaults.
`fanfare check` prints what is in force and where it comes from.

In the JSON file a dot stands for an object in an object: `server.port` is `{"server": {"port": 8080}}`. Comments are
allowed, `null` means "not set", and an unknown key stops the start. In a variable a list is separated by commas. An
example with every key: [config/fanfare.example.json](../config/fanfare.example.json). What a reload brings into force:
[apps.md](apps.md).
)";

/// A cell of a table.
std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '|') out += '\\';
        out += c;
    }
    return out;
}

std::string code(std::string_view text) {
    return text.empty() ? std::string() : "`" + cell(text) + "`";
}

std::string names(const ReferenceRow& row) {
    if (row.env.empty() || row.flag.empty()) return code(row.env) + code(row.flag);
    return code(row.env) + ", " + code(row.flag);
}

void append_table(std::string& out, const std::vector<ReferenceRow>& rows, bool has_variables) {
    out += has_variables
               ? "| Setting | Variable, flag | Default | Accepts | |\n|---|---|---|---|---|\n"
               : "| Setting | Default | Accepts | |\n|---|---|---|---|\n";
    for (const ReferenceRow& row : rows) {
        out += "| " + code(row.key) + " | ";
        if (has_variables) out += names(row) + " | ";
        out += cell(row.initial) + " | " + cell(row.accepts) + " | " + cell(row.doc) + " |\n";
    }
}

}  // namespace

std::string reference_page() {
    std::string out(opening);
    for (const ReferenceSection& section : reference_sections()) {
        out += "\n## " + section.title + "\n\n";
        for (const std::string& paragraph : section.paragraphs) out += paragraph + "\n\n";
        append_table(out, section.rows, section.has_variables);
    }
    out +=
        "\n## Without effect\n\nThese variables of Reverb's are accepted and mean nothing "
        "here.\n\n";
    out += "| Variable | Why |\n|---|---|\n";
    for (const Ignored& ignored : ignored_variables()) {
        out += "| " + code(ignored.name) + " | " + cell(ignored.reason) + " |\n";
    }
    return out;
}

}  // namespace fanfare::config
