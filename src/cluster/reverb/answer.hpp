// SPDX-License-Identifier: MIT
#pragma once

#include "pending_metric.hpp"

#include "fanfare/protocol/json.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The payloads of metric answers (protocol.md 10.2): written from what one node knows, and merged
/// from what all nodes say.
namespace fanfare::cluster::reverb {

/// A channel as one node sees it. Views, for the length of a call.
struct ChannelFacts {
    std::string_view name;
    std::uint64_t subscription_count = 0;  ///< 0 = nobody of this node is in it
    std::uint64_t user_count = 0;          ///< counts for a presence channel only
    std::string_view cache;                ///< raw JSON, empty for none
};

/// `{attributes}` of those that `info` asks for and that fit the channel; `occupied` in any case.
[[nodiscard]] std::string channel_answer(const ChannelFacts& channel, std::string_view info);

/// `{"name":{attributes},…}`.
[[nodiscard]] std::string channels_answer(
    std::span<const ChannelFacts> channels, std::string_view info
);

/// `[{"id":"1"},…]`.
[[nodiscard]] std::string users_answer(std::span<const std::string> user_ids);

/// `{"1.2":{},…}`.
[[nodiscard]] std::string connections_answer(std::span<const std::string> socket_ids);

/// What answers say about a channel. An attribute that no node has named is not there.
struct ChannelAttributes {
    std::optional<bool> occupied;
    std::optional<std::uint64_t> user_count;
    std::optional<std::uint64_t> subscription_count;
    std::string cache;  ///< raw JSON, empty for none

    /// Occupied if it is anywhere; counts are summed up; of caches the last one counts.
    void merge(const ChannelAttributes& other);

    friend bool operator==(const ChannelAttributes&, const ChannelAttributes&) = default;
};

using ChannelsByName = std::map<std::string, ChannelAttributes, std::less<>>;

/// The answers to one metric, merged as they come. Of these three only the one that belongs to the
/// metric's type fills.
class AnswerMerge {
public:
    explicit AnswerMerge(MetricType type) : type_(type) {}

    /// False if the payload is no object or array. What is in it but not understood is left out.
    bool add(std::string_view payload);

    /// Of MetricType::channels.
    [[nodiscard]] const ChannelsByName& channels() const { return channels_; }

    /// Of MetricType::channel.
    [[nodiscard]] const ChannelAttributes& channel() const { return channel_; }

    /// Distinct user ids (MetricType::channel_users) or socket ids (MetricType::connections), as
    /// they came.
    [[nodiscard]] const std::vector<std::string>& ids() const { return ids_; }

private:
    void add_users(const protocol::RawJson& json);
    void add_id(std::string id);

    MetricType type_;
    ChannelsByName channels_;
    ChannelAttributes channel_;
    std::vector<std::string> ids_;
    std::set<std::string, std::less<>> known_ids_;
};

}  // namespace fanfare::cluster::reverb
