// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"
#include "fanfare/doctor/finding.hpp"

#include <cstdint>
#include <optional>

namespace fanfare::doctor {

/// What the system grants.
struct Limits {
    std::uint64_t open_files = 0;  ///< the hard limit, to which the server raises its own
    std::optional<int> pid;        ///< of the server, whose limit it is; else this process's
    std::optional<std::uint64_t> somaxconn;
    std::optional<std::uint64_t> tracked_connections;  ///< of nf_conntrack, if it is there
    std::optional<std::uint64_t> max_tracked_connections;
};

/// `port`: that of the server, by which it is found.
[[nodiscard]] Limits read_limits(std::uint16_t port);

[[nodiscard]] Findings judge_limits(const Limits& limits, const config::Settings& settings);

}  // namespace fanfare::doctor
