// SPDX-License-Identifier: MIT
#include "event_request.hpp"

#include <gmock/gmock.h>

#include <chrono>

namespace fanfare::api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string refusal_text(const Refusal& refusal) {
    return std::to_string(refusal.response.status) + " " + refusal.response.body;
}

/// The frames of an event, or its refusal as `status body`.
std::vector<std::string> frames_of(std::string_view body, const config::AppSettings& limits = {}) {
    const auto parsed = parse_event(body, 3, limits);
    if (const auto* refusal = std::get_if<Refusal>(&parsed)) {
        return {refusal_text(*refusal)};
    }
    std::vector<std::string> frames;
    for (const auto& publication : std::get<EventRequest>(parsed).publications) {
        EXPECT_EQ(publication.channel.app, 3U);
        frames.emplace_back(publication.frame.text());
    }
    return frames;
}

EventRequest accepted(std::string_view body) {
    auto parsed = parse_event(body, 3, {});
    EXPECT_TRUE(std::holds_alternative<EventRequest>(parsed));
    return std::get<EventRequest>(std::move(parsed));
}

/// An event with `member` in place of the one of that name.
std::string event_with(std::string_view name, std::string_view member) {
    std::string body = "{";
    for (const auto& [key, text] : std::vector<std::pair<std::string_view, std::string_view>>{
             {"name", R"("name":"e")"},
             {"data", R"("data":"d")"},
             {"channel", R"("channel":"c")"}}) {
        const std::string_view shown = key == name ? member : text;
        if (shown.empty()) continue;
        if (body.size() > 1) body += ",";
        body += shown;
    }
    return body + "}";
}

std::string list_of(std::size_t count, std::string_view prefix) {
    std::string list = "[";
    for (std::size_t i = 0; i < count; ++i) {
        list += (i == 0 ? "\"" : ",\"") + std::string(prefix) + std::to_string(i) + "\"";
    }
    return list + "]";
}

TEST(ParseEvent, makes_a_frame_for_each_channel_in_their_order) {
    EXPECT_THAT(
        frames_of(R"({"name":"e","channels":["b","a","private-c"],"data":"d"})"),
        ElementsAre(
            R"({"event":"e","data":"d","channel":"b"})",
            R"({"event":"e","data":"d","channel":"a"})",
            R"({"event":"e","data":"d","channel":"private-c"})"
        )
    );
}

TEST(ParseEvent, r084_delivers_a_channel_named_twice_once) {
    EXPECT_THAT(frames_of(R"({"name":"e","channels":["b","a","b","a"],"data":"d"})"), SizeIs(2));
}

TEST(ParseEvent, r085_passes_the_data_on_as_it_was_written) {
    for (const std::string data :
         {R"("{\"a\": 1.0}")",
          R"("\u00e4\/\\ \"")",
          "\"\xc3\xa4 <>&'\"",
          R"("   ")",
          R"("not json")",
          R"("\ud83d\ude00")"}) {
        EXPECT_THAT(
            frames_of(R"({"name":"e","channel":"c","data": )" + data + " }"),
            ElementsAre(R"({"event":"e","data":)" + data + R"(,"channel":"c"})")
        );
    }
}

TEST(ParseEvent, takes_the_list_if_there_is_a_channel_too) {
    EXPECT_THAT(
        frames_of(R"({"name":"e","channel":"x","channels":["a"],"data":"d"})"),
        ElementsAre(HasSubstr(R"("channel":"a")"))
    );
}

TEST(ParseEvent, r086_excludes_a_connection_by_its_socket_id) {
    const auto except_of = [](const std::string& id) {
        const auto request =
            accepted(R"({"name":"e","channel":"c","data":"d","socket_id":")" + id + "\"}");
        return request.publications.at(0).except;
    };
    EXPECT_EQ(except_of("12.34"), (protocol::SocketId{12, 34}));
    for (const char* id : {"", "12", "12.", "a.b", "12.34.56", "99999999999.1"}) {
        EXPECT_EQ(except_of(id), std::nullopt) << id;
    }
    EXPECT_EQ(accepted(event_with("", "")).publications.at(0).except, std::nullopt);
}

TEST(ParseEvent, r087_reads_the_attributes_that_are_asked_for) {
    const auto request =
        accepted(R"({"name":"e","channel":"c","data":"d","info":"user_count,occupied"})");
    ASSERT_TRUE(request.info);
    EXPECT_TRUE(request.info->user_count && request.info->occupied);
    EXPECT_FALSE(request.info->subscription_count);
    EXPECT_FALSE(accepted(R"({"name":"e","channel":"c","data":"d","info":""})").info);
    EXPECT_FALSE(accepted(event_with("", "")).info);
}

TEST(ParseEvent, r088_a_body_that_is_no_object_gets_400) {
    for (const std::string_view body :
         {"", "x", "[]", "null", "5", "{\"name\":", "{}x", "\"{}\""}) {
        EXPECT_THAT(frames_of(body), ElementsAre("400 The body is not a JSON object."));
    }
}

