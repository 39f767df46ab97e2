// SPDX-License-Identifier: MIT
#pragma once

#include "app_registry.hpp"
#include "file_watch.hpp"
#include "service_manager.hpp"

#include "fanfare/config/loader.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <functional>
#include <string>
#include <vector>

namespace spdlog {
class logger;
}

namespace fanfare::server {

/// Brings the configuration into force anew: on SIGHUP, and when its files change. A configuration
/// that is wrong is logged and changes nothing.
class Reloader {
public:
    using Load = std::function<config::Loaded()>;

    /// `loaded` is what the server has started with. All outlive the reloader.
    Reloader(
        boost::asio::io_context& context,
        const config::Loaded& loaded,
        Load load,
        AppRegistry& apps,
        ServiceManager& manager,
        spdlog::logger& log
    );

private:
    void wait_for_signal();
    void reload(bool is_asked_for);
    void apply(const config::Loaded& loaded, bool is_asked_for);

    const config::Settings& at_start_;
    Load load_;
    AppRegistry& apps_;
    ServiceManager& manager_;
    spdlog::logger& log_;
    boost::asio::signal_set signals_;
    FileWatch watch_;
    std::vector<std::string> waiting_;  // settings that have changed, and wait for a restart
};

}  // namespace fanfare::server
