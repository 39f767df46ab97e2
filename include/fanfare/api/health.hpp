// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"
#include "fanfare/transport/http.hpp"

#include <atomic>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace fanfare::api {

/// How the node is, as all shards see it.
struct Health {
    const std::atomic<bool>& is_draining;

    /// Any thread: in a word each, what the node has to do without at the moment.
    std::function<std::vector<std::string_view>()> troubles;
};

/// The pages by which load balancers and orchestrators judge the node: Reverb's `/up`, `/live`,
/// `/ready`, and soketi's if they are wanted.
class HealthPages {
public:
    /// `settings` outlive this.
    HealthPages(const config::ServerSettings& settings, Health health);

    /// Nothing if `path`, without the prefix of all routes, is none of them.
    [[nodiscard]] std::optional<transport::HttpResponse> find(std::string_view path) const;

private:
    [[nodiscard]] transport::HttpResponse readiness() const;
    [[nodiscard]] std::optional<transport::HttpResponse> find_soketi_page(std::string_view path
    ) const;

    const config::ServerSettings& settings_;
    Health health_;
};

}  // namespace fanfare::api
