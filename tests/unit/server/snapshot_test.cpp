// SPDX-License-Identifier: MIT
#include "snapshot.hpp"

#include <gmock/gmock.h>

namespace fanfare::server {

namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Snapshot sample() {
    Snapshot snapshot;
    snapshot.listeners = {70, 71};
    PassedClient client{
        {{80, std::string("\xff\0in", 4), "out"}, true, true},
        {"shop",
         "key",
         {12, 34},
         IpAddress::parse("2001:db8::1"),
         sessions::User{"ann", R"({"a":1})", {"ben", "zoe"}},
         1'500ms,
         {{"news", "", ""}, {"presence-room", "1", "1"}}}};
    snapshot.clients.push_back(client);
    snapshot.clients.push_back({{{81, "", ""}, false, false}, {"gone", "k", {5, 6}, {}, {}, {}, {}}}
    );
    snapshot.requests.push_back({{82, "GET", ""}, *IpAddress::parse("10.0.0.1"), true, false});
    snapshot.channels.members.push_back(
        {{0, "presence-room"}, {{"1", "1", "{}", R"({"user_id":1})"}, {"x", R"("x")", "{}", "{}"}}}
    );
    snapshot.channels.events.push_back({{0, "cache-a"}, "event", 9'000ms});
    snapshot.channels.events.push_back({{1, "cache-b"}, "event", std::nullopt});
    snapshot.channels.absences.push_back({{0, "presence-room"}, "ben", 700ms});
    snapshot.channels.counts.emplace_back(0, "large");
    snapshot.bus = std::string("\xff\0", 2);
    return snapshot;
}

std::string name_of(AppIndex app) {
    return app == 0 ? "shop" : "gone";
}

/// In the other process the app is another number, and one of them is gone.
std::optional<AppIndex> number_of(const std::string& id) {
    return id == "shop" ? std::optional(AppIndex{7}) : std::nullopt;
}

Snapshot passed(const Snapshot& snapshot) {
    std::vector<int> fds;
    const std::string bytes = encode(snapshot, name_of, fds);
    for (int& fd : fds) fd += 100;
    return std::get<Snapshot>(decode_passed(bytes, number_of, fds));
}

TEST(Snapshot, brings_clients_with_all_that_they_have_reached) {
    const Snapshot next = passed(sample());
    EXPECT_THAT(next.listeners, ElementsAre(170, 171));
    ASSERT_THAT(next.clients, SizeIs(2));
    const auto& [connection, session] = next.clients[0];
    EXPECT_EQ(connection.fd, 180);
    EXPECT_EQ(connection.input, std::string("\xff\0in", 4));
    EXPECT_EQ(connection.output, "out");
    EXPECT_TRUE(connection.uses_control_frames && connection.is_ping_pending);
    EXPECT_EQ(session.app_id, "shop");
    EXPECT_EQ(session.key, "key");
    EXPECT_EQ(session.socket_id, (protocol::SocketId{12, 34}));
    EXPECT_EQ(session.address, IpAddress::parse("2001:db8::1"));
    EXPECT_EQ(session.deadline_left, 1'500ms);
    ASSERT_TRUE(session.user);
    EXPECT_EQ(session.user->id, "ann");
    EXPECT_EQ(session.user->user_info_json, R"({"a":1})");
    EXPECT_THAT(session.user->watchlist, ElementsAre("ben", "zoe"));
    ASSERT_THAT(session.subscriptions, SizeIs(2));
    EXPECT_EQ(session.subscriptions[0].channel, "news");
    EXPECT_EQ(session.subscriptions[1].user_id, "1");
    EXPECT_EQ(session.subscriptions[1].user_id_json, "1");
}

TEST(Snapshot, may_lack_what_is_not_there) {
    const PassedClient client = passed(sample()).clients[1];
    EXPECT_FALSE(client.session.address);
    EXPECT_FALSE(client.session.user);
    EXPECT_FALSE(client.session.deadline_left);
    EXPECT_THAT(client.session.subscriptions, IsEmpty());
    EXPECT_FALSE(client.connection.uses_control_frames || client.connection.is_ping_pending);
}

TEST(Snapshot, brings_http_connections) {
    const Snapshot next = passed(sample());
    ASSERT_THAT(next.requests, SizeIs(1));
    EXPECT_EQ(next.requests[0].fd, 182);
    EXPECT_EQ(next.requests[0].input, "GET");
    EXPECT_EQ(next.requests[0].address, IpAddress::parse("10.0.0.1"));
    EXPECT_TRUE(next.requests[0].is_proxy);
    EXPECT_FALSE(next.requests[0].sends_header);
}

TEST(Snapshot, brings_channels_of_the_apps_that_are_known) {
    const channels::PassedChannels next = passed(sample()).channels;
    ASSERT_THAT(next.members, SizeIs(1));
    EXPECT_EQ(next.members[0].channel.app, 7U);
    EXPECT_EQ(next.members[0].channel.name, "presence-room");
    ASSERT_THAT(next.members[0].members, SizeIs(2));
    EXPECT_EQ(next.members[0].members[0].channel_data_json, R"({"user_id":1})");
    EXPECT_EQ(next.members[0].members[1].user_id_json, R"("x")");
    ASSERT_THAT(next.events, SizeIs(1));
    EXPECT_EQ(next.events[0].text, "event");
    EXPECT_EQ(next.events[0].time_left, 9'000ms);
    ASSERT_THAT(next.absences, SizeIs(1));
    EXPECT_EQ(next.absences[0].user_id, "ben");
    EXPECT_EQ(next.absences[0].time_left, 700ms);
    ASSERT_THAT(next.counts, SizeIs(1));
    EXPECT_EQ(next.counts[0].name, "large");
}

TEST(Snapshot, of_a_process_that_has_nothing) {
    const Snapshot next = passed({});
    EXPECT_THAT(next.clients, IsEmpty());
    EXPECT_THAT(next.channels.members, IsEmpty());
}

TEST(Snapshot, of_a_node_of_a_cluster_says_first_what_to_listen_to) {
    const std::string bytes = encode(
        {"fanfare reverb", {{0, "news"}, {1, "of an app that is gone"}}, "\xff", "run id"}, name_of
    );
    const auto attention = std::get<cluster::Attention>(decode_passed(bytes, number_of, {}));
    EXPECT_EQ(attention.cluster, "fanfare reverb");
    EXPECT_EQ(attention.mark, "\xff");
    EXPECT_EQ(attention.servers, "run id");
    ASSERT_THAT(attention.channels, SizeIs(1));
    EXPECT_EQ(attention.channels[0].app, 7U);
    EXPECT_EQ(attention.channels[0].name, "news");
    EXPECT_EQ(passed(sample()).bus, std::string("\xff\0", 2));
    EXPECT_EQ(passed({}).bus, std::nullopt);
}

TEST(Snapshot, that_is_none_is_refused) {
    for (const char* bytes :
         {"",
          "x",
          "\xa1\x66"
          "format\x02"}) {
        EXPECT_THROW((void)decode_passed(bytes, number_of, {}), std::runtime_error);
    }
    std::vector<int> fds;
    const std::string bytes = encode(sample(), name_of, fds);
    fds.pop_back();
    EXPECT_THROW(
        (void)std::get<Snapshot>(decode_passed(bytes, number_of, fds)), std::runtime_error
    );
}

}  // namespace

}  // namespace fanfare::server
