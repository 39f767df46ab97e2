// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace fanfare::config {

/// A configuration the server cannot start with. `what()` is one line that names the place, the
/// setting, the wrong value (masked if secret) and what is expected.
class ConfigError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// `text` fit for one line of output: control characters escaped, cut where it gets long.
std::string printable(std::string_view text);

/// A secret as it may be shown: its first two characters, or only `***` if it is short.
std::string masked(std::string_view secret);

}  // namespace fanfare::config
