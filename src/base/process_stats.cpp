// SPDX-License-Identifier: MIT
#include "fanfare/base/process_stats.hpp"

#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

namespace fanfare {

namespace {

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The fields of /proc/self/stat from the third on; the second is a name that may have blanks.
std::vector<std::string> stat_fields() {
    const std::string stat = read_file("/proc/self/stat");
    const std::size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos) return {};
    std::istringstream rest(stat.substr(name_end + 1));
    return {std::istream_iterator<std::string>(rest), std::istream_iterator<std::string>()};
}

std::uint64_t number(const std::string& text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::uint64_t resident_in(const std::vector<std::string>& fields) {
    return number(fields[21]) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

double seconds_of(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// As of the first question, since the clock may be set later. Not by /proc/stat, which a service
/// with ProcSubset=pid does not see.
double start_unix_seconds(double seconds_after_boot) {
    static const double start =
        seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME) + seconds_after_boot;
    return start;
}

std::uint64_t count_open_files() {
    std::error_code error;
    std::filesystem::directory_iterator files("/proc/self/fd", error);
    if (error) return 0;
    // One of them is that of the folder itself.
    return static_cast<std::uint64_t>(std::distance(begin(files), end(files))) - 1;
}

}  // namespace

std::uint64_t memory_limit_of_group(
    const std::string& membership, const std::filesystem::path& hierarchy
) {
    std::uint64_t lowest = std::numeric_limits<std::uint64_t>::max();
    std::istringstream lines(membership);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("0::/")) continue;  // version 2 of control groups only
        for (std::filesystem::path group = line.substr(3);; group = group.parent_path()) {
            // "max", or no file, where there is no limit.
            const std::string file = hierarchy.string() + group.string() + "/memory.max";
            const std::uint64_t limit = number(read_file(file));
            if (limit != 0) lowest = std::min(lowest, limit);
            if (group == "/") break;
        }
    }
    return lowest;
}

ProcessStats read_process_stats() {
    ProcessStats stats;
    const std::vector<std::string> fields = stat_fields();
    // By proc(5): 14 utime, 15 stime, 22 starttime, 23 vsize, 24 rss; the first one here is 3.
    if (fields.size() > 21) {
        const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
        stats.cpu_seconds = static_cast<double>(number(fields[11]) + number(fields[12])) / ticks;
        stats.start_unix_seconds =
            start_unix_seconds(static_cast<double>(number(fields[19])) / ticks);
        stats.virtual_bytes = number(fields[20]);
        stats.resident_bytes = resident_in(fields);
    }
    stats.open_files = count_open_files();
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) stats.max_files = limit.rlim_cur;
    return stats;
}

std::uint64_t resident_memory() {
    const std::vector<std::string> fields = stat_fields();
    return fields.size() > 21 ? resident_in(fields) : 0;
}

std::uint64_t available_memory() {
    struct sysinfo machine {};

    std::uint64_t bytes = std::numeric_limits<std::uint64_t>::max();
    if (::sysinfo(&machine) == 0) bytes = std::uint64_t{machine.totalram} * machine.mem_unit;
    return std::min(bytes, memory_limit_of_group(read_file("/proc/self/cgroup"), "/sys/fs/cgroup"));
}

}  // namespace fanfare
