// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"

#include <span>
#include <string_view>

namespace fanfare::webhooks {

/// Whether a webhook takes events of this name on this channel.
[[nodiscard]] bool takes(
    const config::WebhookSettings& webhook, std::string_view event, std::string_view channel
);

/// Whether any of an app's webhooks takes events of this name at all. Cheap, and for every thread
/// that has the app's settings: who is about to make an event asks here first.
[[nodiscard]] bool wants(std::span<const config::WebhookSettings> webhooks, std::string_view event);

}  // namespace fanfare::webhooks
