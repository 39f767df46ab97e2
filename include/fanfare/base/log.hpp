// SPDX-License-Identifier: MIT
#pragma once

#include <spdlog/logger.h>

#include <memory>

namespace fanfare {

/// The daemon's log: lines on standard output, written by a thread of its own, so that no shard
/// waits for a slow pipe. When that thread falls behind, the oldest lines give way. The logger ends
/// with its last owner, after having written what was queued.
[[nodiscard]] std::shared_ptr<spdlog::logger> make_log(bool debug);

}  // namespace fanfare
