// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace fanfare::config {

/// Whether `text` is `http[s]://[user[:password]@]host[:port][/path][?query]`.
[[nodiscard]] bool is_http_url(std::string_view text);

/// A URL, right or wrong, as it may be shown: without user and password and without the query,
/// where receivers like to have a token.
[[nodiscard]] std::string shown_url(std::string_view url);

}  // namespace fanfare::config
