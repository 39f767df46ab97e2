// SPDX-License-Identifier: MIT
#include "roster.hpp"

#include <algorithm>

namespace fanfare::cluster {

bool Roster::join(Holder holder, const channels::Member& member) {
    auto& holders = holders_[member.user_id];
    if (std::ranges::find(holders, holder) != holders.end()) return false;
    holders.push_back(holder);
    return presence_.join(member) == channels::Presence::Change::added;
}

std::optional<std::string> Roster::leave(Holder holder, const std::string& user_id) {
    const auto found = holders_.find(user_id);
    if (found == holders_.end() || std::erase(found->second, holder) == 0) return std::nullopt;
    const std::string user_id_json = *presence_.user_id_json(user_id);
    if (presence_.leave(user_id) != channels::Presence::Change::removed) return std::nullopt;
    holders_.erase(found);
    return user_id_json;
}

bool Roster::holds(Holder holder, const std::string& user_id) const {
    const auto found = holders_.find(user_id);
    return found != holders_.end() &&
           std::ranges::find(found->second, holder) != found->second.end();
}

bool Roster::holds_alone(Holder holder, const std::string& user_id) const {
    const auto found = holders_.find(user_id);
    return found != holders_.end() && found->second.size() == 1 && found->second[0] == holder;
}

std::vector<Roster::Holding> Roster::find(const std::function<bool(const Holding&)>& is_wrong
) const {
    std::vector<Holding> found;
    for (const auto& [user_id, holders] : holders_) {
        for (const Holder holder : holders) {
            Holding holding{user_id, holder};
            if (is_wrong(holding)) found.push_back(std::move(holding));
        }
    }
    return found;
}

}  // namespace fanfare::cluster
