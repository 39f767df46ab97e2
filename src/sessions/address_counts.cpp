// SPDX-License-Identifier: MIT
#include "fanfare/sessions/address_counts.hpp"

namespace fanfare::sessions {

namespace {

constexpr unsigned customer_bits = 64;  // of an IPv6 address

IpAddress customer_of(const IpAddress& address) {
    return address.is_v4() ? address : address.network(customer_bits);
}

}  // namespace

std::optional<AddressLease> AddressCounts::acquire(const IpAddress& address, std::uint32_t limit) {
    const IpAddress customer = customer_of(address);
    Part& part = part_of(customer);
    const std::lock_guard lock(part.mutex);
    Entry& entry = *part.open.try_emplace(customer, 0).first;
    if (entry.second != 0 && entry.second >= limit) return std::nullopt;
    ++entry.second;
    return AddressLease(*this, entry);
}

std::size_t AddressCounts::size() {
    std::size_t total = 0;
    for (Part& part : parts_) {
        const std::lock_guard lock(part.mutex);
        total += part.open.size();
    }
    return total;
}

AddressCounts::Part& AddressCounts::part_of(const IpAddress& address) {
    return parts_[std::hash<IpAddress>{}(address) % parts_.size()];
}

void AddressCounts::release(Entry& entry) {
    const IpAddress customer = entry.first;
    Part& part = part_of(customer);
    const std::lock_guard lock(part.mutex);
    if (--entry.second == 0) part.open.erase(customer);
}

void AddressLease::release() {
    if (counts_ != nullptr) std::exchange(counts_, nullptr)->release(*entry_);
}

}  // namespace fanfare::sessions
