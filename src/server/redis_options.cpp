// SPDX-License-Identifier: MIT
#include "fanfare/server/redis_options.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string_view>

namespace fanfare::server {

namespace {

/// `host:port`, whose form the configuration has checked.
redis::Endpoint parse_address(std::string_view text, std::uint16_t default_port) {
    redis::Endpoint endpoint;
    endpoint.port = default_port;
    const std::size_t colon = text.rfind(':');
    const bool has_port = colon != std::string_view::npos && !text.ends_with(']');
    if (has_port)
        std::from_chars(text.data() + colon + 1, text.data() + text.size(), endpoint.port);
    endpoint.host = text.substr(0, has_port ? colon : text.size());
    if (endpoint.host.starts_with('['))
        endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
    return endpoint;
}

}  // namespace

redis::Options redis_options(const config::ScalingSettings& scaling) {
    constexpr std::uint16_t redis_port = 6'379;
    constexpr std::uint16_t sentinel_port = 26'379;
    redis::Options options;
    options.topology = static_cast<redis::Topology>(scaling.topology);
    if (options.topology != redis::Topology::single) {
        const bool is_sentinel = options.topology == redis::Topology::sentinel;
        for (const std::string& node : scaling.nodes) {
            options.endpoints.push_back(
                parse_address(node, is_sentinel ? sentinel_port : redis_port)
            );
        }
    } else if (scaling.host.starts_with('/')) {
        options.endpoints.push_back({{}, 0, scaling.host});
    } else {
        options.endpoints.push_back({scaling.host, scaling.port, {}});
    }
    options.credentials = {scaling.username, scaling.password};
    options.database = scaling.database;
    options.tls = {
        scaling.tls,
        scaling.tls_verify,
        scaling.tls_ca_file,
        scaling.tls_certificate_file,
        scaling.tls_key_file,
        scaling.tls_server_name};
    options.master_name = scaling.master_name;
    options.sentinel_credentials = {scaling.sentinel_username, scaling.sentinel_password};
    // A Redis that is silent for longer than half a lease is no use.
    options.timeout = std::min<std::chrono::milliseconds>(
        scaling.timeout, std::chrono::milliseconds(scaling.lease) / 2
    );
    return options;
}

}  // namespace fanfare::server
