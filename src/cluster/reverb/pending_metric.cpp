// SPDX-License-Identifier: MIT
#include "pending_metric.hpp"

#include "php_value.hpp"
#include "php_writer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace fanfare::cluster::reverb {

namespace {

constexpr std::string_view metric_class = "Laravel\\Reverb\\Protocols\\Pusher\\PendingMetric";
constexpr std::string_view type_enum = "Laravel\\Reverb\\Protocols\\Pusher\\MetricType";

struct TypeName {
    MetricType type;
    std::string_view name;
};

constexpr std::array type_names{
    TypeName{MetricType::channels, "CHANNELS"},
    TypeName{MetricType::channel, "CHANNEL"},
    TypeName{MetricType::channel_users, "CHANNEL_USERS"},
    TypeName{MetricType::connections, "CONNECTIONS"},
};

std::string_view name_of(MetricType type) {
    return std::ranges::find(type_names, type, &TypeName::type)->name;
}

void write_optional(PhpWriter& writer, const std::optional<std::string>& text) {
    if (text) {
        writer.string(*text);
    } else {
        writer.null();
    }
}

void write_channels_options(PhpWriter& writer, const Metric& metric) {
    writer.begin_array(2);
    if (!metric.listed) {
        writer.string("filter");
        write_optional(writer, metric.filter);
        writer.string("info");
        write_optional(writer, metric.info);
    } else {
        writer.string("info");
        write_optional(writer, metric.info);
        writer.string("channels");
        writer.strings(*metric.listed);
    }
    writer.end();
}

void write_options(PhpWriter& writer, const Metric& metric) {
    switch (metric.type) {
        case MetricType::channels:
            return write_channels_options(writer, metric);
        case MetricType::channel:
            writer.begin_array(2);
            writer.string("channel");
            writer.string(metric.channel);
            writer.string("info");
            writer.string(metric.info.value_or(""));
            return writer.end();
        case MetricType::channel_users:
            writer.begin_array(1);
            writer.string("channel");
            writer.string(metric.channel);
            return writer.end();
        case MetricType::connections:
            writer.begin_array(0);
            return writer.end();
    }
}

std::optional<std::string> owned_string(std::string_view raw) {
    const auto text = php_string(raw);
    if (!text) return std::nullopt;
    return std::string(*text);
}

std::optional<MetricType> read_type(std::string_view raw) {
    const auto value = PhpValue::parse(raw);
    if (!value || value->type() != PhpType::enum_case) return std::nullopt;
    std::string_view name = value->text();
    if (!name.starts_with(type_enum)) return std::nullopt;
    name.remove_prefix(type_enum.size());
    if (!name.starts_with(':')) return std::nullopt;
    const auto* const found = std::ranges::find(type_names, name.substr(1), &TypeName::name);
    if (found == type_names.end()) return std::nullopt;
    return found->type;
}

/// False if it is there and no array of strings.
bool read_list(std::string_view raw, std::optional<std::vector<std::string>>& list) {
    if (raw.empty()) return true;
    const auto array = PhpValue::parse(raw);
    if (!array || array->type() != PhpType::array) return false;
    list.emplace();
    for (const PhpMember& member : array->members()) {
        auto item = owned_string(member.value);
        if (!item) return false;
        list->push_back(*std::move(item));
    }
    return true;
}

/// False if the type's options are not there. A `filter` or `info` of another type is none.
bool read_options(std::string_view raw, Metric& metric) {
    const auto options = PhpValue::parse(raw);
    if (!options || options->type() != PhpType::array) return false;
    metric.filter = owned_string(options->find("filter"));
    metric.info = owned_string(options->find("info"));
    const auto channel = owned_string(options->find("channel"));
    if (channel) metric.channel = *channel;
    switch (metric.type) {
        case MetricType::channels:
            return read_list(options->find("channels"), metric.listed);
        case MetricType::channel:
        case MetricType::channel_users:
            return channel.has_value();
        case MetricType::connections:
            return true;
    }
    return false;
}

}  // namespace

std::string make_metric_key(const RandomSource& random) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string key;
    for (int i = 0; i < 10; ++i) key += alphabet[random() % alphabet.size()];
    return key;
}

bool is_metric_key(std::string_view key) {
    constexpr std::size_t longest = 64;
    const auto is_alphanumeric = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    };
    return !key.empty() && key.size() <= longest && std::ranges::all_of(key, is_alphanumeric) &&
           key != "message" && key != "terminate" && key != "metrics";
}

std::string serialize_metric(
    std::string_view key, const ApplicationText& application, const Metric& metric
) {
    PhpWriter writer;
    writer.begin_object(metric_class, 6);
    writer.protected_property("subscribers");
    writer.null();
    writer.protected_property("data");
    writer.begin_array(0);
    writer.end();
    writer.protected_property("key");
    writer.string(key);
    writer.protected_property("application");
    writer.serialized(application.serialized());
    writer.protected_property("type");
    writer.enum_case(type_enum, name_of(metric.type));
    writer.protected_property("options");
    write_options(writer, metric);
    writer.end();
    return std::move(writer).take();
}

std::optional<PendingMetric> read_metric(std::string_view serialized) {
    const auto object = PhpValue::parse(serialized);
    if (!object || object->type() != PhpType::object) return std::nullopt;
    if (object->text() != metric_class) return std::nullopt;
    auto key = owned_string(object->find_protected("key"));
    auto app_id = application_id(object->find_protected("application"));
    const auto type = read_type(object->find_protected("type"));
    if (!key || !is_metric_key(*key) || !app_id || !type) return std::nullopt;

    PendingMetric pending{*std::move(key), *std::move(app_id), {}};
    pending.metric.type = *type;
    if (!read_options(object->find_protected("options"), pending.metric)) return std::nullopt;
    return pending;
}

}  // namespace fanfare::cluster::reverb
