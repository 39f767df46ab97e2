// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <string>

namespace fanfare::config {

/// Environment variables, name to value.
using Environment = std::map<std::string, std::string, std::less<>>;

/// A copy of a process environment; `variables` is `environ`, ended by a null pointer.
Environment environment_of(const char* const* variables);

}  // namespace fanfare::config
