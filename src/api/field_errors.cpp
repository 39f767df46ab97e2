// SPDX-License-Identifier: MIT
#include "field_errors.hpp"

#include "fanfare/protocol/json.hpp"

#include <algorithm>

namespace fanfare::api {

void FieldErrors::add(const std::string& field, std::string_view fault) {
    std::string label = field;
    std::ranges::replace(label, '_', ' ');  // as Laravel shows attribute names
    std::string text = "The ";
    text.append(label).append(" field ").append(fault);
    faults_.emplace_back(field, std::move(text));
}

std::string FieldErrors::to_json() const {
    std::string json = "{";
    for (const auto& [field, text] : faults_) {
        if (json.size() > 1) json.push_back(',');
        protocol::append_json_string(json, field);
        json += ":[";
        protocol::append_json_string(json, text);
        json += "]";
    }
    return json + "}";
}

}  // namespace fanfare::api
