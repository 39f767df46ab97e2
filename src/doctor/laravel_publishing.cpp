// SPDX-License-Identifier: MIT
#include "addresses.hpp"
#include "findings.hpp"
#include "laravel_judgement.hpp"
#include "names.hpp"

#include "fanfare/config/error.hpp"

#include <optional>

namespace fanfare::doctor {

namespace {

constexpr const char* area = "laravel";

using config::printable;

/// `NAME=value in FILE:LINE`
std::string setting(const Laravel& laravel, const std::string& name, const std::string& value) {
    return name + "=" + value + " in " + laravel.where(name);
}

Finding judge_host(const Laravel& laravel, const std::string& name) {
    const std::string host = laravel.get(name);
    const std::string fix = setting(laravel, name, "ws.example.com") +
                            ", with the server's public name; or " + name +
                            "=127.0.0.1 if the server runs beside the app";
    if (host.empty()) {
        const bool is_pusher = laravel.prefix() == "PUSHER";
        return error(
            area,
            laravel.env_file.string() + ": " + name + " is missing",
            is_pusher ? "Without it Laravel publishes to Pusher's own servers."
                      : "Laravel does not know where to publish.",
            fix
        );
    }
    if (lacks_brackets(host)) {
        return error(
            area,
            laravel.where(name) + ": " + name + " is " + printable(host),
            "Laravel puts it into a URL as it is, where an IPv6 address has brackets.",
            setting(laravel, name, "[" + host + "]")
        );
    }
    const bool is_any = host == "0.0.0.0" || host == "::" || host == "[::]";
    return error(
        area,
        laravel.where(name) + ": " + name + " is " + printable(host),
        is_any ? "That is what a server binds (REVERB_SERVER_HOST), nothing that one connects to."
               : "It is the name of a host, with no scheme, port or path.",
        fix
    );
}

std::optional<Finding> judge_scheme(const Laravel& laravel, const std::string& prefix) {
    const std::string scheme = laravel.get(prefix + "_SCHEME", "https");
    if (scheme == "https" || scheme == "http") return std::nullopt;
    return error(
        area,
        laravel.where(prefix + "_SCHEME") + ": " + prefix + "_SCHEME is " + printable(scheme),
        "Laravel takes all but https for plain HTTP.",
        setting(laravel, prefix + "_SCHEME", "https") + ", or http"
    );
}

/// The daemon's own port with the other scheme.
std::optional<Finding> judge_tls(
    const Laravel& laravel, const Address& address, const config::ServerSettings& server
) {
    const bool has_tls = !server.tls.certificate_file.empty();
    if (address.port != server.port || address.is_encrypted == has_tls) return std::nullopt;
    const std::string prefix = laravel.prefix();
    const std::string port = std::to_string(server.port);
    if (has_tls) {
        return warning(
            area,
            prefix + "_SCHEME is http with the port " + port + ", where the server speaks TLS",
            "The server refuses plain HTTP on a port with TLS.",
            setting(laravel, prefix + "_SCHEME", "https")
        );
    }
    return warning(
        area,
        prefix + "_SCHEME is https with the port " + port + ", where the server speaks plain HTTP",
        "TLS to the server's own port fails, unless something else ends TLS on that port.",
        setting(laravel, prefix + "_PORT", "443") +
            " if nginx ends TLS (fanfare nginx prints its site); or " + prefix +
            "_SCHEME=http; or give the server a certificate (FANFARE_TLS_CERTIFICATE_FILE)"
    );
}

/// A server that is bound to this machine, and a public address that is the server's own port.
std::optional<Finding> judge_bind(
    const Laravel& laravel, const Address& address, const config::ServerSettings& server
) {
    if (!is_loopback_host(server.host) || is_loopback_host(address.host) ||
        address.port != server.port) {
        return std::nullopt;
    }
    return warning(
        area,
        laravel.prefix() + "_HOST is " + printable(address.host) + " with the port " +
            std::to_string(server.port) + ", but the server listens on " + server.host + " only",
        "Nobody reaches it from another machine, unless a proxy listens on that port.",
        "REVERB_SERVER_HOST=0.0.0.0 (server.host), or a proxy: fanfare nginx prints its site, "
        "then " +
            laravel.prefix() + "_PORT=443"
    );
}

/// A local address with a port that is not the server's.
std::optional<Finding> judge_port(
    const Laravel& laravel, const Address& address, const config::ServerSettings& server
) {
    const std::string name = laravel.prefix() + "_PORT";
    if (!is_loopback_host(address.host) || address.port == server.port) return std::nullopt;
    return notice(
        area,
        "Laravel publishes to port " + std::to_string(address.port) +
            " of this machine, the server listens on " + std::to_string(server.port),
        "That is right if a proxy listens on the former; " + name +
            " is where Laravel connects to, REVERB_SERVER_PORT what the server binds.",
        "Without a proxy: " + setting(laravel, name, std::to_string(server.port))
    );
}

}  // namespace

Findings judge_publishing(const Laravel& laravel, const config::Settings& settings) {
    const std::string prefix = laravel.prefix();
    if (!parse_host(laravel.get(prefix + "_HOST"))) {
        return {judge_host(laravel, prefix + "_HOST")};
    }
    const std::string port = laravel.get(prefix + "_PORT", "443");
    if (!parse_port(port)) {
        return {error(
            area,
            laravel.where(prefix + "_PORT") + ": " + prefix + "_PORT is " + printable(port),
            "It is no port.",
            setting(laravel, prefix + "_PORT", "443")
        )};
    }
    Findings findings;
    const Address address = *addresses_of(laravel, settings.server, std::nullopt).publishing;
    const auto add = [&findings](std::optional<Finding> finding) {
        if (finding) findings.push_back(std::move(*finding));
    };
    add(judge_scheme(laravel, prefix));
    add(judge_tls(laravel, address, settings.server));
    add(judge_bind(laravel, address, settings.server));
    add(judge_port(laravel, address, settings.server));
    if (worst_of(findings) < Severity::warning) {
        findings.insert(findings.begin(), ok(area, "publishes to " + address.url()));
    }
    return findings;
}

}  // namespace fanfare::doctor
