// SPDX-License-Identifier: MIT
#pragma once

#include "store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace fanfare::cluster {

/// The keys and topics of one cluster in Redis:
///   fanfare:NAMESPACE:{nodes}:…   the leases, the infos and the topic of the cluster
///   fanfare:NAMESPACE:{BUCKET}:…  all that belongs to the channels of one bucket
class KeySpace {
public:
    static constexpr unsigned buckets = 64;

    explicit KeySpace(std::string_view name_space);

    [[nodiscard]] std::string leases() const { return nodes_ + "leases"; }

    [[nodiscard]] std::string infos() const { return nodes_ + "infos"; }

    [[nodiscard]] const std::string& cluster_topic() const { return cluster_topic_; }

    [[nodiscard]] std::string bucket(unsigned number) const;
    [[nodiscard]] std::string index(unsigned number, std::string_view node) const;

    struct ChannelKeys {
        std::string name;  ///< in the index
        std::string bucket;
        unsigned number;

        [[nodiscard]] std::string key(std::string_view kind) const {
            return bucket + std::string(kind) + name;
        }
    };

    [[nodiscard]] ChannelKeys of(ChannelName channel) const;

    /// The name in an index; of the beginning of a channel's name, how theirs begin.
    [[nodiscard]] static std::string name_of(ChannelName channel);

    [[nodiscard]] std::string topic(ChannelName channel) const { return of(channel).key("t:"); }

    /// App id and channel of a name in an index.
    static std::optional<std::pair<std::string, std::string>> parse_name(std::string_view name);

    /// The name in a channel's topic; empty for another topic.
    [[nodiscard]] std::string_view name_in_topic(std::string_view topic) const;

private:
    std::string root_;
    std::string nodes_;
    std::string cluster_topic_;
};

}  // namespace fanfare::cluster
