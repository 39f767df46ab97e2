// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>

namespace fanfare {

/// Where random 64-bit numbers come from; passed in, so that tests can choose them.
using RandomSource = std::function<std::uint64_t()>;

/// Numbers from OpenSSL's CSPRNG, drawn in batches. The source belongs to one shard.
[[nodiscard]] RandomSource make_secure_random();

}  // namespace fanfare
