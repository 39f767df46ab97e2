// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fanfare::doctor {

enum class Severity : std::uint8_t {
    ok,
    notice,   ///< worth knowing
    warning,  ///< works for now, or not for everybody
    error,    ///< does not work
};

/// What an examination has found. No secret is in it.
struct Finding {
    Severity severity = Severity::ok;
    std::string area;  ///< `laravel`, `redis`, …
    std::string what;
    std::string why;  ///< it matters; empty if all is well
    std::string fix;  ///< what to do, exactly; may have several lines; empty if there is nothing
};

using Findings = std::vector<Finding>;

/// `ok` if there is none.
[[nodiscard]] Severity worst_of(const Findings& findings);

/// The findings by area, for people.
[[nodiscard]] std::string to_text(const Findings& findings);

/// The same for programs: an object with `worst` and `findings`.
[[nodiscard]] std::string to_json(const Findings& findings);

}  // namespace fanfare::doctor
