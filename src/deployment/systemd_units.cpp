// SPDX-License-Identifier: MIT
#include "command_line.hpp"
#include "template_text.hpp"

#include "fanfare/base/ip_address.hpp"
#include "fanfare/config/error.hpp"
#include "fanfare/deployment/files.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace fanfare::deployment {

namespace {

constexpr std::string_view service_text =
    R"(# Fanfare's service, as `fanfare systemd` prints it for the configuration in force.
[Unit]
Description=Fanfare, a Pusher-protocol WebSocket server
Documentation=man:fanfare(1) man:fanfare.json(5)
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
# Ready when it listens; in a cluster that is once it has found Redis.
Type=notify
ExecStart={{COMMAND}}
# Variables such as REVERB_APP_SECRET; may be missing.
EnvironmentFile=-/etc/default/fanfare
# Apps, certificates and the log level follow a reload, the rest a restart.
ExecReload=/bin/kill -HUP $MAINPID
User={{USER}}
# A shard that hangs for that long is a reason to start anew, and so is every end but that of a wrong
# configuration (2), which nobody heals by trying again.
WatchdogSec=30
Restart=on-failure
RestartSec=2
RestartPreventExitStatus=2
# The drain window, then the last clients and webhooks. The daemon asks for more time if its configuration says so.
TimeoutStopSec={{STOP}}
# The control socket is there; members of the user's group may use it.
RuntimeDirectory=fanfare
RuntimeDirectoryMode=0750
# Each client is a descriptor.
LimitNOFILE=1048576

# It reads its configuration, talks to the network, and writes nothing but its log.
{{CAPABILITIES}}
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome={{HOME}}
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
UMask=0077

[Install]
WantedBy=multi-user.target
)";

constexpr std::string_view no_capability =
    "CapabilityBoundingSet=\n"
    "PrivateUsers=yes";

/// A user namespace of its own has no say over the ports of the machine.
constexpr std::string_view low_port =
    "CapabilityBoundingSet=CAP_NET_BIND_SERVICE\n"
    "AmbientCapabilities=CAP_NET_BIND_SERVICE";

constexpr std::string_view socket_text =
    R"(# Fanfare's socket, as `fanfare systemd --socket` prints it: systemd listens in place of the daemon, so that clients
# who come during a restart wait instead of being refused. Optional, and only while the daemon does not listen itself:
#   systemctl stop fanfare && systemctl enable --now fanfare.socket && systemctl start fanfare
[Unit]
Description=Socket of Fanfare
Documentation=man:fanfare(1)

[Socket]
ListenStream={{ADDRESS}}
Backlog=4096
NoDelay=yes

[Install]
WantedBy=sockets.target
)";

constexpr std::uint16_t first_free_port = 1'024;

bool is_at_home(const std::filesystem::path& file) {
    constexpr std::array<std::string_view, 3> homes{"/home/", "/root/", "/run/user/"};
    const auto from_root = "/" / file;  // where the service will be
    std::error_code unknown;            // then the name itself has to do
    // A link such as /var/www/app leads there, or away: the service has to follow it in both cases.
    const std::string names[]{from_root, std::filesystem::weakly_canonical(from_root, unknown)};
    return std::any_of(homes.begin(), homes.end(), [&names](std::string_view home) {
        return names[0].starts_with(home) || names[1].starts_with(home);
    });
}

}  // namespace

std::string systemd_service(const config::Settings& settings, const Service& service) {
    const std::uint16_t port = settings.server.port;
    const bool needs_capability = port != 0 && port < first_free_port;
    const bool needs_home = std::any_of(service.files.begin(), service.files.end(), is_at_home) ||
                            is_at_home(service.binary);
    return filled(
        service_text,
        {
            {"COMMAND", command_line(service, "%$")},
            {"USER", service.user},
            {"STOP", std::to_string(stop_patience(settings).count())},
            {"CAPABILITIES", std::string(needs_capability ? low_port : no_capability)},
            {"HOME", needs_home ? "read-only" : "yes"},
        }
    );
}

std::string systemd_socket(const config::Settings& settings) {
    const config::ServerSettings& server = settings.server;
    const auto address = IpAddress::parse(server.host);
    if (!address || server.port == 0) {
        throw config::ConfigError(
            "server.host (REVERB_SERVER_HOST) and server.port (REVERB_SERVER_PORT): " +
            config::printable(server.host) + ":" + std::to_string(server.port) +
            " is nothing that systemd can listen to; expected an IP address and a port"
        );
    }
    const bool is_v6 = server.host.find(':') != server.host.npos;
    const std::string host = is_v6 ? "[" + server.host + "]" : server.host;
    return filled(socket_text, {{"ADDRESS", host + ":" + std::to_string(server.port)}});
}

}  // namespace fanfare::deployment
