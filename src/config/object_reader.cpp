// SPDX-License-Identifier: MIT
#include "object_reader.hpp"

namespace fanfare::config {

namespace {

std::optional<Value> parse_array(const Rule& rule, const Json& given) {
    if (!given.is_array()) return std::nullopt;
    std::vector<std::string> items;
    for (const Json& item : given) {
        if (!item.is_string()) return std::nullopt;
        items.push_back(item.get<std::string>());
    }
    return parse_items(rule, std::move(items));
}

}  // namespace

std::optional<Value> parse_json(const Rule& rule, const Json& given) {
    switch (rule.kind) {
        case Kind::text:  // may be an integer: ids are often written so
            if (given.is_number_integer()) return parse_text(rule, given.dump());
            [[fallthrough]];
        case Kind::choice:
            if (!given.is_string()) return std::nullopt;
            return parse_text(rule, given.get_ref<const std::string&>());
        case Kind::boolean:
            if (!given.is_boolean()) return std::nullopt;
            return given.get<bool>();
        case Kind::number:
            if (!given.is_number_integer()) return std::nullopt;
            return parse_text(rule, given.dump());
        case Kind::list:
            return parse_array(rule, given);
    }
    return std::nullopt;
}

}  // namespace fanfare::config
