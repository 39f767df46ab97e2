// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>

#include <string>

/// What goes over the control socket: a line with a request, `{"command":"status","arguments":{}}`,
/// and one with the answer, `{"result":…}` or `{"error":"…"}`. A trace goes on after it, with a
/// line for each event, until one side closes.
namespace fanfare::control {

using Json = nlohmann::ordered_json;

struct Request {
    std::string command;
    Json arguments = Json::object();
};

inline constexpr std::size_t max_request_bytes = 16'777'216;  // an event may be large

}  // namespace fanfare::control
