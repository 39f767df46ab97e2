// SPDX-License-Identifier: MIT
#include "fanfare/doctor/finding.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace fanfare::doctor {

namespace {

constexpr std::array<std::string_view, 4> names{"ok", "notice", "warning", "error"};
constexpr std::array<std::string_view, 4> marks{"✓", "·", "!", "✗"};

std::string_view of(const std::array<std::string_view, 4>& words, Severity severity) {
    return words[static_cast<std::size_t>(severity)];
}

/// Each line of the text behind `first`, or as far in.
std::string indented(std::string_view first, std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        out += out.empty() ? std::string(first) : std::string(first.size(), ' ');
        out += text.substr(0, end);
        out += '\n';
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string summary_of(const Findings& findings) {
    const auto count = [&findings](Severity severity) {
        return std::count_if(findings.begin(), findings.end(), [severity](const Finding& finding) {
            return finding.severity == severity;
        });
    };
    const auto counted = [&count](Severity severity) {
        const auto number = count(severity);
        return std::to_string(number) + " " + std::string(of(names, severity)) +
               (number == 1 ? "" : "s");
    };
    if (worst_of(findings) < Severity::warning) return "All is well.\n";
    return counted(Severity::error) + ", " + counted(Severity::warning) + ", " +
           counted(Severity::notice) + ".\n";
}

}  // namespace

Severity worst_of(const Findings& findings) {
    Severity worst = Severity::ok;
    for (const Finding& finding : findings) worst = std::max(worst, finding.severity);
    return worst;
}

std::string to_text(const Findings& findings) {
    std::vector<std::string_view> areas;
    for (const Finding& finding : findings) {
        if (std::find(areas.begin(), areas.end(), finding.area) == areas.end()) {
            areas.push_back(finding.area);
        }
    }
    std::string text;
    for (const std::string_view area : areas) {
        text += std::string(area) + "\n";
        for (const Finding& finding : findings) {
            if (finding.area != area) continue;
            text += indented("  " + std::string(of(marks, finding.severity)) + " ", finding.what);
            text += indented("      why: ", finding.why);
            text += indented("      fix: ", finding.fix);
        }
        text += '\n';
    }
    return text + summary_of(findings);
}

std::string to_json(const Findings& findings) {
    auto list = nlohmann::ordered_json::array();
    for (const Finding& finding : findings) {
        list.push_back(
            {{"severity", of(names, finding.severity)},
             {"area", finding.area},
             {"what", finding.what},
             {"why", finding.why},
             {"fix", finding.fix}}
        );
    }
    const nlohmann::ordered_json all{
        {"worst", of(names, worst_of(findings))}, {"findings", std::move(list)}};
    // What a server says of itself need not be UTF-8.
    return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace fanfare::doctor
