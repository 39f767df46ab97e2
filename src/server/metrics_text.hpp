// SPDX-License-Identifier: MIT
#pragma once

#include "prometheus_text.hpp"
#include "stats.hpp"

#include <string>

namespace fanfare::server {

/// All there is to know in Prometheus' text format; docs/metrics.md says what it means. With
/// soketi's names as well, if they are wanted.
[[nodiscard]] std::string metrics_text(const Stats& stats, bool has_soketi_names);

/// The same numbers under the names and labels that soketi's dashboards ask for.
void append_soketi_metrics(PrometheusText& text, const Stats& stats);

}  // namespace fanfare::server
