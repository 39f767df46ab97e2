// SPDX-License-Identifier: MIT
#pragma once

#include "reverb/bus_message.hpp"

#include "fanfare/base/buffer.hpp"
#include "fanfare/channels/hub.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Between what a Hub publishes, which is a frame for each channel, and Reverb's messages, which
/// are an event for some channels.
namespace fanfare::cluster {

struct ReverbMessage {
    std::string bytes;
    std::vector<channels::Publication> publications;  ///< what it stands for
};

/// One message for neighbours that differ in nothing but the channel. Nothing if one of them cannot
/// be said on the bus. All are of `app`.
[[nodiscard]] std::optional<std::vector<ReverbMessage>> to_reverb(
    const reverb::ApplicationText& app, std::vector<channels::Publication> publications
);

/// The frame of another node's event.
[[nodiscard]] EncodedFrame frame_of(const reverb::BusEvent& event, std::string_view channel);

/// Delivers another node's event, `heard` when it came, to the subscribers of this Hub's shard;
/// cache channels keep it for `cache_time`.
void deliver_event(
    channels::Hub& hub,
    AppIndex app,
    const reverb::BusEvent& event,
    channels::CacheTime cache_time,
    Clock::TimePoint heard
);

}  // namespace fanfare::cluster