TEST(ParseEvent, r088_tells_all_that_is_missing_in_order) {
    EXPECT_THAT(
        frames_of("{}"),
        ElementsAre(R"(422 {"name":["The name field is required."],)"
                    R"("data":["The data field is required."],)"
                    R"("channels":["The channels field is required when channel is not present."],)"
                    R"("channel":["The channel field is required when channels is not present."]})")
    );
}

TEST(ParseEvent, r088_tells_what_is_wrong_with_a_field) {
    const struct {
        const char* field;
        const char* member;
        const char* errors;
    } rows[] = {
        {"name", "", R"({"name":["The name field is required."]})"},
        {"name", R"("name":null)", R"({"name":["The name field is required."]})"},
        {"name", R"("name":"")", R"({"name":["The name field is required."]})"},
        {"name", R"("name":" \t")", R"({"name":["The name field is required."]})"},
        {"name", R"("name":5)", R"({"name":["The name field must be a string."]})"},
        {"name", R"("name":{})", R"({"name":["The name field must be a string."]})"},
        {"data", "", R"({"data":["The data field is required."]})"},
        {"data", R"("data":"")", R"({"data":["The data field is required."]})"},
        {"data", R"("data":[])", R"({"data":["The data field is required."]})"},
        {"data", R"("data":{"a":1})", R"({"data":["The data field must be a string."]})"},
        {"data", R"("data":[1])", R"({"data":["The data field must be a string."]})"},
        {"data", R"("data":0)", R"({"data":["The data field must be a string."]})"},
        {"channel", R"("channel":5)", R"({"channel":["The channel field must be a string."]})"},
        {"channel",
         R"("channels":"c")",
         R"({"channels":["The channels field must be an array."]})"},
        {"channel",
         R"("channels":{"a":"b"})",
         R"({"channels":["The channels field must be an array."]})"},
        {"channel",
         R"("channels":["a",5])",
         R"({"channels.1":["The channels.1 field must be a string."]})"},
        {"data",
         R"("data":"d","socket_id":5)",
         R"({"socket_id":["The socket id field must be a string."]})"},
        {"data",
         R"("data":"d","socket_id":null)",
         R"({"socket_id":["The socket id field must be a string."]})"},
        {"data", R"("data":"d","info":[])", R"({"info":["The info field must be a string."]})"},
    };

    for (const auto& row : rows) {
        EXPECT_THAT(
            frames_of(event_with(row.field, row.member)),
            ElementsAre("422 " + std::string(row.errors))
        ) << row.member;
    }
}

TEST(ParseEvent, r084_goes_to_100_channels_at_most) {
    const auto to = [](std::size_t count) {
        return frames_of(event_with("channel", R"("channels":)" + list_of(count, "c")));
    };
    EXPECT_THAT(to(100), SizeIs(100));
    EXPECT_THAT(
        to(101),
        ElementsAre("400 An event may go to 100 channels at most (max_channels_per_event); "
                    "this one names 101.")
    );
}

TEST(ParseEvent, bounds_names_and_data) {
    const auto named = [](std::size_t length) {
        return frames_of(event_with("name", R"("name":")" + std::string(length, 'n') + "\""));
    };
    EXPECT_THAT(named(200), ElementsAre(HasSubstr("\"channel\"")));
    EXPECT_THAT(
        named(201),
        ElementsAre("400 The event name is longer than 200 characters (max_event_name_length).")
    );
    config::AppSettings limits;
    limits.max_event_data = 4;
    EXPECT_THAT(frames_of(event_with("data", R"("data":"1234")"), limits), SizeIs(1));
    EXPECT_THAT(
        frames_of(event_with("data", R"("data":"12345")"), limits),
        ElementsAre("400 The event data is larger than 4 bytes (max_event_data).")
    );
    EXPECT_THAT(frames_of(event_with("data", R"("data":"\u0041\n\"\/")"), limits), SizeIs(1))
        << "it is the text that counts, not how JSON writes it";
    std::string umlauts;
    for (int i = 0; i < 200; ++i) umlauts += "\xc3\xa4";
    EXPECT_THAT(
        frames_of(event_with("name", R"("name":")" + umlauts + "\"")),
        ElementsAre(HasSubstr("\"channel\""))
    ) << "characters and not bytes";
}

TEST(ParseEvent, a_long_list_of_channels_is_read_in_no_time) {
    const std::string list = list_of(100'000, "some-channel-");
    const auto began = std::chrono::steady_clock::now();
    EXPECT_THAT(
        frames_of(event_with("channel", R"("channels":)" + list)),
        ElementsAre(HasSubstr("names 100000."))
    );
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{10});
}

TEST(ParseEvent, keeps_pusher_s_event_names_to_itself) {
    config::AppSettings lax;
    lax.allow_reserved_event_names = true;
    for (const std::string name : {"pusher:error", "pusher_internal:member_added", "pusher:"}) {
        const std::string body = event_with("name", R"("name":")" + name + "\"");
        EXPECT_THAT(
            frames_of(body),
            ElementsAre("400 Event names that begin with pusher: or pusher_internal: are reserved.")
        );
        EXPECT_THAT(frames_of(body, lax), ElementsAre(HasSubstr(name)));
    }
    for (const std::string name : {"client-x", "Pusher:x", "pusher", "xpusher:"}) {
        EXPECT_THAT(
            frames_of(event_with("name", R"("name":")" + name + "\"")),
            ElementsAre(HasSubstr("\"event\""))
        );
    }
}

