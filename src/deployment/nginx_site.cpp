// SPDX-License-Identifier: MIT
#include "template_text.hpp"

#include "fanfare/config/error.hpp"
#include "fanfare/deployment/files.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace fanfare::deployment {

namespace {

constexpr std::string_view site_text =
    R"(# Fanfare behind nginx, as `fanfare nginx` prints it for the configuration in force.
#
# That limits by address and the log know the clients themselves, Fanfare has to trust this proxy:
# "server": {"trusted_proxies": ["127.0.0.1", "::1"]}. Each client takes two of worker_connections and of
# worker_rlimit_nofile.

# "upgrade" for WebSockets; for the rest nothing, which keeps the connection to Fanfare alive.
map $http_upgrade $fanfare_connection {
    default upgrade;
    ''      '';
}

upstream fanfare {
    server {{UPSTREAM}};
    keepalive 32;
}

server {
{{LISTEN}}
    server_name {{NAME}};
{{TLS}}
    client_max_body_size {{BODY}};

    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $fanfare_connection;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Port $server_port;
    proxy_set_header X-Request-Id $request_id;

    # Fanfare pings a silent client after ping_interval and gives it pong_timeout; only then may the line be cut.
    proxy_read_timeout {{SILENCE}}s;
    proxy_send_timeout {{SILENCE}}s;

    # WebSockets
    location {{APP}} {
        proxy_pass {{SCHEME}}://fanfare;
    }

    # The HTTP API
    location {{APPS}} {
        proxy_pass {{SCHEME}}://fanfare;
    }

    # Is it alive, and may it get clients?
    location = {{UP}} {
        proxy_pass {{SCHEME}}://fanfare;
    }
    location = {{READY}} {
        proxy_pass {{SCHEME}}://fanfare;
    }

    location / {
        return 404;
    }
}
)";

constexpr std::string_view location_text = R"(location {{PATH}} {
    proxy_pass {{SCHEME}}://{{UPSTREAM}};
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Request-Id $request_id;
{{UPGRADE}}}
)";

constexpr std::string_view upgrade_text = R"(    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection "upgrade";
    proxy_read_timeout {{SILENCE}}s;
)";

constexpr std::string_view tls_text = R"(    ssl_certificate {{CERTIFICATE}};
    ssl_certificate_key {{KEY}};
    ssl_protocols TLSv1.2 TLSv1.3;
)";

constexpr std::chrono::seconds margin{30};

/// Where nginx finds the daemon.
std::string upstream_of(const config::ServerSettings& server) {
    std::string host = config::local_host(server.host);
    if (host.find(':') != host.npos) host = "[" + host + "]";
    return host + ":" + std::to_string(server.port);
}

std::string scheme_of(const config::ServerSettings& server) {
    return server.tls.certificate_file.empty() ? "http" : "https";
}

/// How long the slowest app lets a connection be silent. Those of a database may have the defaults.
std::chrono::seconds longest_silence(const config::Settings& settings) {
    const config::AppSettings usual;
    std::chrono::seconds longest = usual.ping_interval + usual.pong_timeout;
    for (const config::AppSettings& app : settings.apps) {
        longest = std::max(longest, app.ping_interval + app.pong_timeout);
    }
    return longest;
}

/// In seconds, after which nginx may cut the line.
std::string silence_of(const config::Settings& settings) {
    return std::to_string((longest_silence(settings) + margin).count());
}

/// What is too long is to be Fanfare's refusal, which says why.
std::string body_size(std::size_t max_request_size) {
    constexpr std::size_t kibibyte = 1'024;
    return std::to_string(std::max(kibibyte, max_request_size / kibibyte + 1)) + "k";
}

/// As one word of nginx's.
std::string word(const std::string& text) {
    if (text.find_first_of(" ;{}\"'") == text.npos) return text;
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '\\';
        out += c;
    }
    return out += '"';
}

std::string listen_lines(const Site& site) {
    const std::string port = std::to_string(site.port.value_or(site.is_plain ? 80 : 443));
    const std::string end = port + (site.is_plain ? ";" : " ssl;");
    return "    listen " + end + "\n    listen [::]:" + end;
}

std::string tls_lines(const Site& site, const std::string& name) {
    if (site.is_plain) return "";
    const std::string folder = "/etc/letsencrypt/live/" + name;
    return filled(
        tls_text,
        {
            {"CERTIFICATE",
             word(site.certificate.empty() ? folder + "/fullchain.pem" : site.certificate)},
            {"KEY",
             word(site.certificate_key.empty() ? folder + "/privkey.pem" : site.certificate_key)},
        }
    );
}

void check(const config::ServerSettings& server) {
    if (server.port == 0) {
        throw config::ConfigError(
            "server.port (REVERB_SERVER_PORT): 0 is another one after each start; expected the "
            "port that nginx finds"
        );
    }
    if (server.proxy_protocol) {
        throw config::ConfigError(
            "server.proxy_protocol (FANFARE_PROXY_PROTOCOL): a site of nginx sends no PROXY "
            "header but X-Forwarded-For; expected false"
        );
    }
    if (!server.tls.client_ca_file.empty()) {
        throw config::ConfigError(
            "server.tls_client_ca_file (FANFARE_TLS_CLIENT_CA_FILE): the certificates are those of "
            "clients, and nginx would need one; expected nothing"
        );
    }
}

}  // namespace

std::string nginx_site(const config::Settings& settings, const Site& site) {
    const config::ServerSettings& server = settings.server;
    check(server);
    const std::string name = server.hostname.empty() ? "ws.example.com" : server.hostname;
    return filled(
        site_text,
        {
            {"UPSTREAM", upstream_of(server)},
            {"LISTEN", listen_lines(site)},
            {"NAME", name},
            {"SCHEME", scheme_of(server)},
            {"TLS", tls_lines(site, name)},
            {"BODY", body_size(server.max_request_size)},
            {"SILENCE", silence_of(settings)},
            {"APP", word(server.path + "/app/")},
            {"APPS", word(server.path + "/apps/")},
            {"UP", word(server.path + "/up")},
            {"READY", word(server.path + "/ready")},
        }
    );
}

std::string nginx_location(const config::Settings& settings, Location location) {
    const config::ServerSettings& server = settings.server;
    const bool is_api = location == Location::api;
    return filled(
        location_text,
        {
            {"PATH", word(server.path + (is_api ? "/apps/" : "/app/"))},
            {"SCHEME", scheme_of(server)},
            {"UPSTREAM", upstream_of(server)},
            {"UPGRADE", is_api ? "" : filled(upgrade_text, {{"SILENCE", silence_of(settings)}})},
        }
    );
}

}  // namespace fanfare::deployment
