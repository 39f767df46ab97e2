// SPDX-License-Identifier: MIT
// A session on its way from one process to the next.
#include "abuse.hpp"
#include "signin_request.hpp"

#include "fanfare/protocol/channel_name.hpp"
#include "fanfare/sessions/session.hpp"

#include <algorithm>
#include <utility>

namespace fanfare::sessions {

namespace {

std::uint32_t count_hidden(const std::vector<PassedSubscription>& subscriptions) {
    return static_cast<std::uint32_t>(std::ranges::count_if(subscriptions, [](const auto& each) {
        return protocol::kind_of(each.channel).is_reserved;
    }));
}

}  // namespace

Session::Session(
    const SessionContext& context,
    apps::App& app,
    PassedSession passed,
    Leases leases,
    transport::MessageLink& link
)
    : Session(
          context,
          app,
          passed.socket_id,
          app.number_of(passed.key),
          count_hidden(passed.subscriptions),
          std::move(leases),
          link
      ) {
    activity().connections_taken_over.add();
    if (passed.user) {
        signed_in_ = std::make_unique<SignedIn>(SignedIn{std::move(*passed.user), {}});
    }
    if (!passed.deadline_left) return;
    deadline_ = context_.clock.now() + *passed.deadline_left;
    context_.deadlines.add(deadline_, *this);
}

PassedSession Session::pass() const {
    PassedSession passed{
        settings().id,
        std::string(app_.key_of(key_number_)),
        socket_id(),
        address_.address(),
        std::nullopt,
        std::nullopt,
        {}};
    if (signed_in_) passed.user = signed_in_->user;
    if (deadline_ != Clock::TimePoint{}) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline_ - context_.clock.now());
        passed.deadline_left = std::max(left, std::chrono::milliseconds(0));
    }
    for (const Subscription& subscription : subscriptions()) {
        passed.subscriptions.push_back({subscription.channel->key.name, {}, {}});
        if (!subscription.identity) continue;
        passed.subscriptions.back().user_id = subscription.identity->user_id;
        passed.subscriptions.back().user_id_json = subscription.identity->user_id_json;
    }
    return passed;
}

}  // namespace fanfare::sessions