TEST(ParseEvent, refuses_channel_names_that_nobody_can_have) {
    for (const std::string& name :
         {std::string("a b"),
          std::string("a:b"),
          std::string(201, 'c'),
          std::string("#"),
          std::string("#other"),
          std::string(" ")}) {
        EXPECT_THAT(
            frames_of(event_with("channel", R"("channel":")" + name + "\"")),
            ElementsAre("400 Invalid channel name \"" + name + "\".")
        );
        EXPECT_THAT(
            frames_of(event_with("channel", R"("channels":["ok",")" + name + "\"]")),
            ElementsAre("400 Invalid channel name \"" + name + "\".")
        );
    }
    EXPECT_THAT(
        frames_of(event_with("channel", R"("channels":["ok",""])")),
        ElementsAre("400 Invalid channel name \"\".")
    );
    EXPECT_THAT(
        frames_of(event_with("channel", R"("channel":"#server-to-user-7")")),
        ElementsAre(HasSubstr("#server-to-user-7"))
    );
    config::AppSettings lenient;
    lenient.channel_charset = config::ChannelCharset::lenient;
    EXPECT_THAT(frames_of(event_with("channel", R"("channel":"a:b")"), lenient), SizeIs(1));
}

/// The channels of a batch in their order, or its refusal.
std::vector<std::string> batch_of(std::string_view body) {
    const auto parsed = parse_batch(body, 3, {});
    if (const auto* refusal = std::get_if<Refusal>(&parsed)) {
        return {refusal_text(*refusal)};
    }
    std::vector<std::string> channels;
    for (const EventRequest& request : std::get<std::vector<EventRequest>>(parsed)) {
        for (const auto& publication : request.publications) {
            channels.push_back(publication.channel.name);
        }
    }
    return channels;
}

std::string batch_with(std::size_t count) {
    std::string body = R"({"batch":[)";
    for (std::size_t i = 0; i < count; ++i) {
        if (i != 0) body += ",";
        body += R"({"name":"e","data":"d","channel":"c)" + std::to_string(i) + "\"}";
    }
    return body + "]}";
}

TEST(ParseBatch, r089_keeps_the_order_of_up_to_10_items) {
    EXPECT_THAT(batch_of(batch_with(3)), ElementsAre("c0", "c1", "c2"));
    EXPECT_THAT(batch_of(batch_with(10)), SizeIs(10));
    EXPECT_THAT(
        batch_of(batch_with(11)), ElementsAre("400 Cannot batch-send more than 10 messages at once")
    );
}

TEST(ParseBatch, r089_items_have_their_own_socket_id_and_info_and_may_have_channels) {
    const auto parsed = parse_batch(
        R"({"batch":[{"name":"e","data":"d","channel":"a","socket_id":"1.2"},)"
        R"({"name":"e","data":"d","channels":["b","c"],"info":"occupied"}]})",
        3,
        {}
    );
    const auto& items = std::get<std::vector<EventRequest>>(parsed);
    ASSERT_THAT(items, SizeIs(2));
    EXPECT_EQ(items[0].publications.at(0).except, (protocol::SocketId{1, 2}));
    EXPECT_FALSE(items[0].info);
    EXPECT_THAT(items[1].publications, SizeIs(2));
    EXPECT_EQ(items[1].publications[0].except, std::nullopt);
    EXPECT_TRUE(items[1].info && items[1].info->occupied);
}

TEST(ParseBatch, r088_tells_what_is_wrong) {
    for (const char* body : {"{}", R"({"batch":null})", R"({"batch":[]})", R"({"batch":[ ]})"}) {
        EXPECT_THAT(
            batch_of(body), ElementsAre(R"(422 {"batch":["The batch field is required."]})")
        );
    }
    for (const char* body : {R"({"batch":{"a":1}})", R"({"batch":5})", R"({"batch":"x"})"}) {
        EXPECT_THAT(
            batch_of(body), ElementsAre(R"(422 {"batch":["The batch field must be an array."]})")
        );
    }
    EXPECT_THAT(batch_of("[]"), ElementsAre("400 The body is not a JSON object."));
    EXPECT_THAT(
        batch_of(R"({"batch":[{"name":"e","data":"d","channel":"a"},5,{"name":5,"channel":"b"}]})"),
        ElementsAre(R"(422 {"batch.1":["The batch.1 field must be an array."],)"
                    R"("batch.2.name":["The batch.2.name field must be a string."],)"
                    R"("batch.2.data":["The batch.2.data field is required."]})")
    );
}

TEST(ParseBatch, r089_one_bad_item_refuses_them_all) {
    EXPECT_THAT(
        batch_of(R"({"batch":[{"name":"e","data":"d","channel":"a"},)"
                 R"({"name":"e","data":"d","channel":"a b"}]})"),
        ElementsAre(R"(400 batch.1: Invalid channel name "a b".)")
    );
}

}  // namespace
}  // namespace fanfare::api
