// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace fanfare {

/// What the kernel says of this process (proc(5)). What it does not tell is 0.
struct ProcessStats {
    std::uint64_t resident_bytes = 0;
    std::uint64_t virtual_bytes = 0;
    double cpu_seconds = 0;         ///< user and system
    double start_unix_seconds = 0;  ///< since 1970
    std::uint64_t open_files = 0;
    std::uint64_t max_files = 0;
};

[[nodiscard]] ProcessStats read_process_stats();

/// The bytes that this process may use: those of its control group, or of the machine.
[[nodiscard]] std::uint64_t available_memory();

/// The lowest limit of the control groups (version 2) that one is in by `membership`, which is what
/// /proc/self/cgroup says. The highest number if there is none.
[[nodiscard]] std::uint64_t memory_limit_of_group(
    const std::string& membership, const std::filesystem::path& hierarchy
);

/// ProcessStats::resident_bytes alone, which is cheap however many files are open.
[[nodiscard]] std::uint64_t resident_memory();

}  // namespace fanfare
