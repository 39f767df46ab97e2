// SPDX-License-Identifier: MIT
#include "fanfare/base/log.hpp"

#include "fanfare/base/log_line.hpp"
#include "fanfare/base/signals.hpp"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>

namespace fanfare {

namespace {

constexpr std::size_t queued_lines = 8'192;
constexpr std::size_t writer_threads = 1;

/// Formats a message's own text; the rest is spdlog's, colours included.
class LineForPeople final : public spdlog::custom_flag_formatter {
public:
    void format(
        const spdlog::details::log_msg& message, const std::tm& /*time*/, spdlog::memory_buf_t& out
    ) override {
        const std::string line =
            log_line_for_people({message.payload.data(), message.payload.size()});
        out.append(line.data(), line.data() + line.size());
    }

    [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<LineForPeople>();
    }
};

class LineAsJson final : public spdlog::formatter {
public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
        using std::chrono::duration_cast;
        using std::chrono::milliseconds;
        const auto level = spdlog::level::to_string_view(message.level);
        std::string line = log_line_as_json(
            {message.payload.data(), message.payload.size()},
            {level.data(), level.size()},
            duration_cast<milliseconds>(message.time.time_since_epoch())
        );
        line.push_back('\n');
        out.append(line.data(), line.data() + line.size());
    }

    [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<LineAsJson>();
    }
};

std::unique_ptr<spdlog::formatter> formatter_for(bool as_json) {
    if (as_json) return std::make_unique<LineAsJson>();
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<LineForPeople>('*').set_pattern("%Y-%m-%d %H:%M:%S.%e %^%l%$ %*");
    return formatter;
}

/// An async logger refers to its thread pool only weakly, so the two are kept together. The pool
/// ends first: it writes what is queued and joins its thread, which still uses the logger's sink.
struct LogParts {
    std::shared_ptr<spdlog::async_logger> logger;
    std::shared_ptr<spdlog::details::thread_pool> pool;
};

}  // namespace

std::shared_ptr<spdlog::logger> make_log(const LogOptions& options) {
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
    log->set_formatter(formatter_for(options.as_json));
    log->set_level(options.debug ? spdlog::level::debug : spdlog::level::info);
    log->flush_on(spdlog::level::info);
    return {parts, log};  // the logger, with the parts as its owner
}

}  // namespace fanfare
