// SPDX-License-Identifier: MIT
#pragma once

#include "draft.hpp"

#include "fanfare/config/dotenv.hpp"
#include "fanfare/config/environment.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::config {

/// A variable that says something, and where it stands: `environment`, or FILE:LINE of a `.env`.
struct Variable {
    std::string value;
    std::string where;
};

/// What Laravel's `env()` sees: the process environment over a `.env` file. Like `env()`, it takes
/// quotes off and knows `null` and `(empty)`; a variable that is null or written empty is not set.
class Variables {
public:
    Variables(
        const Environment& process,
        const std::vector<DotenvEntry>& entries,
        const std::string& file_name
    );

    /// Null if it is not set.
    [[nodiscard]] const Variable* find(std::string_view name) const;

    [[nodiscard]] const auto& all() const { return variables_; }

private:
    std::map<std::string, Variable, std::less<>> variables_;
};

/// Puts what the variables say into the drafts: the daemon's settings, and the app of
/// REVERB_APP_ID.
void apply_variables(const Variables& variables, Drafts& drafts);

}  // namespace fanfare::config
