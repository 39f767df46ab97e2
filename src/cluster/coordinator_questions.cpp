// SPDX-License-Identifier: MIT
// What the API asks of the whole cluster. Without Redis, or when it is slow, this node says what it
// knows itself.
#include "coordinator.hpp"

#include <memory>
#include <utility>

namespace fanfare::cluster {

namespace {

constexpr std::chrono::seconds query_deadline{1};

}  // namespace

void Coordinator::stats(std::vector<Key> keys, StatsDone done) {
    struct Gathering {
        std::vector<channels::ChannelStats> answers;
        std::size_t missing;
    };

    auto answer_alone = [this, keys, done] {
        std::vector<channels::ChannelStats> answers;
        for (const Key& key : keys) {
            const FollowedChannel* channel = find(key);
            answers.push_back(channel ? channel->local_stats() : channels::ChannelStats{});
            if (channel) answers.back().cached = channel->cached(surroundings_.now());
        }
        done(std::move(answers));
    };
    if (!can_ask() || keys.empty()) return answer_alone();
    flush();
    const auto number = queries_.ask(surroundings_.now() + query_deadline, std::move(answer_alone));
    const auto gathering = std::make_shared<Gathering>(Gathering{
        std::vector<channels::ChannelStats>(keys.size()), keys.size()});
    for (std::size_t i = 0; i < keys.size(); ++i) {
        store_.stats(
            name_of(keys[i]),
            [this, gathering, i, number, done](channels::ChannelStats stats) {
                gathering->answers[i] = std::move(stats);
                if (--gathering->missing == 0 && queries_.take(number)) {
                    done(std::move(gathering->answers));
                }
            }
        );
    }
}

void Coordinator::user_ids(const Key& key, UsersDone done) {
    auto answer_alone = [this, key, done] {
        const FollowedChannel* channel = find(key);
        done(channel ? channel->roster.presence().user_ids() : std::vector<std::string>{});
    };
    if (!can_ask()) return answer_alone();
    flush();
    const auto number = queries_.ask(surroundings_.now() + query_deadline, std::move(answer_alone));
    store_.user_ids(name_of(key), [this, number, done](std::vector<std::string> ids) {
        if (queries_.take(number)) done(std::move(ids));
    });
}

void Coordinator::list(AppIndex app, const std::string& prefix, ListDone done) {
    auto answer_alone = [this, app, prefix, done] {
        channels::ChannelHome::Listing listing;
        for (const auto& [key, channel] : channels_) {
            if (key.app != app || !key.name.starts_with(prefix)) continue;
            const channels::ChannelStats stats = channel->local_stats();
            if (stats.is_occupied()) listing.emplace_back(key.name, stats);
        }
        done(std::move(listing));
    };
    if (!can_ask()) return answer_alone();
    flush();
    const auto number = queries_.ask(surroundings_.now() + query_deadline, std::move(answer_alone));
    store_
        .list(app_ids_[app], prefix, [this, number, done](channels::ChannelHome::Listing listing) {
            if (queries_.take(number)) done(std::move(listing));
        });
}

}  // namespace fanfare::cluster
