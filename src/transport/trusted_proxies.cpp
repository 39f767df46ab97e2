// SPDX-License-Identifier: MIT
#include "fanfare/transport/trusted_proxies.hpp"

#include <algorithm>
#include <string_view>

namespace fanfare::transport {

namespace {

/// Cuts the last item off a comma-separated list.
std::string_view take_last(std::string_view& list) {
    const std::size_t comma = list.rfind(',');
    const std::size_t begin = comma == std::string_view::npos ? 0 : comma + 1;
    std::string_view item = list.substr(begin);
    list = list.substr(0, begin == 0 ? 0 : comma);
    item.remove_prefix(std::min(item.size(), item.find_first_not_of(" \t")));
    return item.substr(0, item.find_last_not_of(" \t") + 1);
}

/// An address as it is, or with a port as some proxies write it: `192.0.2.1:80`,
/// `[2001:db8::1]:80`.
std::optional<IpAddress> parse_forwarded(std::string_view item) {
    if (item.starts_with('[')) {
        const std::size_t end = item.find(']');
        return end == std::string_view::npos ? std::nullopt
                                             : IpAddress::parse(item.substr(1, end - 1));
    }
    const std::size_t colon = item.find(':');
    const bool has_port = colon != std::string_view::npos && colon == item.rfind(':');
    return IpAddress::parse(has_port ? item.substr(0, colon) : item);
}

}  // namespace

bool TrustedProxies::contains(const IpAddress& address) const {
    return std::ranges::any_of(networks_, [&](const IpNetwork& network) {
        return network.contains(address);
    });
}

IpAddress TrustedProxies::client_of(const HttpRequest& request) const {
    IpAddress client = request.peer;
    // Several headers of the name are one list (RFC 9110 section 5.3), so the last comes first.
    for (auto header = request.headers.rbegin(); header != request.headers.rend(); ++header) {
        if (!header->is_called("X-Forwarded-For")) continue;
        std::string_view list = header->value;
        while (!list.empty()) {
            if (!contains(client)) return client;
            const auto before = parse_forwarded(take_last(list));
            if (!before) return client;  // nobody knows further
            client = *before;
        }
    }
    return client;
}

bool TrustedProxies::is_secure(const HttpRequest& request) const {
    if (request.is_encrypted) return true;
    const bool is_believed = networks_.empty() || request.is_from_proxy;
    return is_believed && request.header("X-Forwarded-Proto") == "https";
}

}  // namespace fanfare::transport
