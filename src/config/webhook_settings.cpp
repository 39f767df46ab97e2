// SPDX-License-Identifier: MIT
#include "rules.hpp"

#include <array>

namespace fanfare::config {

namespace {

template <auto... Path>
constexpr Setting<WebhookSettings> webhook(const Description& about) {
    return row<WebhookSettings, Path...>(about);
}

constexpr Rule a_url = text("a URL", "a text", any_text);  // see check_webhooks
constexpr Rule a_part_of_a_name = text("part of a channel's name", "a text", any_text);

constexpr std::array webhook_rows{
    webhook<&WebhookSettings::url>({
        .key = "url",
        .rule = a_url,
        .doc = "Where the requests go; http or https.",
    }),
    webhook<&WebhookSettings::events>({
        .key = "events",
        .rule = list,
        .doc = "Names of the events it takes; empty = all.",
    }),
    webhook<&WebhookSettings::channel_prefix>({
        .key = "channel_prefix",
        .rule = a_part_of_a_name,
        .doc = "Only events of channels whose names begin so.",
    }),
    webhook<&WebhookSettings::channel_suffix>({
        .key = "channel_suffix",
        .rule = a_part_of_a_name,
        .doc = "Only events of channels whose names end so.",
    }),
    webhook<&WebhookSettings::events>({
        .key = "event_types",
        .rule = list,
        .doc = "soketi's name for events.",
    }),
    webhook<&WebhookSettings::channel_prefix>({
        .key = "filter.channel_name_starts_with",
        .rule = a_part_of_a_name,
        .doc = "soketi's name for channel_prefix.",
    }),
    webhook<&WebhookSettings::channel_suffix>({
        .key = "filter.channel_name_ends_with",
        .rule = a_part_of_a_name,
        .doc = "soketi's name for channel_suffix.",
    }),
};

}  // namespace

template <>
std::span<const Setting<WebhookSettings>> table<WebhookSettings>() {
    return webhook_rows;
}

}  // namespace fanfare::config
