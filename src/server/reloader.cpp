// SPDX-License-Identifier: MIT
#include "reloader.hpp"

#include <spdlog/logger.h>

#include <csignal>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace fanfare::server {

namespace {

std::vector<std::filesystem::path> watched_files(const config::Loaded& loaded) {
    std::vector<std::filesystem::path> files = loaded.files;
    const auto certificates = tls_files(loaded.settings.server.tls);
    files.insert(files.end(), certificates.begin(), certificates.end());
    return files;
}

}  // namespace

Reloader::Reloader(
    boost::asio::io_context& context,
    const config::Loaded& loaded,
    Load load,
    AppRegistry& apps,
    SetTls set_tls,
    ServiceManager& manager,
    spdlog::logger& log
)
    : at_start_(loaded.settings),
      load_(std::move(load)),
      apps_(apps),
      set_tls_(std::move(set_tls)),
      manager_(manager),
      log_(log),
      signals_(context, SIGHUP),
      watch_(context, watched_files(loaded), [this](const auto* gone) { on_change(gone); }),
      is_debug_(loaded.settings.server.debug) {
    set_tls_(load_tls(at_start_.server.tls));
    wait_for_signal();
}

void Reloader::wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int) {
        if (error) return;
        wait_for_signal();
        reload_now();
    });
}

std::string Reloader::reload_now() {
    watch_.catch_up();
    return reload(true);
}

/// A file that nobody named may be missing, but one that goes may be on its way back: who means it
/// asks.
void Reloader::on_change(const std::filesystem::path* gone) {
    if (gone == nullptr) {
        reload(false);
        return;
    }
    log_.error("configuration not reloaded, what was in force stays: {} is gone", gone->string());
}

std::string Reloader::reload(bool is_asked_for) {
    std::string trouble;
    manager_.reloading();
    try {
        apply(load_(), is_asked_for);
    } catch (const std::exception& error) {
        trouble = error.what();
        log_.error("configuration not reloaded, what was in force stays: {}", trouble);
    }
    manager_.reloaded();
    return trouble;
}

/// A file that was touched is no news, unless it may be a certificate; but who asks wants an
/// answer.
void Reloader::apply(const config::Loaded& loaded, bool is_asked_for) {
    const bool has_tls = !at_start_.server.tls.certificate_file.empty();
    const auto tls = has_tls ? load_tls(loaded.settings.server.tls) : nullptr;
    const AppRegistry::Changes changes = apps_.configure(loaded.settings.apps);
    if (changes.any() || is_asked_for || tls) {
        for (const std::string& warning : loaded.warnings) log_.warn("{}", warning);
        log_.info(
            "configuration reloaded apps={} added={} changed={} removed={} certificates={}",
            apps_.size(),
            changes.added,
            changes.changed,
            changes.removed,
            tls ? "read" : "none"
        );
    }
    // To begin or cease to speak TLS is another port to its clients.
    if (tls) set_tls_(tls);
    watch_.set_files(watched_files(loaded));
    const config::ServerSettings& server = loaded.settings.server;
    if (std::exchange(is_debug_, server.debug) != server.debug) {
        log_.set_level(server.debug ? spdlog::level::debug : spdlog::level::info);
    }
    std::vector<std::string> waiting = config::changed_keys(at_start_, loaded.settings);
    std::erase_if(waiting, [&](const std::string& key) {
        return key == "server.debug" || (tls && key.starts_with("server.tls_"));
    });
    if (waiting_ == waiting && !is_asked_for) return;
    waiting_ = std::move(waiting);
    for (const std::string& key : waiting_) {
        log_.warn("a change of {} has no effect before a restart", key);
    }
}

}  // namespace fanfare::server
