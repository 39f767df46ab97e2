// SPDX-License-Identifier: MIT
#include "addresses.hpp"

#include "fanfare/base/ip_address.hpp"

#include <algorithm>
#include <charconv>

namespace fanfare::doctor {

namespace {

bool is_usable_host(std::string_view host) {
    return !host.empty() && host != "0.0.0.0" && host != "::" &&
           host.find_first_of("/ @?#$[]") == host.npos;
}

/// Of the variables `{prefix}_HOST`, `_PORT` and `_SCHEME`, with the defaults of Laravel's
/// config/broadcasting.php.
std::optional<Address> address_in(
    const Laravel& laravel, const std::string& prefix, const std::string& path
) {
    Address address;
    const auto host = parse_host(laravel.get(prefix + "_HOST"));
    const auto port = parse_port(laravel.get(prefix + "_PORT", "443"));
    if (!host || !port) return std::nullopt;
    address.host = *host;
    address.port = *port;
    address.is_encrypted = laravel.get(prefix + "_SCHEME", "https") == "https";
    address.path = path;
    address.source = prefix + "_HOST";
    return address;
}

std::optional<Address> address_of_hostname(const config::ServerSettings& server) {
    const auto host = parse_host(server.hostname);
    if (!host) return std::nullopt;
    const bool has_tls = !server.tls.certificate_file.empty();
    const std::uint16_t port = has_tls ? server.port : 443;
    return Address{true, *host, port, server.path, "server.hostname"};
}

}  // namespace

std::string Address::url() const {
    return (is_encrypted ? "https://" : "http://") + target().authority() + path;
}

probe::Target Address::target() const {
    return {host, port, is_encrypted, {}};
}

bool Address::is_like(const Address& other) const {
    return url() == other.url();
}

std::optional<Address> parse_address(std::string_view url) {
    Address address;
    address.source = "--public";
    const std::size_t end = url.find("://");
    if (end == url.npos) return std::nullopt;
    const std::string_view scheme = url.substr(0, end);
    address.is_encrypted = scheme == "https" || scheme == "wss";
    if (!address.is_encrypted && scheme != "http" && scheme != "ws") return std::nullopt;
    url.remove_prefix(end + 3);
    const std::size_t slash = std::min(url.find('/'), url.size());
    std::string_view text = url.substr(0, slash);
    address.path = url.substr(slash);
    while (address.path.ends_with('/')) address.path.pop_back();
    address.port = address.is_encrypted ? 443 : 80;
    const std::size_t colon = text.rfind(':');
    if (colon != text.npos && !text.ends_with(']')) {
        const auto port = parse_port(text.substr(colon + 1));
        if (!port) return std::nullopt;
        address.port = *port;
        text = text.substr(0, colon);
    }
    const auto host = parse_host(text);
    if (!host) return std::nullopt;
    address.host = *host;
    return address;
}

std::optional<std::string> parse_host(std::string_view text) {
    const bool has_brackets = text.starts_with('[') && text.ends_with(']');
    if (has_brackets) text = text.substr(1, text.size() - 2);
    const bool is_v6 = text.find(':') != text.npos;
    if (has_brackets != is_v6 || !is_usable_host(text)) return std::nullopt;
    return std::string(text);
}

bool lacks_brackets(const std::string& text) {
    return IpAddress::parse(text) && parse_host("[" + text + "]");
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
    return port;
}

Addresses addresses_of(
    const Laravel& laravel,
    const config::ServerSettings& server,
    const std::optional<std::string>& public_url
) {
    if (public_url) {
        auto address = parse_address(*public_url);
        if (address && address->path.empty()) address->path = server.path;
        return {address, address};
    }
    Addresses addresses;
    const std::string prefix = laravel.prefix();
    addresses.publishing = address_in(laravel, prefix, server.path);
    const bool has_own = laravel.find("VITE_" + prefix + "_HOST") != nullptr;
    addresses.browsing =
        has_own ? address_in(laravel, "VITE_" + prefix, server.path) : addresses.publishing;
    // What the app says wrongly is no reason to look elsewhere.
    const bool is_said = has_own || laravel.find(prefix + "_HOST") != nullptr;
    if (!is_said) addresses.browsing = address_of_hostname(server);
    return addresses;
}

}  // namespace fanfare::doctor
