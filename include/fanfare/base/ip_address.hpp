// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace fanfare {

/// An IPv4 or IPv6 address. One of IPv4 is kept as the IPv6 address that stands for it
/// (`::ffff:a.b.c.d`), so it is the same whichever kind of socket it came through.
class IpAddress {
public:
    using V4Bytes = std::array<std::uint8_t, 4>;
    using V6Bytes = std::array<std::uint8_t, 16>;
    static constexpr unsigned bits = 128;

    /// `::`, which is nobody's.
    IpAddress() = default;

    explicit IpAddress(const V6Bytes& bytes) : bytes_(bytes) {}

    explicit IpAddress(const V4Bytes& bytes);

    /// Nothing unless `text` is an address and no more than that.
    [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);

    [[nodiscard]] bool is_v4() const;

    /// The network of the first `prefix` bits: all others are zero.
    [[nodiscard]] IpAddress network(unsigned prefix) const;

    [[nodiscard]] std::string to_string() const;

    [[nodiscard]] const V6Bytes& bytes() const { return bytes_; }

    bool operator==(const IpAddress&) const = default;

private:
    V6Bytes bytes_{};
};

/// The addresses that begin like one: `10.0.0.0/8`, `2001:db8::/32`, or a single one.
class IpNetwork {
public:
    [[nodiscard]] static std::optional<IpNetwork> parse(std::string_view text);

    [[nodiscard]] bool contains(const IpAddress& address) const {
        return address.network(prefix_) == first_;
    }

private:
    IpNetwork(const IpAddress& address, unsigned prefix)
        : first_(address.network(prefix)), prefix_(prefix) {}

    IpAddress first_;
    unsigned prefix_;
};

}  // namespace fanfare

template <>
struct std::hash<fanfare::IpAddress> {
    std::size_t operator()(const fanfare::IpAddress& address) const noexcept;
};
