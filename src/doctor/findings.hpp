// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/doctor/finding.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace fanfare::doctor {

/// What others have written, as far as it may be shown: its first line, and of that not too much.
[[nodiscard]] std::string first_line(std::string_view text);

[[nodiscard]] inline Finding ok(std::string area, std::string what) {
    return {Severity::ok, std::move(area), std::move(what), {}, {}};
}

[[nodiscard]] inline Finding notice(
    std::string area, std::string what, std::string why, std::string fix = {}
) {
    return {Severity::notice, std::move(area), std::move(what), std::move(why), std::move(fix)};
}

[[nodiscard]] inline Finding warning(
    std::string area, std::string what, std::string why, std::string fix
) {
    return {Severity::warning, std::move(area), std::move(what), std::move(why), std::move(fix)};
}

[[nodiscard]] inline Finding error(
    std::string area, std::string what, std::string why, std::string fix
) {
    return {Severity::error, std::move(area), std::move(what), std::move(why), std::move(fix)};
}

inline void append(Findings& to, Findings more) {
    for (Finding& finding : more) to.push_back(std::move(finding));
}

}  // namespace fanfare::doctor
