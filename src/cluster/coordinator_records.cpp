// SPDX-License-Identifier: MIT
// What apps, subscribers and watchers are told of the coming and going in the whole cluster: Redis
// records it in the same step as the change, and one node at a time reads each part of the records.
#include "coordinator.hpp"

#include "fanfare/protocol/channel_name.hpp"
#include "fanfare/protocol/frames.hpp"

#include <spdlog/logger.h>

#include <algorithm>
#include <utility>

namespace fanfare::cluster {

namespace frames = protocol::frames;
using channels::AppPolicy;
using channels::Happening;

namespace {

constexpr std::chrono::milliseconds reading_interval{200};
constexpr std::chrono::seconds reading_patience{2};  // less than a reader has them for itself
constexpr std::chrono::seconds cache_miss_interval{3};
constexpr std::chrono::seconds stranger_patience{60};
constexpr std::size_t max_strangers = 10'000;

}  // namespace

Recording Coordinator::recording_of(Ref channel) const {
    const AppPolicy policy = surroundings_.policy_of(channel.app);
    const protocol::ChannelKind kind = protocol::kind_of(channel.name);
    Recording recording;
    if (policy.has_transitions(kind.is_reserved)) recording.transitions = policy.debounce;
    const bool has_count = !kind.is_presence && !kind.is_reserved;
    recording.counts = has_count && policy.tells_counts;
    recording.counts_to_all = has_count && policy.counts_subscriptions;
    return recording;
}

std::vector<RecordedApp> Coordinator::recorded_apps() {
    std::vector<RecordedApp> apps;
    for (AppIndex app = 0; app < app_ids_.size(); ++app) {
        apps.push_back(
            {app_ids_[app],
             recording_of({app, "any"}),
             recording_of({app, protocol::user_channel_prefix})}
        );
    }
    return apps;
}

ChannelWrite Coordinator::write_of(const FollowedChannel& channel) const {
    ChannelWrite write;
    write.channel = name_of(channel.key);
    write.lease = membership_.lease();
    write.subscriptions = channel.subscriptions();
    write.holds_anything = write.subscriptions != 0 || !channel.users.empty();
    // A Redis that is empty or behind does not make news of what was there before.
    write.is_known = channel.was_occupied && doubt_until_.has_value();
    write.recording = recording_of(channel.key);
    return write;
}

// ---- counts

void Coordinator::note_count(const FollowedChannel& channel) {
    if (counts_.take(channel.key, channel.count, surroundings_.now())) tell_count(channel);
}

void Coordinator::tell_count(const FollowedChannel& channel) {
    if (!surroundings_.policy_of(channel.key.app).counts_subscriptions) return;
    const std::string frame = frames::subscription_count(channel.key.name, channel.count);
    deliver(channel, EncodedFrame(frame), std::nullopt);
}

// ---- records

/// What no change of a channel's state says. Without Redis the app is told at once.
void Coordinator::report(const Happening& happening) {
    const AppPolicy policy = surroundings_.policy_of(happening.channel.app);
    const bool is_miss = happening.kind == Happening::Kind::cache_miss;
    if (is_miss ? !policy.tells_cache_misses : !policy.tells_client_events) return;
    if (!membership_.has_lease()) return surroundings_.tell(happening);
    store_.record(
        name_of(happening.channel),
        happening.kind,
        happening.detail,
        is_miss ? cache_miss_interval : std::chrono::seconds{0}
    );
}

/// The buckets are shared out among the nodes. Nodes that disagree for a moment about who there is
/// do no harm: Redis lets only one read.
void Coordinator::read_records() {
    const auto now = surroundings_.now();
    if (!membership_.has_lease() || now - last_reading_ < reading_interval) return;
    last_reading_ = now;
    drop_old_strangers();
    bool is_anything_wanted = false;
    for (AppIndex app = 0; app < app_ids_.size(); ++app) {
        is_anything_wanted |= surroundings_.policy_of(app).wants_news();
    }
    if (!is_anything_wanted) return;
    std::vector<std::string> names;
    for (const NodeEntry& entry : membership_.nodes()) names.push_back(entry.node.name);
    std::ranges::sort(names);
    const auto own = std::ranges::find(names, options_.name);
    if (own == names.end()) return;
    const auto first = static_cast<std::size_t>(own - names.begin());
    for (std::size_t bucket = first; bucket < buckets_.size(); bucket += names.size()) {
        if (!buckets_[bucket].is_reading) read_records(static_cast<unsigned>(bucket));
    }
}

void Coordinator::read_records(unsigned bucket) {
    buckets_[bucket].is_reading = true;
    buckets_[bucket].asked_at = surroundings_.now();
    store_.read_records(
        bucket,
        membership_.lease().node,
        buckets_[bucket].handled,
        [this, bucket](const std::vector<Recorded>& records) { on_records(bucket, records); }
    );
}

void Coordinator::on_records(unsigned bucket, const std::vector<Recorded>& records) {
    Bucket& state = buckets_[bucket];
    state.is_reading = false;
    // After a sleep: another node may have read and told them meanwhile.
    if (surroundings_.now() - state.asked_at >= reading_patience) return;
    for (const Recorded& record : records) {
        if (record.serial <= state.handled) continue;  // read before, and the answer was lost
        state.handled = record.serial;
        if (const auto app = find_served(record.app_id)) {
            tell({record.kind, Key(*app, record.channel), record.detail});
        } else {
            keep_for_later(record);
        }
    }
    // At once, so that they are forgotten before another node may read.
    if (!records.empty()) read_records(bucket);
}

/// An app may be known to one node earlier than to another.
void Coordinator::keep_for_later(const Recorded& record) {
    strangers_.push_back({record, surroundings_.now()});
    drop_old_strangers();
    surroundings_.look_for_app(record.app_id);
}

void Coordinator::drop_old_strangers() {
    const auto now = surroundings_.now();
    std::size_t dropped = 0;
    while (!strangers_.empty() && (now - strangers_.front().read_at > stranger_patience ||
                                   strangers_.size() > max_strangers)) {
        strangers_.pop_front();
        ++dropped;
    }
    if (dropped != 0) log_.debug("cluster: news of unknown apps dropped count={}", dropped);
}

void Coordinator::tell_strangers(AppIndex app) {
    const auto known = std::stable_partition(
        strangers_.begin(),
        strangers_.end(),
        [&](const StrangeRecord& stranger) { return stranger.record.app_id != app_ids_[app]; }
    );
    for (auto stranger = known; stranger != strangers_.end(); ++stranger) {
        const Recorded& record = stranger->record;
        tell({record.kind, Key(app, record.channel), record.detail});
    }
    strangers_.erase(known, strangers_.end());
}

/// To the app; or to the watchers of the user whose channel it is.
void Coordinator::tell(Happening happening) {
    const auto news = channels::news_for_watchers(happening);
    if (!news) return surroundings_.tell(std::move(happening));
    publish({{news->first, news->second, std::nullopt}}, nullptr);
}

}  // namespace fanfare::cluster
