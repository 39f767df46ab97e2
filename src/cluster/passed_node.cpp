// SPDX-License-Identifier: MIT
#include "passed_node.hpp"

#include "fanfare/base/cbor.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <utility>
#include <variant>

namespace fanfare::cluster {

namespace {

using cbor::binary;
using cbor::bytes_of;
using channels::ChannelKey;
using nlohmann::json;

json written(const ChannelKey& key, const AppIds& apps) {
    return {apps[key.app], key.name};
}

/// Nothing if its app is not known here.
std::optional<ChannelKey> read_key(const json& read, const AppIds& apps) {
    const auto app = apps.find(read.at(0).get_ref<const std::string&>());
    if (!app) return std::nullopt;
    return ChannelKey(*app, read.at(1).get<std::string>());
}

json written(const PassedChannel& channel, const AppIds& apps) {
    json roster = json::array();
    for (const JoinMessage& join : channel.roster) roster.push_back(binary(encode(join)));
    json users = json::array();
    for (const auto& user : channel.users) users.push_back(binary(encode_member(user)));
    return {
        {"channel", written(channel.key, apps)},
        {"roster", std::move(roster)},
        {"users", std::move(users)},
        {"heard", channel.heard},
        {"count", channel.count},
        {"subscriptions", channel.subscriptions}};
}

std::optional<PassedChannel> read_channel(const json& read, const AppIds& apps) {
    const auto key = read_key(read.at("channel"), apps);
    if (!key) return std::nullopt;
    PassedChannel channel{
        *key,
        {},
        {},
        read.at("heard").get<Heard::Last>(),
        read.at("count"),
        read.at("subscriptions")};
    for (const json& join : read.at("roster")) {
        const std::string bytes = bytes_of(join);
        channel.roster.push_back(std::get<JoinMessage>(decode(bytes).value()));
    }
    for (const json& user : read.at("users")) {
        channel.users.push_back(decode_member(bytes_of(user)).value());
    }
    return channel;
}

json written(const Recorded& record) {
    return {
        record.serial, record.app_id, record.channel, static_cast<int>(record.kind), record.detail};
}

Recorded read_record(const json& read) {
    return {
        read.at(0),
        read.at(1),
        read.at(2),
        static_cast<channels::Happening::Kind>(read.at(3).get<int>()),
        read.at(4)};
}

}  // namespace

std::string encode(const PassedNode& node, const AppIds& apps) {
    json all{
        {"node", node.lease.node.text()},
        {"deadline", node.lease.deadline},
        {"servers", node.servers},
        {"doubt_left", node.doubt_left ? json(node.doubt_left->count()) : json()},
        {"last_op", node.last_op},
        {"last_token", node.last_token},
        {"next_seq", node.next_seq},
        {"heard", node.heard},
        {"counts", json::array()},
        {"handled", node.handled},
        {"strangers", json::array()},
        {"owed_counts", json::array()},
        {"channels", json::array()}};
    for (const auto& each : node.counts) all["counts"].push_back(binary(encode(each)));
    for (const Recorded& each : node.strangers) all["strangers"].push_back(written(each));
    for (const auto& each : node.owed_counts) all["owed_counts"].push_back(written(each, apps));
    for (const auto& each : node.channels) all["channels"].push_back(written(each, apps));
    std::string bytes;
    json::to_cbor(all, bytes);
    return bytes;
}

PassedNode decode_node(std::string_view bytes, const AppIds& apps) {
    const json all = json::from_cbor(bytes);
    PassedNode node;
    node.lease.node = NodeId::parse(all.at("node").get<std::string>()).value();
    node.lease.deadline = all.at("deadline");
    node.servers = all.at("servers");
    if (const json& doubt_left = all.at("doubt_left"); !doubt_left.is_null()) {
        node.doubt_left = std::chrono::milliseconds(doubt_left.get<std::int64_t>());
    }
    node.last_op = all.at("last_op");
    node.last_token = all.at("last_token");
    node.next_seq = all.at("next_seq");
    node.heard = all.at("heard").get<Heard::Last>();
    for (const json& each : all.at("counts")) {
        const std::string counts = bytes_of(each);
        node.counts.push_back(std::get<CountsMessage>(decode(counts).value()));
    }
    node.handled = all.at("handled").get<std::vector<std::uint64_t>>();
    for (const json& each : all.at("strangers")) node.strangers.push_back(read_record(each));
    for (const json& each : all.at("owed_counts")) {
        if (auto key = read_key(each, apps)) node.owed_counts.push_back(std::move(*key));
    }
    for (const json& each : all.at("channels")) {
        if (auto channel = read_channel(each, apps)) node.channels.push_back(std::move(*channel));
    }
    return node;
}

}  // namespace fanfare::cluster
