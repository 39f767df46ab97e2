// SPDX-License-Identifier: MIT
#include "fanfare/webhooks/filter.hpp"

#include <algorithm>

namespace fanfare::webhooks {

namespace {

bool takes_name(const config::WebhookSettings& webhook, std::string_view event) {
    const auto& names = webhook.events;
    return names.empty() || std::find(names.begin(), names.end(), event) != names.end();
}

}  // namespace

bool takes(
    const config::WebhookSettings& webhook, std::string_view event, std::string_view channel
) {
    return takes_name(webhook, event) && channel.starts_with(webhook.channel_prefix) &&
           channel.ends_with(webhook.channel_suffix);
}

bool wants(std::span<const config::WebhookSettings> webhooks, std::string_view event) {
    return std::any_of(webhooks.begin(), webhooks.end(), [event](const auto& webhook) {
        return takes_name(webhook, event);
    });
}

}  // namespace fanfare::webhooks
