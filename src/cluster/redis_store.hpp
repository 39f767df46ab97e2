// SPDX-License-Identifier: MIT
#pragma once

#include "key_space.hpp"
#include "scripts.hpp"
#include "store.hpp"

#include "fanfare/redis/client.hpp"

#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::cluster {

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
    void publish_and_keep(
        ChannelName channel,
        std::string_view message,
        std::string_view text,
        channels::CacheTime time,
        Done done
    ) override;
    void publish_cluster(std::string_view message, Done done) override;
    void update(
        const ChannelWrite& write,
        const std::vector<UserChange>& changes,
        std::function<void(Updated)> done
    ) override;
    void announce(
        const ChannelWrite& write,
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
    void bury(const NodeId& node, const std::vector<RecordedApp>& recorded, Done done) override;

    [[nodiscard]] unsigned buckets() const override { return KeySpace::buckets; }

    void record(
        ChannelName channel,
        channels::Happening::Kind kind,
        std::string_view detail,
        std::chrono::milliseconds interval
    ) override;
    void read_records(
        unsigned bucket,
        const NodeId& reader,
        std::uint64_t handled,
        std::function<void(std::vector<Recorded>)> done
    ) override;
    void stats(ChannelName channel, std::function<void(channels::ChannelStats)> done) override;
    void user_ids(ChannelName channel, std::function<void(std::vector<std::string>)> done) override;
    void list(
        std::string_view app_id,
        std::string_view prefix,
        std::function<void(channels::ChannelHome::Listing)> done
    ) override;

private:
    using Arguments = std::vector<std::string>;

    struct WriterCall {
        Arguments keys;
        Arguments arguments;
    };

    [[nodiscard]] WriterCall writer_call(const ChannelWrite& write) const;

    void run(
        ScriptName script,
        const Arguments& keys,
        const Arguments& arguments,
        redis::Client::Done done
    );
    void command(
        std::string_view key,
        std::initializer_list<std::string_view> words,
        redis::Client::Done done
    );
    redis::Client::Done checked(redis::Client::Done done);

    struct Burial {
        NodeId node;
        Arguments arguments;  // but for the bucket's prefix
        Done done;
    };

    void bury_bucket(const std::shared_ptr<const Burial>& burial, unsigned bucket);
    void list_buckets(
        const redis::Reply& nodes,
        const std::string& wanted,
        std::function<void(channels::ChannelHome::Listing)> done
    );

    KeySpace keys_;
    Scripts scripts_ = make_scripts();
    redis::Client* client_ = nullptr;
};

/// A node's info as it lies in Redis; also for those who only look (`fanfare nodes`).
[[nodiscard]] NodeInfo parse_node_info(std::string_view json);

}  // namespace fanfare::cluster
