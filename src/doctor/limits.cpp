// SPDX-License-Identifier: MIT
#include "limits.hpp"

#include "findings.hpp"

#include <algorithm>
#include <string>

namespace fanfare::doctor {

namespace {

constexpr const char* area = "limits";
constexpr std::uint64_t usual_limit = 1'024;  // of a shell, with which one does not go public
constexpr std::uint64_t good_limit = 10'000;
constexpr std::uint64_t advice = 1'048'576;

constexpr const char* fix_of_files =
    "systemd: LimitNOFILE=1048576 under [Service] (systemctl edit fanfare), then systemctl restart "
    "fanfare\n"
    "supervisor: minfds=1048576 in supervisord.conf\n"
    "docker: --ulimit nofile=1048576:1048576\n"
    "shell: ulimit -n 1048576";

/// That all apps together may have; nothing if one of them is not limited.
std::optional<std::uint64_t> wanted_connections(const config::Settings& settings) {
    if (settings.apps.empty()) return std::nullopt;
    std::uint64_t sum = 0;
    for (const config::AppSettings& app : settings.apps) {
        if (!app.max_connections) return std::nullopt;
        sum += *app.max_connections;
    }
    return sum;
}

/// A part of the files is for the process itself and for the HTTP API (docs/limits.md).
std::uint64_t room_for_clients(std::uint64_t files) {
    return files / 8 * 7 - std::min<std::uint64_t>(files / 4, 100);
}

Finding judge_files(const Limits& limits, const config::Settings& settings) {
    const std::string whose = limits.pid
                                  ? "the server (process " + std::to_string(*limits.pid) + ")"
                                  : "a server started in this shell";
    const std::uint64_t room = room_for_clients(limits.open_files);
    const std::string what = whose + " may open " + std::to_string(limits.open_files) +
                             " files, room for some " + std::to_string(room) + " clients";
    const std::string why = "Each client is an open file; who comes beyond gets error 4100.";
    const auto wanted = wanted_connections(settings);
    if (wanted && *wanted > room) {
        return warning(
            area,
            what + "; the apps may have " + std::to_string(*wanted) + " (max_connections)",
            why,
            fix_of_files
        );
    }
    if (wanted || limits.open_files >= good_limit) return ok(area, what);
    if (limits.open_files <= usual_limit) return warning(area, what, why, fix_of_files);
    return notice(area, what, why, fix_of_files);
}

}  // namespace

Findings judge_limits(const Limits& limits, const config::Settings& settings) {
    constexpr std::uint64_t good_queue = 1'024;
    Findings findings{judge_files(limits, settings)};
    if (limits.somaxconn && *limits.somaxconn < good_queue) {
        findings.push_back(notice(
            area,
            "net.core.somaxconn is " + std::to_string(*limits.somaxconn),
            "When all clients come back at once, the kernel turns away those beyond this queue.",
            "sysctl -w net.core.somaxconn=4096, and the same line in /etc/sysctl.d/fanfare.conf"
        ));
    }
    const auto& tracked = limits.tracked_connections;
    const auto& most = limits.max_tracked_connections;
    if (tracked && most && *tracked > *most / 10 * 8) {
        findings.push_back(warning(
            area,
            "the firewall tracks " + std::to_string(*tracked) + " of at most " +
                std::to_string(*most) + " connections",
            "Beyond that the kernel drops packets of new clients.",
            "sysctl -w net.netfilter.nf_conntrack_max=" + std::to_string(advice) +
                ", and the same line in /etc/sysctl.d/fanfare.conf"
        ));
    }
    return findings;
}

}  // namespace fanfare::doctor
