// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"

#include <cstdint>
#include <string>

namespace fanfare::webhooks {

/// One webhook of one app, with what its requests need.
struct Endpoint {
    std::uint64_t id = 0;  ///< stays over a change of settings
    std::string app_id;
    std::string key;
    std::string secret;
    config::WebhookSettings webhook;
    config::WebhookDelivery delivery;
};

}  // namespace fanfare::webhooks
