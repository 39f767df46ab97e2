// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fanfare::redis {

/// What Redis answers (RESP2).
struct Reply {
    enum class Kind : std::uint8_t { nil, status, error, integer, string, array };

    Kind kind = Kind::nil;
    std::int64_t integer = 0;
    std::string text;  ///< of a status, an error or a string
    std::vector<Reply> elements;

    [[nodiscard]] bool is_error() const { return kind == Kind::error; }
};

}  // namespace fanfare::redis
