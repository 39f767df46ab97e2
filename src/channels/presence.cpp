// SPDX-License-Identifier: MIT
#include "fanfare/channels/presence.hpp"

#include "fanfare/protocol/json.hpp"

namespace fanfare::channels {

Presence::Change Presence::join(const Member& member) {
    if (const auto found = by_id_.find(member.user_id); found != by_id_.end()) {
        ++found->second->connections;
        return Change::none;
    }
    members_.push_back({member, 1});
    const auto entry = std::prev(members_.end());
    by_id_.emplace(entry->member.user_id, entry);
    return Change::added;
}

Presence::Change Presence::leave(std::string_view user_id) {
    const auto found = by_id_.find(user_id);
    if (found == by_id_.end()) return Change::none;
    const auto entry = found->second;
    if (--entry->connections != 0) return Change::none;
    by_id_.erase(found);
    members_.erase(entry);
    return Change::removed;
}

std::size_t Presence::connections(std::string_view user_id) const {
    const auto found = by_id_.find(user_id);
    return found == by_id_.end() ? 0 : found->second->connections;
}

const std::string* Presence::user_id_json(std::string_view user_id) const {
    const auto found = by_id_.find(user_id);
    return found == by_id_.end() ? nullptr : &found->second->member.user_id_json;
}

std::vector<Member> Presence::members() const {
    std::vector<Member> members;
    for (const Entry& entry : members_) members.push_back(entry.member);
    return members;
}

std::vector<std::string> Presence::user_ids() const {
    std::vector<std::string> ids;
    ids.reserve(members_.size());
    for (const Entry& entry : members_) ids.push_back(entry.member.user_id);
    return ids;
}

std::string Presence::to_json() const {
    std::string ids;
    std::string hash;
    for (const Entry& entry : members_) {
        if (!ids.empty()) {
            ids.push_back(',');
            hash.push_back(',');
        }
        // Strings, whatever type was signed: the Java client casts them (protocol.md 3.4).
        protocol::append_json_string(ids, entry.member.user_id);
        protocol::append_json_string(hash, entry.member.user_id);
        hash.push_back(':');
        hash += entry.member.user_info_json;
    }
    return R"({"count":)" + std::to_string(members_.size()) + R"(,"ids":[)" + ids +
           R"(],"hash":{)" + hash + "}}";
}

}  // namespace fanfare::channels
