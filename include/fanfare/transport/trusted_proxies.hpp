// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/ip_address.hpp"
#include "fanfare/transport/http.hpp"

#include <utility>
#include <vector>

namespace fanfare::transport {

/// The proxies whose word about their clients is believed. Anybody can write a header, so without
/// such a list a client is who has connected.
class TrustedProxies {
public:
    explicit TrustedProxies(std::vector<IpNetwork> networks) : networks_(std::move(networks)) {}

    [[nodiscard]] bool contains(const IpAddress& address) const;

    /// The client behind the proxies: the right-most address of X-Forwarded-For that is no trusted
    /// proxy itself. Each proxy appends whom it heard the request from, so what stands left of that
    /// address is hearsay.
    [[nodiscard]] IpAddress client_of(const HttpRequest& request) const;

    /// Whether the client's own connection is encrypted, as X-Forwarded-Proto has it. If no proxy
    /// is configured, everybody is believed: who pretends it harms only himself.
    [[nodiscard]] bool is_secure(const HttpRequest& request) const;

private:
    std::vector<IpNetwork> networks_;
};

}  // namespace fanfare::transport
