// SPDX-License-Identifier: MIT
#include "fanfare/base/log.hpp"

#include "fanfare/base/signals.hpp"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>

namespace fanfare {

namespace {

constexpr std::size_t queued_lines = 8'192;
constexpr std::size_t writer_threads = 1;

/// An async logger refers to its thread pool only weakly, so the two are kept together. The pool
/// ends first: it writes what is queued and joins its thread, which still uses the logger's sink.
struct LogParts {
    std::shared_ptr<spdlog::async_logger> logger;
    std::shared_ptr<spdlog::details::thread_pool> pool;
};

}  // namespace

std::shared_ptr<spdlog::logger> make_log(bool debug) {
    const auto parts = std::make_shared<LogParts>();
    parts->pool =
        std::make_shared<spdlog::details::thread_pool>(queued_lines, writer_threads, block_signals);
    parts->logger = std::make_shared<spdlog::async_logger>(
        "fanfare",
        std::make_shared<spdlog::sinks::stdout_color_sink_mt>(),
        parts->pool,
        spdlog::async_overflow_policy::overrun_oldest
    );
    spdlog::logger* log = parts->logger.get();
    log->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%l%$ %v");
    log->set_level(debug ? spdlog::level::debug : spdlog::level::info);
    log->flush_on(spdlog::level::info);
    return {parts, log};  // the logger, with the parts as its owner
}

}  // namespace fanfare
