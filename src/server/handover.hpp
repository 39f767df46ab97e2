// SPDX-License-Identifier: MIT
#pragma once

#include "descriptor_pipe.hpp"
#include "shard.hpp"

#include "fanfare/cluster/bus.hpp"
#include "fanfare/server/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/types.h>

#include <chrono>
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

/// What it says before, unless it says what is wrong: that it can begin; that it listens.
inline constexpr std::string_view is_ready = "ready";
inline constexpr std::string_view is_attending = "attending";

/// Puts another process in the place of this one, and the clients notice nothing.
///
///     start it ──ready──▶ settle ──▶ stand still ──snapshot──▶ it has taken over ──▶ gone
///        └──────────────────┴─────────────┴── it fails: this one goes on, nothing is lost
///
/// In a cluster it listens, from before this process settles, to all that this one hears from the
/// other nodes, and is told what more there is once nothing comes in any more.
///
/// Until it has said that it has taken over, the other process touches no client. On the main
/// thread.
class Handover {
public:
    struct Context {
        boost::asio::io_context& context;
        Common& common;
        std::span<const std::unique_ptr<Shard>> shards;
        cluster::Bus* bus;  ///< null if the server is alone
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
    void wait_for_answer(
        std::string_view answer, std::chrono::seconds time, std::function<void()> next
    );
    void expect(std::chrono::seconds time, const char* otherwise);
    void attend(bool is_last);
    void catch_up();
    void wait_for_end(int tries);
    void end_successor();
    void ask(Shard::Phase phase, std::function<void(bool)> done);
    void settle(int tries);
    void begin_pause();
    void pause();
    void after_a_look(std::function<void()> next);
    void stand_still();
    void pause_again();
    [[nodiscard]] bool has_mail() const;
    void pass();

    /// `task`, for the bus to call: on the main thread, as long as this is there.
    template <typename... Arguments>
    std::function<void(Arguments...)> on_main_thread(std::function<void(Arguments...)> task);

    Context context_;
    Done done_;
    pid_t successor_ = 0;  // 0: there is none any longer, or it is not ours to end
    bool is_over_ = false;
    bool is_attended_ = false;  // the other process hears all that this one hears
    int looks_left_;            // for requests that are still coming in
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::optional<DescriptorPipe> pipe_;
    boost::asio::posix::stream_descriptor waiting_;  // a copy of the pipe's
    boost::asio::steady_timer timer_;
    boost::asio::steady_timer pause_timer_;
    std::optional<std::promise<void>> going_on_;  // while the shards stand still
};

}  // namespace fanfare::server
