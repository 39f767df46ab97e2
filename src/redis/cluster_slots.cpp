// SPDX-License-Identifier: MIT
#include "cluster_slots.hpp"

#include "hash_slot.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

namespace fanfare::redis {

namespace {

/// `[first, last, [host, port, …], replicas…]`
bool is_range(const Reply& range) {
    if (range.elements.size() < 3) return false;
    const Reply& first = range.elements[0];
    const Reply& last = range.elements[1];
    const Reply& master = range.elements[2];
    return first.kind == Reply::Kind::integer && last.kind == Reply::Kind::integer &&
           first.integer >= 0 && first.integer <= last.integer && last.integer < slot_count &&
           master.elements.size() >= 2 && master.elements[1].integer > 0 &&
           master.elements[1].integer <= std::numeric_limits<std::uint16_t>::max();
}

}  // namespace

std::optional<std::vector<Master>> parse_cluster_slots(
    const Reply& reply, const std::string& asked_host
) {
    std::map<std::pair<std::string, std::uint16_t>, std::vector<SlotRange>> masters;
    std::vector<SlotRange> all;
    for (const Reply& range : reply.elements) {
        if (!is_range(range)) return {};
        const std::vector<Reply>& node = range.elements[2].elements;
        // "?": the cluster prefers hostnames and this node has none.
        const bool is_unknown = node[0].text.empty() || node[0].text == "?";
        const SlotRange slots{
            static_cast<std::uint16_t>(range.elements[0].integer),
            static_cast<std::uint16_t>(range.elements[1].integer)};
        masters[{is_unknown ? asked_host : node[0].text,
                 static_cast<std::uint16_t>(node[1].integer)}]
            .push_back(slots);
        all.push_back(slots);
    }
    std::ranges::sort(all, {}, &SlotRange::first);
    unsigned next = 0;
    for (const SlotRange& slots : all) {
        if (slots.first != next) return {};
        next = slots.last + 1U;
    }
    if (next != slot_count) return {};

    std::vector<Master> result;
    for (auto& [address, slots] : masters) {
        std::ranges::sort(slots, {}, &SlotRange::first);
        result.push_back({{address.first, address.second, {}}, std::move(slots)});
    }
    return result;
}

}  // namespace fanfare::redis
