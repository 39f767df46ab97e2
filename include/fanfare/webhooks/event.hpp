// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace fanfare::webhooks {

/// Something that happened on a channel, ready to be told.
struct Event {
    std::string name;  ///< one of the seven of protocol.md 6
    std::string channel;
    std::string json;          ///< as protocol::webhook_events makes it
    std::int64_t time_ms = 0;  ///< when it happened, since 1970
};

}  // namespace fanfare::webhooks
