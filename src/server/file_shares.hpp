// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace spdlog {
class logger;
}

namespace fanfare::server {

/// Who may have how many of the process's descriptors.
struct FileShares {
    std::uint32_t sessions;
    std::uint32_t guests_of_shard;  ///< connections without a session; see transport::Reactor
};

[[nodiscard]] FileShares share_out(std::uint32_t files, unsigned shards);

/// Raises the soft limit for open files to the hard one and returns it.
std::uint32_t raise_file_limit(spdlog::logger& log);

}  // namespace fanfare::server
