// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace fanfare::config {

/// The webhooks of an app from a JSON array, as the file's `webhooks` or soketi's. Throws
/// ConfigError, whose line begins with `where` and shows nothing that may be secret.
[[nodiscard]] std::vector<WebhookSettings> parse_webhooks(
    std::string_view json, const std::string& where
);

}  // namespace fanfare::config
