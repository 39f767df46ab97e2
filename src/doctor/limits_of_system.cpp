// SPDX-License-Identifier: MIT
#include "limits.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <system_error>

namespace fanfare::doctor {

namespace {

namespace fs = std::filesystem;

std::optional<std::uint64_t> number_in(const char* file) {
    std::ifstream in(file);
    std::uint64_t number = 0;
    if (in >> number) return number;
    return std::nullopt;
}

/// `socket:[…]` of the sockets that listen on the port, as the links in /proc/PID/fd name them.
std::set<std::string> listening_sockets(std::uint16_t port) {
    constexpr const char* listening = "0A";
    std::set<std::string> sockets;
    for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        std::ifstream in(table);
        std::string line;
        std::getline(in, line);  // the heading
        while (std::getline(in, line)) {
            std::istringstream fields(line);
            std::string slot, local, remote, state, queues, timer, retries, user, timeout, inode;
            fields >> slot >> local >> remote >> state >> queues >> timer >> retries >> user >>
                timeout >> inode;
            const std::size_t colon = local.find(':');
            if (state != listening || colon == local.npos) continue;
            unsigned local_port = 0;
            std::from_chars(local.data() + colon + 1, local.data() + local.size(), local_port, 16);
            if (local_port == port) sockets.insert("socket:[" + inode + "]");
        }
    }
    return sockets;
}

bool has_one(const fs::path& process, const std::set<std::string>& sockets) {
    std::error_code denied;  // another user's; then it is not known
    for (const auto& descriptor : fs::directory_iterator(process / "fd", denied)) {
        const fs::path target = fs::read_symlink(descriptor.path(), denied);
        if (!denied && sockets.contains(target.string())) return true;
    }
    return false;
}

/// systemd may have the same socket, so the name counts too.
std::optional<int> find_server(std::uint16_t port) {
    const auto sockets = listening_sockets(port);
    if (sockets.empty()) return std::nullopt;
    std::error_code gone;
    for (const auto& process : fs::directory_iterator("/proc", gone)) {
        const std::string name = process.path().filename().string();
        int pid = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (error != std::errc() || end != name.data() + name.size()) continue;
        std::ifstream in(process.path() / "comm");
        std::string command;
        std::getline(in, command);
        if (command.starts_with("fanfare") && has_one(process.path(), sockets)) return pid;
    }
    return std::nullopt;
}

/// The hard limit of a process.
std::optional<std::uint64_t> file_limit_of(int pid) {
    constexpr std::string_view heading = "Max open files";
    std::ifstream in("/proc/" + std::to_string(pid) + "/limits");
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with(heading)) continue;
        std::istringstream numbers(line.substr(heading.size()));
        std::uint64_t soft = 0;
        std::uint64_t hard = 0;
        if (numbers >> soft >> hard) return hard;
    }
    return std::nullopt;
}

}  // namespace

Limits read_limits(std::uint16_t port) {
    Limits limits;
    rlimit own{};
    if (::getrlimit(RLIMIT_NOFILE, &own) == 0) limits.open_files = own.rlim_max;
    const auto pid = find_server(port);
    const auto files = pid ? file_limit_of(*pid) : std::nullopt;
    if (files) {
        limits.pid = pid;
        limits.open_files = *files;
    }
    const auto most = number_in("/proc/sys/fs/nr_open");  // what "unlimited" amounts to
    if (most) limits.open_files = std::min(limits.open_files, *most);
    limits.somaxconn = number_in("/proc/sys/net/core/somaxconn");
    limits.tracked_connections = number_in("/proc/sys/net/netfilter/nf_conntrack_count");
    limits.max_tracked_connections = number_in("/proc/sys/net/netfilter/nf_conntrack_max");
    return limits;
}

}  // namespace fanfare::doctor
