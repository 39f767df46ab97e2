// SPDX-License-Identifier: MIT
#pragma once

#include "scripts.hpp"
#include "store.hpp"

#include "fanfare/redis/client.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

    [[nodiscard]] std::string cluster_topic() const { return nodes_ + "all"; }

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

    [[nodiscard]] std::string topic(ChannelName channel) const { return of(channel).key("t:"); }

    /// App id and channel of a name in an index.
    static std::optional<std::pair<std::string, std::string>> parse_name(std::string_view name);

    /// The name in a channel's topic; empty for another topic.
    [[nodiscard]] std::string_view name_in_topic(std::string_view topic) const;

private:
    std::string root_;
    std::string nodes_;
};

/// The state of the cluster in a real Redis.
class RedisStore final : public Store {
public:
    explicit RedisStore(std::string_view name_space) : keys_(name_space) {}

    /// Before anything else.
    void use(redis::Client& client) { client_ = &client; }

    [[nodiscard]] std::span<redis::Script> scripts() { return scripts_; }

    [[nodiscard]] const KeySpace& keys() const { return keys_; }

    void subscribe(ChannelName channel) override;
    void unsubscribe(ChannelName channel) override;
    void subscribe_cluster() override;
    void publish(ChannelName channel, std::string_view message, Done done) override;
    void publish_cluster(std::string_view message, Done done) override;
    void update(
        ChannelName channel,
        const Lease& lease,
        std::uint64_t subscriptions,
        bool holds_anything,
        const std::vector<UserChange>& changes,
        std::function<void(Updated)> done
    ) override;
    void announce(
        ChannelName channel,
        const Lease& lease,
        std::uint64_t subscriptions,
        const std::vector<UserChange>& users,
        std::uint64_t token,
        std::function<void(Announced)> done
    ) override;
    void holdings(const NodeId& node, std::function<void(Holdings)> done) override;
    void heartbeat(
        const NodeId& node,
        bool is_new,
        std::chrono::milliseconds validity,
        const NodeInfo& info,
        std::function<void(Heartbeat)> done
    ) override;
    void bury(const NodeId& node, Done done) override;
    void stats(ChannelName channel, std::function<void(channels::ChannelStats)> done) override;
    void user_ids(ChannelName channel, std::function<void(std::vector<std::string>)> done) override;
    void list(
        std::string_view app_id,
        std::string_view prefix,
        std::function<void(channels::ChannelHome::Listing)> done
    ) override;

private:
    using Arguments = std::vector<std::string>;

    void run(
        ScriptName script,
        const Arguments& keys,
        const Arguments& arguments,
        redis::Client::Done done
    );
    bool accepts(const redis::Reply& reply);
    void bury_bucket(const NodeId& node, unsigned bucket, Done done);
    void list_buckets(
        const redis::Reply& nodes,
        const std::string& wanted,
        std::function<void(channels::ChannelHome::Listing)> done
    );

    KeySpace keys_;
    Scripts scripts_ = make_scripts();
    redis::Client* client_ = nullptr;
};

/// What a heartbeat answers; also for those who only look (`fanfare nodes`).
[[nodiscard]] NodeInfo parse_node_info(std::string_view json);

}  // namespace fanfare::cluster
