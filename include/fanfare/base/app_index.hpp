// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace fanfare {

/// A small number that stands for an app inside the process: equal on every shard.
using AppIndex = std::uint32_t;

}  // namespace fanfare
