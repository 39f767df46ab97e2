// SPDX-License-Identifier: MIT
#include "takeover.hpp"

#include "handover.hpp"
#include "restore.hpp"

#include <fcntl.h>
#include <spdlog/logger.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <future>
#include <map>
#include <set>
#include <string>

namespace fanfare::server {

namespace {

constexpr std::chrono::seconds patience{60};

/// Each shard has one at least, and each is some shard's: all have clients that wait.
std::vector<std::vector<int>> spread(const std::vector<int>& fds, std::size_t shards) {
    std::vector<std::vector<int>> of_shard(shards);
    for (std::size_t i = 0; i < fds.size(); ++i) of_shard[i % shards].push_back(fds[i]);
    for (std::size_t i = fds.size(); i < shards && !fds.empty(); ++i) {
        of_shard[i].push_back(::fcntl(fds[i % fds.size()], F_DUPFD_CLOEXEC, 0));
    }
    return of_shard;
}

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
    std::map<std::string, AppIndex> known;
    for (const auto& app : apps.list()) known[app.settings->id] = app.index;
    // What only the database knows is asked for when it is named.
    const auto number = [&](const std::string& id) -> std::optional<AppIndex> {
        if (!known.contains(id) && database != nullptr) {
            std::promise<void> is_answered;
            database->find(apps::Database::Column::id, id, [&is_answered](const auto& /*answer*/) {
                is_answered.set_value();
            });
            is_answered.get_future().wait();
            for (const auto& app : apps.list()) known[app.settings->id] = app.index;
        }
        const auto found = known.find(id);
        return found == known.end() ? std::nullopt : std::optional(found->second);
    };
    Snapshot snapshot = decode_snapshot(message.bytes, number, message.fds);
    for (const PassedClient& client : snapshot.clients) (void)number(client.session.app_id);
    for (const auto& shard : shards) shard->catch_up();
    listeners_ = spread(snapshot.listeners, shards.size());
    const std::size_t all = snapshot.clients.size();
    const std::size_t restored = restore(std::move(snapshot), shards);
    pipe_.send("taken over");
    wait_for_end();
    common.log.info("taken over clients={} of={}", restored, all);
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
