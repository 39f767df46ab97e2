// SPDX-License-Identifier: MIT
#include "file_shares.hpp"

#include "fanfare/webhooks/dispatcher.hpp"

#include <spdlog/logger.h>
#include <sys/resource.h>

#include <algorithm>
#include <utility>

namespace fanfare::server {

/// A small part is for the process itself: listeners, event loops, log, the demo's files, webhooks.
FileShares share_out(std::uint32_t files, unsigned shards) {
    const auto requests = static_cast<std::uint32_t>(webhooks::Options{}.max_requests);
    const std::uint32_t own = std::min(files / 4, 32 + 8 * shards + requests);
    const std::uint32_t guests = std::max((files - own) / 8 / shards, 4U);
    return {files - own - std::min(guests * shards, files / 2), guests};
}

std::uint32_t raise_file_limit(spdlog::logger& log) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1'024;
    const rlim_t before = std::exchange(limit.rlim_cur, limit.rlim_max);
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
    log.info("open file limit={} was={}", limit.rlim_cur, before);
    return static_cast<std::uint32_t>(std::min<rlim_t>(limit.rlim_cur, 0xffff'ffff));
}

}  // namespace fanfare::server
