// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace fanfare::apps {

/// Whether a connection whose `Origin` header is `origin` (empty if there was none) may be opened,
/// by the patterns of `allowed_origins` (protocol.md 1.8). `*` alone allows everything; otherwise a
/// pattern is matched against the origin's host, or, if the pattern has a scheme or a port itself,
/// against those too. `*` inside a pattern matches any run of characters. Case does not matter.
[[nodiscard]] bool is_origin_allowed(
    std::span<const std::string> patterns, std::string_view origin
);

}  // namespace fanfare::apps
