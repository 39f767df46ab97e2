// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

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

/// ProcessStats::resident_bytes alone, which is cheap however many files are open.
[[nodiscard]] std::uint64_t resident_memory();

}  // namespace fanfare
