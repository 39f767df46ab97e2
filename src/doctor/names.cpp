// SPDX-License-Identifier: MIT
#include "names.hpp"

#include "findings.hpp"

#include "fanfare/config/error.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>

namespace fanfare::doctor {

namespace {

constexpr const char* area = "dns";

bool is_in(const IpAddress& address, std::initializer_list<const char*> networks) {
    return std::any_of(networks.begin(), networks.end(), [&address](const char* network) {
        return IpNetwork::parse(network)->contains(address);
    });
}

/// Of a network that the Internet does not route to.
bool is_private(const IpAddress& address) {
    return is_in(address, {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"});
}

std::string list_of(const std::vector<IpAddress>& addresses) {
    std::string list;
    for (const IpAddress& address : addresses) {
        list += (list.empty() ? "" : ", ") + address.to_string();
    }
    return list;
}

}  // namespace

Resolved resolve(const std::string& host) {
    Resolved resolved;
    resolved.host = host;
    boost::asio::io_context context(1);
    boost::system::error_code error;
    const auto found = boost::asio::ip::tcp::resolver(context).resolve(host, "", error);
    if (error) resolved.trouble = error.message();
    for (const auto& entry : found) {
        const auto address = IpAddress::parse(entry.endpoint().address().to_string());
        if (address) resolved.addresses.push_back(*address);
    }
    return resolved;
}

bool is_loopback(const IpAddress& address) {
    return is_in(address, {"127.0.0.0/8", "::1"});
}

bool is_loopback_host(const std::string& host) {
    const auto address = IpAddress::parse(host);
    return host == "localhost" || (address && is_loopback(*address));
}

Finding judge_name(const Resolved& resolved, bool is_for_browsers, bool is_local_app) {
    const std::string host = config::printable(resolved.host);
    if (resolved.addresses.empty()) {
        return error(
            area,
            host + " has no address: " + resolved.trouble,
            "Nobody finds the server under this name.",
            "An A or AAAA record for " + host + " with the address of the server, or another name"
        );
    }
    const auto& addresses = resolved.addresses;
    const std::string list = list_of(addresses);
    const std::string what = host == list ? host : host + " is " + list;
    if (!is_for_browsers) return ok(area, what);
    if (std::all_of(addresses.begin(), addresses.end(), is_loopback)) {
        const std::string why = "Only browsers on this machine can connect to it.";
        const std::string fix = "For others: the public name of the server as VITE_REVERB_HOST";
        if (is_local_app) return notice(area, what, why, fix);
        return warning(area, what, why, fix);
    }
    if (std::all_of(addresses.begin(), addresses.end(), is_private)) {
        return notice(area, what, "Only browsers in the same network can connect to it.");
    }
    return ok(area, what);
}

}  // namespace fanfare::doctor
