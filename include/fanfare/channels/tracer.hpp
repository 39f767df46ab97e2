// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/app_index.hpp"
#include "fanfare/protocol/socket_id.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::channels {

/// What happens to a connection or in a channel, for operators who watch it. One per shard, used by
/// its thread. As long as nobody watches, it costs one comparison per event, not per subscriber.
class Tracer {
public:
    /// `what` in the words of the log; `payload` is for those only who have asked to see it.
    struct Event {
        AppIndex app;
        std::optional<protocol::SocketId> socket_id;  ///< nothing: of the channel as a whole
        std::string_view channel;                     ///< empty: of the connection as a whole
        std::string_view what;
        std::string_view payload;
    };

    /// What somebody wants to hear of; all that is given has to match.
    struct Wish {
        std::optional<AppIndex> app;
        std::optional<protocol::SocketId> socket_id;
        std::string channel;  ///< empty: any, and none

        [[nodiscard]] bool covers(const Event& event) const;
    };

    using Tell = std::function<void(const Event&)>;

    void add(std::uint64_t id, Wish wish, Tell tell);
    void remove(std::uint64_t id);

    [[nodiscard]] bool is_on() const { return !watchers_.empty(); }

    /// Whether somebody watches this connection by its name.
    [[nodiscard]] bool watches(protocol::SocketId socket_id) const;

    void tell(const Event& event) const;

private:
    struct Watcher {
        std::uint64_t id;
        Wish wish;
        Tell tell;
    };

    std::vector<Watcher> watchers_;
};

}  // namespace fanfare::channels
