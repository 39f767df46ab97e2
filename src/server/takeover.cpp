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
#include <stdexcept>
#include <string>

namespace fanfare::server {

namespace {

constexpr std::chrono::seconds patience{60};

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

void Takeover::run(
    const Common& common,
    std::span<const std::unique_ptr<Shard>> shards,
    const AppRegistry& apps,
    apps::Database* database
) {
    pipe_.be_patient(patience);
    pipe_.send("ready");
    const PipeMessage message = pipe_.receive();
    std::size_t clients = 0;
    try {
        clients = restore(message, shards, apps, database);
    } catch (const std::exception& error) {
        pipe_.send(error.what());
        throw;
    }
    pipe_.send(taken_over);
    wait_for_end();
    common.log.info("taken over clients={}", clients);
}

std::size_t Takeover::restore(
    const PipeMessage& message,
    std::span<const std::unique_ptr<Shard>> shards,
    const AppRegistry& apps,
    apps::Database* database
) {
    KnownApps known(apps, database);
    const auto number = [&known](const std::string& id) { return known.find(id); };
    Snapshot snapshot = decode_snapshot(message.bytes, number, message.fds);
    for (const PassedClient& client : snapshot.clients) (void)number(client.session.app_id);
    for (const auto& shard : shards) shard->catch_up();
    listeners_ = snapshot.listeners;
    return server::restore(std::move(snapshot), shards);
}

/// It says so, or has died, which comes to the same.
void Takeover::wait_for_end() {
    try {
        (void)pipe_.receive();
    } catch (const std::exception&) {
        return;
    }
}

}  // namespace fanfare::server
