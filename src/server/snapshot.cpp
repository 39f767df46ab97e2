// SPDX-License-Identifier: MIT
#include "snapshot.hpp"

#include "fanfare/base/cbor.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace fanfare::server {

namespace {

using cbor::binary;
using cbor::bytes_of;
using nlohmann::json;
using std::chrono::milliseconds;

/// Fields are only added: the other process may be of the version before or after this one.
constexpr int format = 1;

json optional(const std::optional<milliseconds>& time) {
    return time ? json(time->count()) : json();
}

std::optional<milliseconds> time_of(const json& value) {
    return value.is_null() ? std::nullopt : std::optional(milliseconds(value.get<std::int64_t>()));
}

class Writer {
public:
    Writer(const AppName& app_name, std::vector<int>& fds) : app_name_(app_name), fds_(fds) {}

    json descriptor(int fd) {
        fds_.push_back(fd);
        return fds_.size() - 1;
    }

    json connection(const transport::PassedConnection& passed) {
        return {
            {"fd", descriptor(passed.fd)},
            {"input", binary(passed.input)},
            {"output", binary(passed.output)}};
    }

    json client(const PassedClient& client) {
        json written = connection(client.connection);
        written["uses_control_frames"] = client.connection.uses_control_frames;
        written["is_ping_pending"] = client.connection.is_ping_pending;
        const sessions::PassedSession& session = client.session;
        written["app"] = session.app_id;
        written["key"] = session.key;
        written["socket_id"] = to_string(session.socket_id);
        if (session.address) written["address"] = session.address->to_string();
        written["deadline_left"] = optional(session.deadline_left);
        if (session.user) {
            written["user"] = {
                {"id", session.user->id},
                {"info", session.user->user_info_json},
                {"watchlist", session.user->watchlist}};
        }
        written["subscriptions"] = json::array();
        for (const auto& each : session.subscriptions) {
            written["subscriptions"].push_back({each.channel, each.user_id, each.user_id_json});
        }
        return written;
    }

    json request(const transport::PassedHttp& passed) {
        json written = connection(passed);
        written["address"] = passed.address.to_string();
        written["is_proxy"] = passed.is_proxy;
        written["sends_header"] = passed.sends_header;
        written["speaks_tls"] = passed.speaks_tls;
        return written;
    }

    [[nodiscard]] json channel(const channels::ChannelKey& key) const {
        return {app_name_(key.app), key.name};
    }

    [[nodiscard]] json channels(const channels::PassedChannels& passed) const {
        json written{
            {"members", json::array()},
            {"events", json::array()},
            {"absences", json::array()},
            {"counts", json::array()}};
        for (const auto& each : passed.members) {
            json members = json::array();
            for (const channels::Member& member : each.members) {
                members.push_back(
                    {member.user_id,
                     member.user_id_json,
                     member.user_info_json,
                     member.channel_data_json}
                );
            }
            written["members"].push_back({channel(each.channel), std::move(members)});
        }
        for (const auto& each : passed.events) {
            written["events"].push_back({channel(each.channel), each.text, optional(each.time_left)}
            );
        }
        for (const auto& each : passed.absences) {
            written["absences"].push_back(
                {channel(each.channel), each.user_id, each.time_left.count()}
            );
        }
        for (const auto& each : passed.counts) written["counts"].push_back(channel(each));
        return written;
    }

private:
    const AppName& app_name_;
    std::vector<int>& fds_;
};

class Reader {
public:
    Reader(const AppNumber& app_number, const std::vector<int>& fds)
        : app_number_(app_number), fds_(fds) {}

    [[nodiscard]] int descriptor(const json& place) const {
        return fds_.at(place.get<std::size_t>());
    }

    [[nodiscard]] transport::PassedConnection connection(const json& read) const {
        return {descriptor(read.at("fd")), bytes_of(read.at("input")), bytes_of(read.at("output"))};
    }

    [[nodiscard]] PassedClient client(const json& read) const {
        PassedClient client{
            {connection(read),
             read.at("uses_control_frames").get<bool>(),
             read.at("is_ping_pending").get<bool>()},
            {}};
        sessions::PassedSession& session = client.session;
        session.app_id = read.at("app");
        session.key = read.at("key");
        session.socket_id =
            protocol::parse_socket_id(read.at("socket_id").get<std::string>()).value();
        if (read.contains("address")) {
            session.address = IpAddress::parse(read.at("address").get<std::string>());
        }
        session.deadline_left = time_of(read.at("deadline_left"));
        if (const auto user = read.find("user"); user != read.end()) {
            session.user = sessions::User{
                user->at("id"),
                user->at("info"),
                user->at("watchlist").get<std::vector<std::string>>()};
        }
        for (const json& each : read.at("subscriptions")) {
            session.subscriptions.push_back({each.at(0), each.at(1), each.at(2)});
        }
        return client;
    }

