// SPDX-License-Identifier: MIT
// What the homes of a shard tell of their channels: to the app by webhooks, to the watchers of
// users, to subscribers how many they are.
#include "fanfare/channels/hub.hpp"
#include "fanfare/protocol/channel_name.hpp"
#include "fanfare/protocol/frames.hpp"

#include <utility>

namespace fanfare::channels {

namespace frames = protocol::frames;
using Kind = Happening::Kind;

namespace {

constexpr std::chrono::seconds cache_miss_interval{3};

}  // namespace

AppPolicy Hub::policy_of(AppIndex app) const {
    return policies_ == nullptr ? AppPolicy{} : policies_->of(app);
}

void Hub::note_join(const ChannelHome::Join& join, const ChannelHome::JoinOutcome& outcome) {
    const bool is_user_channel = protocol::kind_of(join.channel.name).is_reserved;
    const AppPolicy policy = policy_of(join.channel.app);
    if (policy.has_transitions(is_user_channel)) {
        if (outcome.is_first) note_coming(join.channel, {});
        if (outcome.farewell) note_going(join.channel, *join.former_user_id, policy.debounce);
        if (outcome.announcement) note_coming(join.channel, join.member->user_id);
    }
    if (!join.former_user_id) note_count(join.channel, policy);
}

void Hub::note_leave(
    ChannelRef channel, const std::string& user_id, const ChannelHome::LeaveOutcome& outcome
) {
    const AppPolicy policy = policy_of(channel.app);
    if (policy.has_transitions(protocol::kind_of(channel.name).is_reserved)) {
        if (outcome.farewell) note_going(channel, user_id, policy.debounce);
        if (outcome.is_last) note_going(channel, {}, policy.debounce);
    }
    note_count(channel, policy);
}

void Hub::note_coming(ChannelRef channel, const std::string& user_id) {
    if (lingering_.take(channel, user_id)) return;
    tell(
        {user_id.empty() ? Kind::channel_occupied : Kind::member_added,
         ChannelKey(channel),
         user_id}
    );
}

void Hub::note_going(
    ChannelRef channel, const std::string& user_id, std::chrono::milliseconds debounce
) {
    lingering_.add({ChannelKey(channel), user_id}, clock_.now() + debounce);
}

void Hub::note_count(ChannelRef channel, const AppPolicy& policy) {
    if (!policy.counts_subscriptions && !policy.tells_counts) return;
    const protocol::ChannelKind kind = protocol::kind_of(channel.name);
    if (kind.is_presence || kind.is_reserved) return;
    const std::uint64_t count = home_.stats(channel).subscriptions;
    if (counts_.take(channel, count, clock_.now())) tell_count(channel, count);
}

void Hub::tell_count(ChannelRef channel, std::uint64_t count) {
    const AppPolicy policy = policy_of(channel.app);
    if (policy.counts_subscriptions) {
        const EncodedFrame frame(frames::subscription_count(channel.name, count));
        broadcast(channel, frame, std::nullopt);
    }
    if (policy.tells_counts) {
        tell({Kind::subscription_count, ChannelKey(channel), std::to_string(count)});
    }
}

void Hub::note_cache_miss(ChannelRef channel) {
    if (!policy_of(channel.app).tells_cache_misses) return;
    // Once in a while, as long as the channel stays empty.
    if (!told_misses_.emplace(ChannelKey(channel), clock_.now()).second) return;
    tell({Kind::cache_miss, ChannelKey(channel)});
}

void Hub::report(Happening happening) {
    if (cluster_ != nullptr) return cluster_->report(std::move(happening));
    const ChannelKey channel = happening.channel;
    at_home(channel, [happening = std::move(happening)](Hub& home) { home.tell(happening); });
}

void Hub::tell(Happening happening) {
    if (const auto news = news_for_watchers(happening)) {
        at_home(news->first, [news = *news](Hub& home) {
            home.broadcast(news.first, news.second, std::nullopt);
        });
    } else if (happenings_ != nullptr) {
        happenings_->on_happening(std::move(happening));
    }
}

void Hub::tick() {
    const Clock::TimePoint now = clock_.now();
    for (const Lingering::Gone& gone : lingering_.take_due(now)) {
        const bool is_channel = gone.user_id.empty();
        tell({is_channel ? Kind::channel_vacated : Kind::member_removed, gone.channel, gone.user_id}
        );
    }
    std::erase_if(told_misses_, [now](const auto& told) {
        return now - told.second >= cache_miss_interval;
    });
    for (const ChannelKey& channel : counts_.take_due(now)) {
        tell_count(channel, home_.stats(channel).subscriptions);
    }
}

}  // namespace fanfare::channels
