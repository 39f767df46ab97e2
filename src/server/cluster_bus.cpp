// SPDX-License-Identifier: MIT
#include "cluster_bus.hpp"

#include "fanfare/cluster/node.hpp"
#include "fanfare/cluster/reverb_node.hpp"
#include "fanfare/server/redis_options.hpp"

#include <spdlog/logger.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <utility>

namespace fanfare::server {

namespace {

std::string machine_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "?";
    return name.data();
}

std::unique_ptr<cluster::Bus> make_node(
    Common& common, unsigned shards, channels::ShardLinks& links
) {
    const config::Settings& settings = common.settings;
    cluster::NodeOptions options;
    options.redis = redis_options(settings.scaling);
    options.name_space = cluster_name(settings.scaling);
    options.address = machine_name() + ":" + std::to_string(settings.server.port);
    options.version = FANFARE_VERSION;
    options.shards = shards;
    options.lease = settings.scaling.lease;
    options.max_queued_bytes = settings.scaling.max_queued_bytes;
    cluster::NodeApps apps;
    apps.open = [&common](AppIndex app) { return common.apps[app].usage.connections.open.load(); };
    apps.set_elsewhere = [&common](AppIndex app, std::uint32_t count) {
        common.apps[app].usage.connections.elsewhere = count;
    };
    apps.look_for = [&common](const std::string& app_id) {
        if (common.database == nullptr) return;
        common.database->find(apps::Database::Column::id, app_id, [](const auto& /*answer*/) {});
    };
    return cluster::make_node(
        std::move(options),
        links,
        common.clock,
        std::move(apps),
        {common.news, common.news},
        common.log
    );
}

std::unique_ptr<cluster::Bus> make_reverb_node(
    Common& common, unsigned shards, channels::ShardLinks& links
) {
    const config::Settings& settings = common.settings;
    cluster::ReverbNodeOptions options;
    options.redis = redis_options(settings.scaling);
    options.channel = settings.scaling.channel;
    options.public_host = settings.server.hostname;
    options.shards = shards;
    options.max_queued_bytes = settings.scaling.max_queued_bytes;
    options.patience = settings.scaling.lease;
    return cluster::make_reverb_node(std::move(options), links, common.clock, common.log);
}

}  // namespace

std::string cluster_name(const config::ScalingSettings& scaling) {
    if (scaling.database == 0) return scaling.channel;
    return scaling.channel + "/" + std::to_string(scaling.database);
}

std::unique_ptr<cluster::Bus> make_bus(
    Common& common, unsigned shards, channels::ShardLinks& links
) {
    const config::ScalingSettings& scaling = common.settings.scaling;
    if (!scaling.enabled) return nullptr;
    const bool is_reverb = scaling.mode == config::ScalingMode::reverb;
    common.log.info(
        "joining the cluster name={} mode={}", scaling.channel, is_reverb ? "reverb" : "fanfare"
    );
    return is_reverb ? make_reverb_node(common, shards, links) : make_node(common, shards, links);
}

}  // namespace fanfare::server
