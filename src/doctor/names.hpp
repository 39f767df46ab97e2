// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/ip_address.hpp"
#include "fanfare/doctor/finding.hpp"

#include <string>
#include <vector>

namespace fanfare::doctor {

/// What the name service says of a host.
struct Resolved {
    std::string host;
    std::vector<IpAddress> addresses;
    std::string trouble;  ///< why there are none
};

[[nodiscard]] Resolved resolve(const std::string& host);

/// `127.0.0.0/8` and `::1`.
[[nodiscard]] bool is_loopback(const IpAddress& address);

/// The same, of a name or an address.
[[nodiscard]] bool is_loopback_host(const std::string& host);

/// `is_for_browsers`: others than this machine have to find it. `is_local_app`: its developer is
/// the only one (APP_ENV).
[[nodiscard]] Finding judge_name(const Resolved& resolved, bool is_for_browsers, bool is_local_app);

}  // namespace fanfare::doctor
