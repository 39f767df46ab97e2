// SPDX-License-Identifier: MIT
#include "cluster_options.hpp"

#include "fanfare/server/redis_options.hpp"

#include <unistd.h>

#include <array>
#include <string>

namespace fanfare::server {

namespace {

std::string machine_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "?";
    return name.data();
}

}  // namespace

std::string cluster_name(const config::ScalingSettings& scaling) {
    if (scaling.database == 0) return scaling.channel;
    return scaling.channel + "/" + std::to_string(scaling.database);
}

cluster::NodeOptions cluster_options(const config::Settings& settings) {
    cluster::NodeOptions options;
    options.redis = redis_options(settings.scaling);
    options.name_space = cluster_name(settings.scaling);
    options.address = machine_name() + ":" + std::to_string(settings.server.port);
    options.version = FANFARE_VERSION;
    options.lease = settings.scaling.lease;
    options.max_queued_bytes = settings.scaling.max_queued_bytes;
    return options;
}

cluster::ReverbNodeOptions reverb_options(const config::Settings& settings) {
    cluster::ReverbNodeOptions options;
    options.redis = redis_options(settings.scaling);
    options.channel = settings.scaling.channel;
    options.public_host = settings.server.hostname;
    options.max_queued_bytes = settings.scaling.max_queued_bytes;
    options.patience = settings.scaling.lease;
    return options;
}

}  // namespace fanfare::server
