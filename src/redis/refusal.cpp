// SPDX-License-Identifier: MIT
#include "refusal.hpp"

#include <algorithm>
#include <array>

namespace fanfare::redis {

namespace {

// TRYAGAIN: keys of one slot lie on two servers while it moves.
constexpr std::array<std::string_view, 8> codes{
    "MOVED", "ASK", "TRYAGAIN", "READONLY", "LOADING", "NOSCRIPT", "MASTERDOWN", "CLUSTERDOWN"};

}  // namespace

bool is_refusal(std::string_view error) {
    if (std::ranges::find(codes, error.substr(0, error.find(' '))) != codes.end()) return true;
    // What a script ran into, in the words of a Redis before 7.
    return error.starts_with("ERR Error running script") &&
           error.find("-READONLY ") != std::string_view::npos;
}

}  // namespace fanfare::redis
