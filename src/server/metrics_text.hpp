// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/counters.hpp"
#include "fanfare/webhooks/dispatcher.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace fanfare::server {

/// All counters in Prometheus' text format (version 0.0.4).
[[nodiscard]] std::string prometheus_text(
    const std::function<std::uint64_t(Counter)>& total_of, const webhooks::Counters& webhooks
);

}  // namespace fanfare::server
