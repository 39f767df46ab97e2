// SPDX-License-Identifier: MIT
#include "fanfare/server/health.hpp"

#include "fanfare/base/ip_address.hpp"
#include "fanfare/probe/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>

namespace fanfare::server {

namespace {

constexpr std::chrono::seconds patience{5};

/// From a proxy that it trusts, and this machine may be one, the server expects a header first.
bool is_proxy(const config::ServerSettings& settings, const std::string& host) {
    if (!settings.proxy_protocol) return false;
    boost::asio::io_context context(1);
    boost::system::error_code error;
    const auto found = boost::asio::ip::tcp::resolver(context).resolve(host, "", error);
    if (error) return false;
    const auto address = IpAddress::parse(found->endpoint().address().to_string());
    const auto& networks = settings.trusted_proxies;
    return std::any_of(networks.begin(), networks.end(), [&address](const std::string& network) {
        return IpNetwork::parse(network).value().contains(*address);
    });
}

}  // namespace

probe::Target local_target(const config::ServerSettings& settings) {
    probe::Target target;
    target.host = config::local_host(settings.host);
    target.port = settings.port;
    target.is_encrypted = !settings.tls.certificate_file.empty();
    if (is_proxy(settings, target.host)) target.preamble = "PROXY UNKNOWN\r\n";
    return target;
}

void require_up(const config::ServerSettings& settings) {
    const probe::Target target = local_target(settings);
    const std::string address = target.host + ":" + std::to_string(target.port);
    unsigned status = 0;
    try {
        // Whether it is up is asked, on this machine, not who it is.
        probe::Client client(target, patience);
        if (!settings.tls.client_ca_file.empty()) return;
        probe::Request request;
        request.path = settings.path + "/up";
        status = client.ask(request).status;
    } catch (const probe::Failure& failure) {
        throw std::runtime_error("no answer from " + address + ": " + failure.what());
    }
    if (status != 200) throw std::runtime_error(address + " answers " + std::to_string(status));
}

}  // namespace fanfare::server
