// SPDX-License-Identifier: MIT
#pragma once

#include "store.hpp"

#include <string>

/// A Recording as the scripts take it.
namespace fanfare::cluster {

/// In milliseconds; empty if coming and going is not recorded.
[[nodiscard]] inline std::string debounce_of(const Recording& recording) {
    return recording.transitions ? std::to_string(recording.transitions->count()) : std::string();
}

[[nodiscard]] inline std::string counting_of(const Recording& recording) {
    return std::string(recording.counts ? "t" : "") + (recording.counts_to_all ? "m" : "");
}

/// A CountMessage without its number, which the script adds.
[[nodiscard]] inline std::string count_prefix() {
    std::string message = encode(CountMessage{});
    message.resize(message.size() - 4);
    return message;
}

}  // namespace fanfare::cluster
