// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/apps/app.hpp"
#include "fanfare/base/counters.hpp"
#include "fanfare/channels/hub.hpp"
#include "fanfare/transport/http.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace spdlog {
class logger;
}

namespace fanfare::api {

/// The newcomers' page under `/demo/`: static files, and what an app's backend would do for it,
/// namely authorise channels and publish. It signs for anybody who asks, so it is for a developer's
/// machine only and off unless asked for.
class Demo {
public:
    /// `path_prefix` is told to the page. All references outlive the demo.
    Demo(
        std::filesystem::path directory,
        std::string path_prefix,
        const apps::AppList& apps,
        std::string app_id,
        channels::Hub& hub,
        Counters& counters,
        spdlog::logger& log
    );

    /// `path` is `/demo` or below it.
    void on_request(
        std::string_view path,
        const transport::HttpRequest& request,
        const transport::HttpResponder& responder
    );

private:
    [[nodiscard]] transport::HttpResponse serve_file(std::string_view name) const;
    [[nodiscard]] static transport::HttpResponse authorize(apps::App& app, std::string_view form);
    void publish(
        apps::App& app,
        const transport::HttpRequest& request,
        const transport::HttpResponder& responder
    ) const;

    std::filesystem::path directory_;
    std::string path_prefix_;
    const apps::AppList& apps_;
    std::string app_id_;
    channels::Hub& hub_;
    Counters& counters_;
    spdlog::logger& log_;
};

}  // namespace fanfare::api
