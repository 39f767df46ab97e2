// SPDX-License-Identifier: MIT
// A session's user: sign-in, the events for it, and those it watches (protocol.md 2.4 and 7).
#include "signin_request.hpp"
#include "subscribe_request.hpp"

#include "fanfare/protocol/channel_name.hpp"
#include "fanfare/protocol/json.hpp"
#include "fanfare/protocol/signature.hpp"
#include "fanfare/sessions/session.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace fanfare::sessions {

using channels::ChannelKey;
using protocol::Error;
namespace errors = protocol::errors;
namespace frames = protocol::frames;

namespace {

constexpr std::size_t max_watchlist = 100;

/// Whether `wanted`, as far as it counts, is what is watched.
bool is_same_watchlist(
    const std::vector<std::string>& watched, const std::vector<std::string>& wanted
) {
    return watched.size() == std::min(wanted.size(), max_watchlist) &&
           std::equal(watched.begin(), watched.end(), wanted.begin());
}

}  // namespace

void Session::sign_in(std::string_view raw_data) {
    const auto refuse = [this](std::string_view message, Counter counter) {
        this->refuse("sign-in refused", {4009, message}, counter);
    };
    auto request = SigninRequest::parse(raw_data);
    if (!request) {
        return refuse(
            "Sign-in needs auth and user_data, which are strings.", Counter::signin_malformed
        );
    }
    const std::string& data = request->user_data;
    if (!is_signed(request->auth, protocol::signin_to_sign(socket_id(), data), data)) {
        return refuse(errors::unauthorized.message, Counter::signin_unauthorized);
    }
    auto user = parse_user(request->user_data);
    if (const auto* fault = std::get_if<std::string>(&user)) {
        return refuse(*fault, Counter::signin_user_data);
    }
    auto& named = std::get<User>(user);
    if (signed_in_ && signed_in_->user.id != named.id) {
        return refuse("The connection is signed in as another user.", Counter::signin_other_user);
    }
    const bool is_again = signed_in_ != nullptr;
    const bool is_watching =
        is_again && is_same_watchlist(signed_in_->user.watchlist, named.watchlist);
    signed_in_ =
        std::make_unique<SignedIn>(SignedIn{std::move(named), std::move(request->user_data)});
    clear_deadline();
    if (is_again) return on_signed_in(is_watching);
    join_hidden(protocol::user_channel(signed_in_->user.id));
}

/// To a channel that the client does not know of, by which it gets what is for its user.
void Session::join_hidden(const std::string& channel) {
    ++joins_;
    ++hidden_;
    context_.hub.join(*this, {app(), channel}, std::nullopt, 0);
}

/// `is_watching`: it watches already whom it names.
void Session::on_signed_in(bool is_watching) {
    send_text(frames::signin_success(std::exchange(signed_in_->user_data, {})));
    if (!settings().watchlist_events) return;
    if (signed_in_->user.watchlist.size() > max_watchlist) {
        const std::string text = "Watchlist limit exceeded: the first " +
                                 std::to_string(max_watchlist) + " users are watched.";
        refuse("watchlist cut off", {4302, text}, Counter::signin_watchlist_size);
        signed_in_->user.watchlist.resize(max_watchlist);
    }
    if (!is_watching) watch();
}

/// Whom the watchlist names, no longer who it named before.
void Session::watch() {
    for (std::size_t i = subscriptions().size(); i-- > 0;) {
        const std::string channel = subscriptions()[i].channel->key.name;
        if (!channel.starts_with(protocol::watchers_channel_prefix)) continue;
        context_.hub.leave(*this, {app(), channel});
        --hidden_;
    }
    signed_in_->watch_joins = signed_in_->user.watchlist.size();
    ++joins_;  // nothing of the client is heard meanwhile: it might be another sign-in
    for (const std::string& id : signed_in_->user.watchlist) {
        join_hidden(protocol::watchers_channel(id));
    }
    finish_join();
}

/// Every change is heard of from now on: so none is missed between the present state and them.
void Session::on_watching() {
    std::vector<ChannelKey> users;
    for (const std::string& id : signed_in_->user.watchlist) {
        users.emplace_back(app(), protocol::user_channel(id));
    }
    const auto send_state = [this](const std::vector<channels::ChannelStats>& stats) {
        std::vector<std::string_view> online;
        std::vector<std::string_view> offline;
        for (std::size_t i = 0; i < stats.size(); ++i) {
            (stats[i].is_present() ? online : offline).emplace_back(signed_in_->user.watchlist[i]);
        }
        send_text(frames::watchlist_events(online, offline));
        finish_join();
    };
    context_.hub.stats(std::move(users), context_.hub.guarded(*this, send_state));
}

void Session::on_hidden_join(std::string_view channel) {
    if (!channel.starts_with(protocol::watchers_channel_prefix)) {
        on_signed_in(false);
        finish_join();
    } else if (--signed_in_->watch_joins == 0) {
        on_watching();  // busy until the state has been sent
    } else {
        finish_join();
    }
}

/// Who is in a presence channel without `channel_data`.
std::optional<channels::Member> Session::signed_in_member() const {
    if (!signed_in_) return std::nullopt;
    const std::string id = protocol::json_string(signed_in_->user.id);
    return channels::Member{
        signed_in_->user.id,
        id,
        signed_in_->user.user_info_json,
        R"({"user_id":)" + id + R"(,"user_info":)" + signed_in_->user.user_info_json + "}"};
}

/// The client asks for what it has already: pusher-js does so after each sign-in.
void Session::subscribe_to_user(std::string_view channel) {
    if (signed_in_ && channel == protocol::user_channel(signed_in_->user.id)) {
        return send_text(frames::subscription_succeeded(channel));
    }
    refuse_subscription(
        channel,
        {"AuthError", errors::unauthorized.message, 401},
        errors::unauthorized,
        Counter::subscription_unauthorized
    );
}

}  // namespace fanfare::sessions
