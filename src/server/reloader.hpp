// SPDX-License-Identifier: MIT
#pragma once

#include "app_registry.hpp"
#include "file_watch.hpp"
#include "service_manager.hpp"
#include "tls_files.hpp"

#include "fanfare/config/loader.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <filesystem>
#include <functional>
#include <memory>
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

    using SetTls = std::function<void(std::shared_ptr<const transport::TlsContext>)>;

    /// `loaded` is what the server has started with; `set_tls` gets what its certificates are now.
    /// All outlive the reloader.
    Reloader(
        boost::asio::io_context& context,
        const config::Loaded& loaded,
        Load load,
        AppRegistry& apps,
        SetTls set_tls,
        ServiceManager& manager,
        spdlog::logger& log
    );

    /// As SIGHUP does. Returns why nothing has changed; empty: all is well.
    std::string reload_now();

private:
    void wait_for_signal();
    void on_change(const std::filesystem::path* gone);
    std::string reload(bool is_asked_for);
    void apply(const config::Loaded& loaded, bool is_asked_for);

    const config::Settings& at_start_;
    Load load_;
    AppRegistry& apps_;
    SetTls set_tls_;
    ServiceManager& manager_;
    spdlog::logger& log_;
    boost::asio::signal_set signals_;
    FileWatch watch_;
    bool is_debug_;  // as last configured; the operator may have said otherwise since
    std::vector<std::string> waiting_;  // settings that have changed, and wait for a restart
};

}  // namespace fanfare::server
