// SPDX-License-Identifier: MIT
#include "fanfare/base/process_stats.hpp"

#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
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

double boot_unix_seconds() {
    std::ifstream stat("/proc/stat");
    for (std::string key, line; stat >> key; std::getline(stat, line)) {
        double seconds = 0;
        if (key == "btime" && stat >> seconds) return seconds;
    }
    return 0;
}

std::uint64_t count_open_files() {
    std::error_code error;
    std::filesystem::directory_iterator files("/proc/self/fd", error);
    if (error) return 0;
    // One of them is that of the folder itself.
    return static_cast<std::uint64_t>(std::distance(begin(files), end(files))) - 1;
}

}  // namespace

ProcessStats read_process_stats() {
    ProcessStats stats;
    const std::vector<std::string> fields = stat_fields();
    // By proc(5): 14 utime, 15 stime, 22 starttime, 23 vsize, 24 rss; the first one here is 3.
    if (fields.size() > 21) {
        const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
        stats.cpu_seconds = static_cast<double>(number(fields[11]) + number(fields[12])) / ticks;
        stats.start_unix_seconds =
            boot_unix_seconds() + static_cast<double>(number(fields[19])) / ticks;
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
    // "max", or no file, where there is no limit.
    const std::uint64_t limit = number(read_file("/sys/fs/cgroup/memory.max"));
    return limit == 0 ? bytes : std::min(bytes, limit);
}

}  // namespace fanfare
