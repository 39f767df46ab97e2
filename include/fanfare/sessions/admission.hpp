// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/apps/app.hpp"
#include "fanfare/base/counters.hpp"
#include "fanfare/base/ip_address.hpp"
#include "fanfare/base/random.hpp"
#include "fanfare/protocol/errors.hpp"
#include "fanfare/sessions/address_counts.hpp"
#include "fanfare/sessions/session.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace fanfare::sessions {

/// What a client says when it connects.
struct Knock {
    std::string_view app_key;   ///< decoded
    std::string_view protocol;  ///< the query parameter
    bool has_protocol = false;
    std::string_view origin;  ///< empty if there was none
    bool is_secure = false;   ///< TLS ended before us; a client that pretends it harms only itself
    IpAddress address;        ///< the client's, as far as proxies are trusted to tell it
};

/// The sessions that the node may have, counted over all shards.
struct NodeLimits {
    apps::ConnectionCount& connections;
    std::uint32_t capacity;
    AddressCounts& addresses;
    std::uint32_t max_connections_per_ip;  ///< 0 = none
};

/// The door of a shard: decides who becomes a Session (protocol.md 1.3). A client that is refused
/// has been upgraded all the same, because a browser can read a close code but no HTTP status.
class Admission {
public:
    Admission(
        const SessionContext& context,
        apps::AppList& apps,
        RandomSource random,
        const NodeLimits& node
    );

    /// Null if refused; `link` is closing then.
    [[nodiscard]] std::unique_ptr<transport::MessageSink> admit(
        const Knock& knock, transport::MessageLink& link
    );

    /// Whom another process had let in stays in, whatever the limits are by now; but not in an app
    /// that is gone, for which it is null.
    [[nodiscard]] std::unique_ptr<Session> take_over(
        PassedSession passed, transport::MessageLink& link
    );

    /// From here on everybody is sent away with 4200, after having been kept waiting a little:
    /// pusher-js comes back at once after 4200, and would do so dozens of times a second.
    void close_door() { is_draining_ = true; }

private:
    struct Fault {
        protocol::Error error;
        Counter counter;
    };

    [[nodiscard]] std::optional<Fault> find_fault(const Knock& knock, const apps::App* app) const;
    [[nodiscard]] std::optional<AddressLease> acquire_address(const IpAddress& address);

    const SessionContext& context_;
    apps::AppList& apps_;
    RandomSource random_;
    NodeLimits node_;
    bool is_draining_ = false;
};

}  // namespace fanfare::sessions
