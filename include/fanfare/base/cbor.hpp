// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>

#include <string>

/// Byte strings, which need be no UTF-8, in what is written as CBOR (RFC 8949, section 3.1).
namespace fanfare::cbor {

[[nodiscard]] inline nlohmann::json binary(const std::string& bytes) {
    return nlohmann::json::binary({bytes.begin(), bytes.end()});
}

/// Throws nlohmann::json::exception if it is none.
[[nodiscard]] inline std::string bytes_of(const nlohmann::json& value) {
    const auto& bytes = value.get_binary();
    return {bytes.begin(), bytes.end()};
}

}  // namespace fanfare::cbor
