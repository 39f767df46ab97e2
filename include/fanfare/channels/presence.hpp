// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::channels {

/// A user as a subscription to a presence channel names it (protocol.md 3.4). `user_id` is the
/// identity; the `…_json` fields keep the bytes that were signed.
struct Member {
    std::string user_id;            ///< `1` and `"1"` are both 1
    std::string user_id_json;       ///< as signed: number or string
    std::string user_info_json;     ///< `{}` if none was given
    std::string channel_data_json;  ///< what `member_added` carries
};

/// The users of one presence channel, in join order. Counts by user: a user's further connections
/// change nothing that anybody can see, and the `user_info` of the first one is kept.
class Presence {
public:
    enum class Change : std::uint8_t { none, added, removed };

    Change join(const Member& member);

    /// `removed` when this was the user's last connection. An unknown user changes nothing.
    Change leave(std::string_view user_id);

    [[nodiscard]] bool has(std::string_view user_id) const { return by_id_.contains(user_id); }

    /// 0 for an unknown user.
    [[nodiscard]] std::size_t connections(std::string_view user_id) const;

    /// The id as its first connection signed it; null for an unknown user.
    [[nodiscard]] const std::string* user_id_json(std::string_view user_id) const;

    [[nodiscard]] std::size_t size() const { return members_.size(); }

    [[nodiscard]] std::vector<std::string> user_ids() const;

    /// In join order.
    [[nodiscard]] std::vector<Member> members() const;

    /// `{"count":2,"ids":["1","2"],"hash":{"1":{…},"2":{…}}}`
    [[nodiscard]] std::string to_json() const;

private:
    struct Entry {
        Member member;
        std::size_t connections = 0;
    };

    std::list<Entry> members_;
    // Ordered, since users may have chosen their ids, with which a hash table can be made slow. The
    // keys live in members_.
    std::map<std::string_view, std::list<Entry>::iterator> by_id_;
};

}  // namespace fanfare::channels
