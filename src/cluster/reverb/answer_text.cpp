// SPDX-License-Identifier: MIT
#include "answer.hpp"

#include "fanfare/protocol/channel_name.hpp"
#include "fanfare/protocol/json.hpp"

#include <algorithm>

namespace fanfare::cluster::reverb {

namespace {

using protocol::append_json_string;

/// Which attributes an `info` names; unknown names are ignored.
struct Wanted {
    bool occupied = false;
    bool user_count = false;
    bool subscription_count = false;
    bool cache = false;

    explicit Wanted(std::string_view info) {
        while (!info.empty()) {
            std::string_view name = info.substr(0, info.find(','));
            info.remove_prefix(std::min(info.size(), name.size() + 1));
            while (name.starts_with(' ')) name.remove_prefix(1);
            while (name.ends_with(' ')) name.remove_suffix(1);
            occupied |= name == "occupied";
            user_count |= name == "user_count";
            subscription_count |= name == "subscription_count";
            cache |= name == "cache";
        }
    }
};

/// The members of an object, collected; one without any is `[]`, as PHP writes it.
class Members {
public:
    void add(std::string_view key, std::string_view raw_value) {
        text_ += text_.empty() ? '{' : ',';
        append_json_string(text_, key);
        text_ += ':';
        text_ += raw_value;
    }

    [[nodiscard]] std::string text() const { return text_.empty() ? "[]" : text_ + '}'; }

private:
    std::string text_;
};

/// As Reverb does, a node with nobody in the channel tells no counts. A cache that is not there is
/// left out as well: the last one named counts, and `null` would hide another node's.
std::string attributes(const ChannelFacts& channel, const Wanted& wanted) {
    const bool is_occupied = channel.subscription_count > 0;
    const bool is_presence = protocol::kind_of(channel.name).is_presence;
    Members members;
    if (wanted.occupied) members.add("occupied", is_occupied ? "true" : "false");
    if (wanted.user_count && is_occupied && is_presence) {
        members.add("user_count", std::to_string(channel.user_count));
    }
    if (wanted.subscription_count && is_occupied && !is_presence) {
        members.add("subscription_count", std::to_string(channel.subscription_count));
    }
    if (wanted.cache && !protocol::is_null(channel.cache)) members.add("cache", channel.cache);
    return members.text();
}

}  // namespace

std::string channel_answer(const ChannelFacts& channel, std::string_view info) {
    Wanted wanted(info);
    wanted.occupied = true;
    return attributes(channel, wanted);
}

std::string channels_answer(std::span<const ChannelFacts> channels, std::string_view info) {
    const Wanted wanted(info);
    Members members;
    for (const ChannelFacts& channel : channels) {
        members.add(channel.name, attributes(channel, wanted));
    }
    return members.text();
}

std::string users_answer(std::span<const std::string> user_ids) {
    std::string text = "[";
    for (const std::string& id : user_ids) {
        text += text.size() == 1 ? R"({"id":)" : R"(,{"id":)";
        append_json_string(text, id);
        text += '}';
    }
    return text + ']';
}

std::string connections_answer(std::span<const std::string> socket_ids) {
    Members members;
    for (const std::string& id : socket_ids) members.add(id, "{}");
    return members.text();
}

}  // namespace fanfare::cluster::reverb