    [[nodiscard]] transport::PassedHttp request(const json& read) const {
        return {
            connection(read),
            IpAddress::parse(read.at("address").get<std::string>()).value(),
            read.at("is_proxy").get<bool>(),
            read.at("sends_header").get<bool>(),
            read.at("speaks_tls").get<bool>()};
    }

    /// Nothing if its app is not known here.
    [[nodiscard]] std::optional<channels::ChannelKey> channel(const json& read) const {
        const auto app = app_number_(read.at(0).get<std::string>());
        if (!app) return std::nullopt;
        return channels::ChannelKey(*app, read.at(1).get<std::string>());
    }

    [[nodiscard]] channels::PassedChannels channels(const json& read) const {
        channels::PassedChannels passed;
        for (const json& each : read.at("members")) {
            auto key = channel(each.at(0));
            if (!key) continue;
            std::vector<channels::Member> members;
            for (const json& member : each.at(1)) {
                members.push_back({member.at(0), member.at(1), member.at(2), member.at(3)});
            }
            passed.members.push_back({std::move(*key), std::move(members)});
        }
        for (const json& each : read.at("events")) {
            auto key = channel(each.at(0));
            if (key) passed.events.push_back({std::move(*key), each.at(1), time_of(each.at(2))});
        }
        for (const json& each : read.at("absences")) {
            auto key = channel(each.at(0));
            if (!key) continue;
            passed.absences.push_back(
                {std::move(*key), each.at(1), milliseconds(each.at(2).get<std::int64_t>())}
            );
        }
        for (const json& each : read.at("counts")) {
            if (auto key = channel(each)) passed.counts.push_back(std::move(*key));
        }
        return passed;
    }

private:
    const AppNumber& app_number_;
    const std::vector<int>& fds_;
};

cluster::Attention read_attention(const json& read, const Reader& reader) {
    cluster::Attention attention;
    attention.cluster = read.at("cluster");
    attention.mark = bytes_of(read.at("mark"));
    attention.servers = read.at("servers");
    for (const json& each : read.at("channels")) {
        if (auto key = reader.channel(each)) attention.channels.push_back(std::move(*key));
    }
    return attention;
}

Snapshot read_snapshot(const json& read, const Reader& reader) {
    if (read.at("format") != format)
        throw std::runtime_error("the other process passes another format");
    Snapshot snapshot;
    for (const json& each : read.at("listeners")) {
        snapshot.listeners.push_back(reader.descriptor(each));
    }
    for (const json& each : read.at("clients")) snapshot.clients.push_back(reader.client(each));
    for (const json& each : read.at("requests")) snapshot.requests.push_back(reader.request(each));
    snapshot.channels = reader.channels(read.at("channels"));
    if (const auto bus = read.find("bus"); bus != read.end()) snapshot.bus = bytes_of(*bus);
    return snapshot;
}

}  // namespace

std::string encode(const cluster::Attention& attention, const AppName& app_name) {
    json channels = json::array();
    for (const auto& each : attention.channels) channels.push_back({app_name(each.app), each.name});
    const json written{
        {"attention",
         {{"cluster", attention.cluster},
          {"mark", binary(attention.mark)},
          {"servers", attention.servers},
          {"channels", std::move(channels)}}}};
    std::string bytes;
    json::to_cbor(written, bytes);
    return bytes;
}

std::string encode(const Snapshot& snapshot, const AppName& app_name, std::vector<int>& fds) {
    Writer writer(app_name, fds);
    json written{
        {"format", format},
        {"listeners", json::array()},
        {"clients", json::array()},
        {"requests", json::array()}};
    for (const int fd : snapshot.listeners) written["listeners"].push_back(writer.descriptor(fd));
    for (const auto& each : snapshot.clients) written["clients"].push_back(writer.client(each));
    for (const auto& each : snapshot.requests) written["requests"].push_back(writer.request(each));
    written["channels"] = writer.channels(snapshot.channels);
    if (snapshot.bus) written["bus"] = binary(*snapshot.bus);
    std::string bytes;
    json::to_cbor(written, bytes);
    return bytes;
}

std::variant<cluster::Attention, Snapshot> decode_passed(
    std::string_view bytes, const AppNumber& app_number, const std::vector<int>& fds
) {
    try {
        const json read = json::from_cbor(bytes);
        const Reader reader(app_number, fds);
        const auto attention = read.find("attention");
        if (attention != read.end()) return read_attention(*attention, reader);
        return read_snapshot(read, reader);
    } catch (const std::runtime_error&) {
        throw;
    } catch (const std::exception& error) {
        throw std::runtime_error(
            std::string("what the other process has passed is not understood: ") + error.what()
        );
    }
}

}  // namespace fanfare::server
