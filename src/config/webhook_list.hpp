// SPDX-License-Identifier: MIT
#pragma once

#include "draft.hpp"

#include "fanfare/config/loader.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace fanfare::config {

/// Reads an app's `webhooks`: an array of objects as in the table, or as soketi has them; a webhook
/// that filters nothing may be its URL alone. `place` is the array's key, for complaints.
std::vector<WebhookSettings> read_webhooks(
    const nlohmann::json& given, const std::string& file_name, const std::string& place
);

/// Whether the URLs, events and headers of the webhooks are such; wherever they came from. Throws
/// ConfigError.
void check_webhooks(const Draft<AppSettings>& app);

/// The app's webhooks one by one, without what may be secret: of headers the names alone.
void add_webhook_origins(
    const Draft<AppSettings>& app, const std::string& prefix, std::vector<Origin>& origins
);

}  // namespace fanfare::config
