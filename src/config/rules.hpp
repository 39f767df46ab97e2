// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/table.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// What the rows of the table are made of: the rules, and the way from a row to its field.
namespace fanfare::config {

constexpr Rule boolean{.kind = Kind::boolean, .noun = "a switch"};
constexpr Rule list{.kind = Kind::list, .noun = "a list"};

constexpr Rule number(std::string_view noun, std::uint64_t min, std::uint64_t max) {
    return {.kind = Kind::number, .noun = noun, .min = min, .max = max};
}

constexpr Rule seconds(std::uint64_t min, std::uint64_t max) {
    return number("a number of seconds", min, max);
}

constexpr Rule milliseconds(std::uint64_t min, std::uint64_t max) {
    return number("a number of milliseconds", min, max);
}

constexpr Rule bytes(std::uint64_t min, std::uint64_t max) {
    return number("a number of bytes", min, max);
}

constexpr Rule choice(std::string_view noun, std::span<const std::string_view> words) {
    return {.kind = Kind::choice, .noun = noun, .choices = words};
}

using Normalise = std::optional<std::string> (*)(std::string_view);

constexpr Rule list_of(std::string_view expected, Normalise normalise) {
    return {.kind = Kind::list, .noun = "a list", .expected = expected, .normalise = normalise};
}

constexpr Rule text(std::string_view noun, std::string_view expected, Normalise normalise) {
    return {.kind = Kind::text, .noun = noun, .expected = expected, .normalise = normalise};
}

std::optional<std::string> any_text(std::string_view text);
std::optional<std::string> non_empty(std::string_view text);
/// A host name or an address.
std::optional<std::string> host_name(std::string_view text);
std::optional<std::string> host_name_or_empty(std::string_view text);
/// `ws`, `/ws` and `/ws/` become `/ws`; `/` becomes empty.
std::optional<std::string> path_prefix(std::string_view text);
/// Part of a URL's path, of a signature (`key:signature`) and of log lines.
std::optional<std::string> credential(std::string_view text);
/// A host name, an address, or the absolute path of a Unix socket.
std::optional<std::string> host_or_socket(std::string_view text);
std::optional<std::string> redis_url_or_empty(std::string_view text);
/// `host:port`.
std::optional<std::string> address_or_empty(std::string_view text);
/// An IP address, or a network as `address/bits`.
std::optional<std::string> ip_network(std::string_view text);
/// A table's name, perhaps with its schema's.
std::optional<std::string> table_name(std::string_view text);
/// `key:secret`.
std::optional<std::string> key_and_secret(std::string_view text);

constexpr std::uint64_t gibibyte = std::uint64_t{1} << 30U;
constexpr std::uint64_t day = 86'400;
constexpr std::uint64_t any_count = 0xFFFF'FFFF;

template <class Field>
struct OptionalField : std::false_type {};

template <class Field>
struct OptionalField<std::optional<Field>> : std::true_type {};

template <class Field>
constexpr bool is_numbered =
    (std::integral<Field> && !std::same_as<Field, bool>) || std::is_enum_v<Field>;

template <class Field>
struct DurationField : std::false_type {};

template <class Rep, class Period>
struct DurationField<std::chrono::duration<Rep, Period>> : std::true_type {};

template <class Field>
Value to_value(const Field& field) {
    if constexpr (OptionalField<Field>::value) {
        return field ? to_value(*field) : Value{};
    } else if constexpr (DurationField<Field>::value) {
        return static_cast<std::uint64_t>(field.count());
    } else if constexpr (is_numbered<Field>) {
        return static_cast<std::uint64_t>(field);
    } else {
        return field;
    }
}

template <class Field>
Field to_field(const Value& value) {
    if constexpr (OptionalField<Field>::value) {
        if (std::holds_alternative<std::monostate>(value)) return std::nullopt;
        return to_field<typename Field::value_type>(value);
    } else if constexpr (DurationField<Field>::value) {
        return Field{static_cast<typename Field::rep>(std::get<std::uint64_t>(value))};
    } else if constexpr (is_numbered<Field>) {
        return static_cast<Field>(std::get<std::uint64_t>(value));
    } else {
        return std::get<Field>(value);
    }
}

template <auto First, auto... Rest>
constexpr auto& member(auto& object) {
    if constexpr (sizeof...(Rest) == 0) {
        return object.*First;
    } else {
        return member<Rest...>(object.*First);
    }
}

/// The row of the field that `Path` leads to from `Root`.
template <class Root, auto... Path>
constexpr Setting<Root> row(const Description& about) {
    return {
        .about = about,
        .get = [](const Root& root) { return to_value(member<Path...>(root)); },
        .set =
            [](Root& root, const Value& value) {
                auto& field = member<Path...>(root);
                field = to_field<std::remove_reference_t<decltype(field)>>(value);
            },
    };
}

}  // namespace fanfare::config
