// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/loader.hpp"
#include "fanfare/control/request.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace fanfare::cli {

/// The commands that talk to a running server over its control socket. Each does its work while the
/// command line is parsed. Outlives that.
class ControlCommands {
public:
    using Load = std::function<config::Loaded()>;

    /// See PrintingCommands.
    ControlCommands(CLI::App& program, const std::function<void(CLI::App&)>& add_flags, Load load);
    ControlCommands(const ControlCommands&) = delete;
    ControlCommands& operator=(const ControlCommands&) = delete;

private:
    using Json = control::Json;
    using Show = std::string (*)(const Json& result);

    CLI::App& add(CLI::App& program, const std::string& name, const std::string& help, Show show);
    void take(
        CLI::App& command, const std::string& flag, const std::string& name, const std::string& help
    );
    void add_lists(CLI::App& program);
    void add_actions(CLI::App& program);
    void add_trace(CLI::App& program);
    [[nodiscard]] std::vector<std::filesystem::path> paths() const;
    void run(const std::string& name, Show show);
    void follow();

    std::function<void(CLI::App&)> add_flags_;
    Load load_;
    Json arguments_ = Json::object();
    std::string socket_;
    bool as_json_ = false;
};

}  // namespace fanfare::cli
