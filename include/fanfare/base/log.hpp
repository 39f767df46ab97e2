// SPDX-License-Identifier: MIT
#pragma once

#include <spdlog/logger.h>

#include <memory>

namespace fanfare {

struct LogOptions {
    bool debug = false;
    bool as_json = false;  ///< one object a line, for programs
};

/// The daemon's log: lines on standard output, written by a thread of its own, so that no shard
/// waits for a slow pipe. When that thread falls behind, the oldest lines give way. The logger ends
/// with its last owner, after having written what was queued.
///
/// Lines are written in the manner of LogLine: what happened, then fields. What comes from outside
/// has gone through log_text().
[[nodiscard]] std::shared_ptr<spdlog::logger> make_log(const LogOptions& options);

}  // namespace fanfare
