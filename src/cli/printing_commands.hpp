// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/loader.hpp"
#include "fanfare/deployment/files.hpp"

#include <functional>

namespace CLI {
class App;
}

namespace fanfare::cli {

/// The commands that print a file for another program or for people: `nginx`, `systemd`,
/// `supervisor`, `config-reference`. Each does its work while the command line is parsed. Outlives
/// that.
class PrintingCommands {
public:
    using Load = std::function<config::Loaded()>;

    /// `add_flags` gives a command the flags of the configuration, which are in `flags` when `load`
    /// is called. All outlive it.
    PrintingCommands(
        CLI::App& program,
        const std::function<void(CLI::App&)>& add_flags,
        const config::Flags& flags,
        Load load
    );
    PrintingCommands(const PrintingCommands&) = delete;
    PrintingCommands& operator=(const PrintingCommands&) = delete;

private:
    void add_service_flags(CLI::App& command);
    [[nodiscard]] config::Loaded load_for_service() const;
    [[nodiscard]] deployment::Service service(const config::Loaded& loaded) const;

    const config::Flags& flags_;
    Load load_;
    deployment::Service service_;
    deployment::Site site_;
    bool is_socket_ = false;
    bool is_man_page_ = false;
};

}  // namespace fanfare::cli
