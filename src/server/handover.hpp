// SPDX-License-Identifier: MIT
#pragma once

#include "descriptor_pipe.hpp"
#include "shard.hpp"

#include "fanfare/server/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/types.h>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spdlog {
class logger;
}

namespace fanfare::server {

/// Tells a process that it is to take the place of the one at the other end of this descriptor.
inline constexpr const char* handover_variable = "_FANFARE_HANDOVER_FD";

/// What it answers to a snapshot, unless it says what is wrong.
inline constexpr std::string_view taken_over = "taken over";

/// Puts another process in the place of this one, and the clients notice nothing.
///
///     start it ──ready──▶ settle ──▶ stand still ──snapshot──▶ it has taken over ──▶ gone
///        └──────────────────┴─────────────┴── it fails: this one goes on, nothing is lost
///
/// Until it has said that it has taken over, the other process touches no client. On the main
/// thread.
class Handover {
public:
    struct Context {
        boost::asio::io_context& context;
        Common& common;
        std::span<const std::unique_ptr<Shard>> shards;
        /// To let go of addresses and paths that the other one needs.
        std::function<void(pid_t)> let_go;
        /// It has taken over, and is called so: to end, without touching a client any more.
        std::function<void(pid_t)> gone;
    };

    /// Told why this process goes on; empty: it is gone.
    using Done = std::function<void(const std::string&)>;

    Handover(Context context, const Successor& successor, Done done);
    ~Handover();
    Handover(const Handover&) = delete;
    Handover& operator=(const Handover&) = delete;

    /// This process goes on, unless it is gone already.
    void call_off(const std::string& why);

private:
    void start(const Successor& successor);
    void wait_until_ready();
    void wait_for_end(int tries);
    void end_successor();
    void ask(Shard::Phase phase, std::function<void(bool)> done);
    void settle(int tries);
    void pause(int tries);
    void stand_still();
    [[nodiscard]] bool has_mail() const;
    void pass();
    Context context_;
    Done done_;
    pid_t successor_ = 0;  // 0: there is none any longer, or it is not ours to end
    bool is_over_ = false;
    std::optional<DescriptorPipe> pipe_;
    boost::asio::posix::stream_descriptor waiting_;  // a copy of the pipe's
    boost::asio::steady_timer timer_;
    std::optional<std::promise<void>> going_on_;  // while the shards stand still
};

}  // namespace fanfare::server
