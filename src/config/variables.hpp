// SPDX-License-Identifier: MIT
#pragma once

#include "draft.hpp"

#include "fanfare/config/dotenv.hpp"
#include "fanfare/config/environment.hpp"
#include "fanfare/config/laravel_env.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace fanfare::config {

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

    [[nodiscard]] const LaravelEnv& all() const { return variables_; }

private:
    LaravelEnv variables_;
};

/// Puts what the variables say into the drafts: the daemon's settings, and the app of
/// REVERB_APP_ID.
void apply_variables(const Variables& variables, Drafts& drafts);

}  // namespace fanfare::config
