// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/apps/app.hpp"
#include "fanfare/base/counters.hpp"
#include "fanfare/channels/hub.hpp"
#include "fanfare/transport/http.hpp"

#include <filesystem>
#include <string>
#include <string_view>

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
        apps::App& app,
        channels::Hub& hub,
        Counters& counters
    );

    /// `path` is `/demo` or below it.
    void on_request(
        std::string_view path,
        const transport::HttpRequest& request,
        const transport::HttpResponder& responder
    );

private:
    [[nodiscard]] transport::HttpResponse serve_file(std::string_view name) const;
    [[nodiscard]] transport::HttpResponse authorize(std::string_view form);
    void publish(const transport::HttpRequest& request, const transport::HttpResponder& responder);

    std::filesystem::path directory_;
    std::string path_prefix_;
    apps::App& app_;
    channels::Hub& hub_;
    Counters& counters_;
};

}  // namespace fanfare::api
