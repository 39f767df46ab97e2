// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/channels/subscribers.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// Bytes as a program of joins, leaves and deliveries that Subscribers and a naive model carry out
/// alike. No test framework in here: the fuzzer uses it too.
namespace fanfare::channels::testing {

/// Counts what it gets.
class CountingSubscriber final : public Subscriber {
public:
    using Subscriber::Subscriber;

    std::size_t received = 0;

    void deliver(const BufferPtr&) override { ++received; }

    void on_join_result(std::string_view, JoinResult, const BufferPtr&, const BufferPtr&) override {
    }

    void on_terminate(UserRole) override {}

    void on_app_change() override {}

    void on_drain() override {}
};

class SubscribersProgram {
public:
    SubscribersProgram() : message_(make_buffer(EncodedFrame("x"))) {
        for (std::uint32_t i = 0; i < subscriber_count; ++i) {
            people_.push_back(
                std::make_unique<CountingSubscriber>(i % app_count, protocol::SocketId{1, i + 1})
            );
        }
    }

    SubscribersProgram(const SubscribersProgram&) = delete;
    SubscribersProgram& operator=(const SubscribersProgram&) = delete;

    ~SubscribersProgram() {
        for (auto& person : people_) leave_all(*person);
    }

    /// Empty if Subscribers and the model agree after each step, otherwise what went wrong. Three
    /// bytes make a step.
    std::string run(std::span<const std::uint8_t> program) {
        for (std::size_t step = 0; program.size() >= 3; ++step) {
            std::string fault = this->step(program[0], program[1], program[2]);
            if (fault.empty()) fault = find_fault();
            if (!fault.empty()) return "step " + std::to_string(step) + ": " + fault;
            program = program.subspan(3);
        }
        for (auto& person : people_) leave_all(*person);
        return find_fault();
    }

private:
    static constexpr std::uint32_t subscriber_count = 12;
    static constexpr AppIndex app_count = 2;
    static constexpr std::size_t name_count = 6;
    static constexpr int user_count = 4;

    /// Who is in a channel, and as whom.
    using Model =
        std::map<std::pair<AppIndex, std::string>, std::map<CountingSubscriber*, std::string>>;

    static std::string channel_name(std::uint8_t byte) {
        return "c" + std::to_string(byte % name_count);
    }

    static std::string user_name(int number) { return "u" + std::to_string(number % user_count); }

    std::string step(std::uint8_t action, std::uint8_t who, std::uint8_t where) {
        CountingSubscriber& person = *people_[who % people_.size()];
        const std::string name = channel_name(where);
        switch (action % 8) {
            case 0:
            case 1:
            case 2:
                join(person, name, action);
                return {};
            case 3:
            case 4:
                leave(person, name);
                return {};
            case 5:
                leave_all(person);
                return {};
            case 6:
                return deliver(person.app(), name, std::nullopt);
            default:
                return deliver(person.app(), name, person.socket_id());
        }
    }

    void join(CountingSubscriber& person, const std::string& name, std::uint8_t action) {
        auto& members = model_[{person.app(), name}];
        if (members.contains(&person)) return;
        const std::string user = action & 0x80 ? user_name(action >> 3) : "";
        members[&person] = user;
        std::unique_ptr<MemberIdentity> identity;
        if (!user.empty()) identity = std::make_unique<MemberIdentity>(MemberIdentity{user, user});
        subscribers_.add(person, {person.app(), name}, std::move(identity));
    }

    void leave(CountingSubscriber& person, std::string name) {  // a copy: the channel may go
        const auto& list = person.subscriptions();
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (list[i].channel->key.name != name) continue;
            subscribers_.remove(person, i);
            break;
        }
        model_[{person.app(), name}].erase(&person);
    }

    void leave_all(CountingSubscriber& person) {
        while (!person.subscriptions().empty()) {
            leave(person, person.subscriptions().front().channel->key.name);
        }
    }

    std::string deliver(
        AppIndex app, const std::string& name, std::optional<protocol::SocketId> except
    ) {
        for (auto& person : people_) person->received = 0;
        subscribers_.deliver({app, name}, message_, except);
        const auto& members = model_[{app, name}];
        for (auto& person : people_) {
            const bool is_meant = members.contains(person.get()) && person->socket_id() != except;
            if (person->received != is_meant) return "delivered to the wrong ones";
        }
        return {};
    }

    /// Compares everything that can be seen, the links between both sides included.
    [[nodiscard]] std::string find_fault() const {
        std::map<const Subscriber*, std::size_t> subscriptions;
        for (const auto& [key, members] : model_) {
            const ChannelRef ref{key.first, key.second};
            const Subscribers::Channel* channel = subscribers_.find(ref);
            if ((channel != nullptr) != !members.empty())
                return "an empty channel stays or a full one went";
            if (channel == nullptr) continue;
            if (ChannelRef(channel->key) != ref) return "the channel has another name";
            if (channel->entries.size() != members.size()) return "another number of subscribers";
            for (std::size_t i = 0; i < channel->entries.size(); ++i) {
                const std::string fault = find_entry_fault(*channel, i, members);
                if (!fault.empty()) return fault;
                ++subscriptions[channel->entries[i].subscriber];
            }
        }
        for (const auto& person : people_) {
            if (person->subscriptions().size() != subscriptions[person.get()]) {
                return "a subscriber keeps another number of subscriptions";
            }
        }
        return find_user_fault();
    }

    /// The index of users says what the subscriptions say.
    [[nodiscard]] std::string find_user_fault() const {
        std::map<std::pair<AppIndex, std::string>, std::multiset<Subscriber*>> users;
        for (const auto& [key, members] : model_) {
            for (const auto& [person, user] : members) {
                if (!user.empty()) users[{key.first, user}].insert(person);
            }
        }
        for (AppIndex app = 0; app < app_count; ++app) {
            for (int i = 0; i < user_count; ++i) {
                const std::string user = user_name(i);
                const auto found = subscribers_.find_user(app, user);
                const std::multiset<Subscriber*> connections(found.begin(), found.end());
                if (connections != users[{app, user}]) return "other connections of a user";
            }
        }
        return {};
    }

    static std::string find_entry_fault(
        const Subscribers::Channel& channel,
        std::size_t position,
        const std::map<CountingSubscriber*, std::string>& members
    ) {
        const Subscribers::Entry& entry = channel.entries[position];
        const auto member = members.find(static_cast<CountingSubscriber*>(entry.subscriber));
        if (member == members.end()) return "a stranger in the channel";
        const auto& list = entry.subscriber->subscriptions();
        if (entry.subscription >= list.size()) return "an entry refers to no subscription";
        const Subscriber::Subscription& subscription = list[entry.subscription];
        if (subscription.channel != &channel)
            return "an entry refers to another channel's subscription";
        if (subscription.position != position) return "a subscription refers to another entry";
        const std::string user = subscription.identity ? subscription.identity->user_id : "";
        return user == member->second ? std::string() : "the identity changed";
    }

    BufferPtr message_;
    Subscribers subscribers_;
    std::vector<std::unique_ptr<CountingSubscriber>> people_;
    Model model_;
};

}  // namespace fanfare::channels::testing
