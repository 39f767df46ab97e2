// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/loader.hpp"

#include <functional>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace fanfare::cli {

/// `fanfare doctor`. Outlives the parsing of the command line.
class DoctorCommand {
public:
    using Load = std::function<config::Loaded()>;

    /// As those of PrintingCommands.
    DoctorCommand(
        CLI::App& program,
        const std::function<void(CLI::App&)>& add_flags,
        const config::Flags& flags,
        Load load
    );
    DoctorCommand(const DoctorCommand&) = delete;
    DoctorCommand& operator=(const DoctorCommand&) = delete;

    [[nodiscard]] bool is_asked_for() const;

    /// Prints what it finds. The exit code: 0, 1 with warnings, 2 with errors.
    [[nodiscard]] int run() const;

private:
    const config::Flags& flags_;
    Load load_;
    CLI::App* command_;
    std::optional<std::string> laravel_;
    std::optional<std::string> public_url_;
    bool is_json_ = false;
};

}  // namespace fanfare::cli
