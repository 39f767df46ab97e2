// SPDX-License-Identifier: MIT
#include "takeover.hpp"

#include "handover.hpp"
#include "restore.hpp"

#include <spdlog/logger.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <future>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace fanfare::server {

namespace {

constexpr std::chrono::seconds patience{60};
constexpr std::chrono::seconds attention_patience{30};  // with a Redis that is hard to reach

/// The apps that are served here. What only the database knows is asked for when it is named.
class KnownApps {
public:
    KnownApps(const AppRegistry& registry, apps::Database* database)
        : registry_(registry), database_(database) {
        read();
    }

    /// Throws std::runtime_error if the database is away: its clients must not lose their app.
    std::optional<AppIndex> find(const std::string& id) {
        const auto known = known_.find(id);
        if (known != known_.end()) return known->second;
        if (database_ != nullptr) ask(id);
        return known_.try_emplace(id).first->second;
    }

private:
    void ask(const std::string& id) {
        using Outcome = apps::Database::Outcome;
        std::promise<Outcome> outcome;
        database_->find(apps::Database::Column::id, id, [&outcome](const auto& answer) {
            outcome.set_value(answer.outcome);
        });
        const Outcome found = outcome.get_future().get();
        if (found == Outcome::unavailable) throw std::runtime_error("the apps database is away");
        if (found == Outcome::found) read();
    }

    void read() {
        for (const auto& app : registry_.list()) known_[app.settings->id] = app.index;
    }

    const AppRegistry& registry_;
    apps::Database* database_;
    std::map<std::string, std::optional<AppIndex>> known_;  // nothing: it is not served
};

}  // namespace

std::unique_ptr<Takeover> Takeover::from(const config::Environment& environment) {
    const auto found = environment.find(handover_variable);
    if (found == environment.end()) return nullptr;
    return std::make_unique<Takeover>(std::atoi(found->second.c_str()));
}

void Takeover::run(const Context& context) {
    pipe_.be_patient(patience);
    pipe_.send(is_ready);
    std::size_t clients = 0;
    try {
        clients = restore(context, receive(context));
    } catch (const std::exception& error) {
        pipe_.send(error.what());
        throw;
    }
    pipe_.send(taken_over);
    wait_for_end();
    if (context.bus != nullptr) context.bus->succeed();
    context.common.log.info("taken over clients={}", clients);
}

Snapshot Takeover::receive(const Context& context) {
    KnownApps apps(context.apps, context.database);
    const auto number = [&apps](const std::string& id) { return apps.find(id); };
    for (;;) {
        const PipeMessage message = pipe_.receive();
        auto passed = decode_passed(message.bytes, number, message.fds);
        if (auto* const snapshot = std::get_if<Snapshot>(&passed)) {
            for (const PassedClient& client : snapshot->clients) {
                (void)number(client.session.app_id);
            }
            return std::move(*snapshot);
        }
        attend(context, std::get<cluster::Attention>(std::move(passed)));
        pipe_.send(is_attending);
    }
}

void Takeover::attend(const Context& context, cluster::Attention attention) {
    if (context.bus == nullptr) {
        throw std::runtime_error("scaling.enabled has been on so far: that needs a restart");
    }
    const auto is_all_heard = std::make_shared<std::promise<bool>>();
    context.bus->attend(std::move(attention), [is_all_heard](bool is_all) {
        is_all_heard->set_value(is_all);
    });
    auto answer = is_all_heard->get_future();
    if (answer.wait_for(attention_patience) != std::future_status::ready || !answer.get()) {
        throw std::runtime_error("the new process cannot reach Redis; its output says why");
    }
}

std::size_t Takeover::restore(const Context& context, Snapshot snapshot) {
    if (snapshot.bus.has_value() != (context.bus != nullptr)) {
        throw std::runtime_error("scaling.enabled is new since the start: that needs a restart");
    }
    for (const auto& shard : context.shards) shard->catch_up();
    listeners_ = snapshot.listeners;
    return server::restore(std::move(snapshot), context.shards, context.bus);
}

/// It says so, or has died, which comes to the same. A frozen one keeps its clients.
void Takeover::wait_for_end() {
    pipe_.be_patient(std::chrono::seconds(0));
    try {
        (void)pipe_.receive();
    } catch (const std::exception&) {
        return;
    }
}

}  // namespace fanfare::server
