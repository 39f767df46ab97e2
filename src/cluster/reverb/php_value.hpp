// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace fanfare::cluster::reverb {

/// Deepest nesting of arrays and objects that is read. A metric with an app in it has three levels.
inline constexpr unsigned max_php_depth = 64;

enum class PhpType { null, boolean, integer, real, string, array, object, enum_case };

/// A member of an array or a property of an object: the name's bytes (of an integer key its digits)
/// and the serialised value.
struct PhpMember {
    std::string_view name;
    std::string_view value;
};

/// A value in the format of PHP's serialize(), whose direct members are known by their exact bytes;
/// a nested one is parsed when its turn comes. Strict: one complete value in the form in which PHP
/// writes it. References (`r`, `R`) and classes with a serialiser of their own (`C`) are refused,
/// and so is everything that is none of PhpType.
///
/// All views point into the text that was parsed. The input decides how much memory is taken, its
/// counts do not; the nesting costs no stack.
class PhpValue {
public:
    [[nodiscard]] static std::optional<PhpValue> parse(std::string_view text);

    [[nodiscard]] PhpType type() const { return type_; }

    /// Of a string its bytes, of an object its class, of an enum case `Class:CASE`, of a number its
    /// digits.
    [[nodiscard]] std::string_view text() const { return text_; }

    [[nodiscard]] bool is_true() const { return integer_ != 0; }

    [[nodiscard]] std::int64_t integer() const { return integer_; }

    [[nodiscard]] double real() const { return real_; }

    [[nodiscard]] const std::vector<PhpMember>& members() const { return members_; }

    /// The value of a member, empty if there is none; of duplicate names the last counts.
    [[nodiscard]] std::string_view find(std::string_view name) const;

    /// The same for a protected property.
    [[nodiscard]] std::string_view find_protected(std::string_view name) const;

private:
    friend class PhpReader;

    PhpType type_ = PhpType::null;
    std::string_view text_;
    std::int64_t integer_ = 0;
    double real_ = 0;
    std::vector<PhpMember> members_;
};

/// The bytes of a serialised string; nothing if `raw` is not one (empty included).
[[nodiscard]] std::optional<std::string_view> php_string(std::string_view raw);

}  // namespace fanfare::cluster::reverb
