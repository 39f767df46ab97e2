// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/ip_address.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

namespace fanfare::sessions {

class AddressLease;

/// Open sessions by the address of their client, over all shards. Any thread; a session touches it
/// when it begins and when it ends. An address without sessions is forgotten. One of IPv6 counts as
/// its /64, since that is what one customer gets to choose from.
class AddressCounts {
public:
    /// Nothing if the address has `limit` sessions already; at least one is let in.
    [[nodiscard]] std::optional<AddressLease> acquire(
        const IpAddress& address, std::uint32_t limit
    );

    /// Addresses that have sessions.
    [[nodiscard]] std::size_t size();

private:
    friend class AddressLease;

    using Map = std::unordered_map<IpAddress, std::uint32_t>;
    using Entry = Map::value_type;

    /// In parts, so that shards seldom wait for each other.
    struct Part {
        std::mutex mutex;
        Map open;
    };

    [[nodiscard]] Part& part_of(const IpAddress& address);
    void release(Entry& entry);

    std::array<Part, 16> parts_;
};

/// One session in the counts; gives its place back when it ends.
class [[nodiscard]] AddressLease {
public:
    /// Of a session that is not counted.
    AddressLease() = default;

    ~AddressLease() { release(); }

    AddressLease(AddressLease&& other) noexcept
        : counts_(std::exchange(other.counts_, nullptr)), entry_(other.entry_) {}

    AddressLease& operator=(AddressLease&&) = delete;

    /// Nothing if it is not counted.
    [[nodiscard]] std::optional<IpAddress> address() const {
        return counts_ == nullptr ? std::nullopt : std::optional(entry_->first);
    }

    /// Gives the place back before the end.
    void release();

private:
    friend class AddressCounts;

    AddressLease(AddressCounts& counts, AddressCounts::Entry& entry)
        : counts_(&counts), entry_(&entry) {}

    AddressCounts* counts_ = nullptr;
    AddressCounts::Entry* entry_ = nullptr;  // a map keeps its entries where they are
};

}  // namespace fanfare::sessions
