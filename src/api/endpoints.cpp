// SPDX-License-Identifier: MIT
#include "endpoints.hpp"

#include "attributes.hpp"
#include "event_request.hpp"
#include "replies.hpp"

#include "fanfare/base/log_text.hpp"
#include "fanfare/protocol/channel_name.hpp"
#include "fanfare/protocol/json.hpp"

#include <spdlog/logger.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace fanfare::api {

using channels::ChannelHome;
using channels::ChannelKey;
using channels::ChannelStats;
using channels::Hub;
using transport::HttpResponse;

namespace {

using Names = std::vector<std::string>;
using Publications = std::vector<channels::Publication>;

/// `{"channels":{"a":{…},…}}` without the outer braces.
std::string channel_map(const Names& names, const ChannelStats* stats, const Attributes& wanted) {
    std::string json = R"("channels":{)";
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i != 0) json.push_back(',');
        protocol::append_json_string(json, names[i]);
        json += ":" + to_json(names[i], stats[i], wanted);
    }
    return json + "}";
}

Names names_of(const Publications& publications) {
    Names names;
    for (const auto& publication : publications) names.push_back(publication.channel.name);
    return names;
}

std::vector<ChannelKey> channels_of(const Publications& publications) {
    std::vector<ChannelKey> channels;
    for (const auto& publication : publications) channels.push_back(publication.channel);
    return channels;
}

/// As Reverb does, but without the events themselves.
void log_publications(spdlog::logger& log, const apps::App& app, const Publications& publications) {
    if (!log.should_log(spdlog::level::debug)) return;
    for (const auto& publication : publications) {
        log.debug(
            "broadcasting to app={} channel={}",
            app.settings().id,
            log_text(publication.channel.name)
        );
    }
}

void refuse(Counters& counters, const Refusal& refusal, const Reply& reply) {
    counters.add(refusal.cause);
    reply(refusal.response);
}

/// The queue towards the cluster is full: nothing was published.
Refusal overloaded() {
    HttpResponse response =
        text_reply(503, "Redis is away and the queue of events for the other nodes is full.");
    response.headers.emplace_back("Retry-After", "1");
    return {response, Counter::api_overloaded};
}

void publish_one(const Call& call, const Reply& reply) {
    publish_event(call.app, call.hub, call.counters, call.log, call.request.body, reply);
}

/// One item's answer in a batch: the attributes of its channel, or of the only one in its list.
std::string batch_item(
    const Names& names, const ChannelStats* stats, const std::optional<Attributes>& info
) {
    if (!info) return "{}";
    if (names.size() == 1) return to_json(names[0], stats[0], *info);
    return "{" + channel_map(names, stats, *info) + "}";
}

void publish_batch(const Call& call, const Reply& reply) {
    auto parsed = parse_batch(call.request.body, call.app.index(), call.app.settings());
    if (const auto* refusal = std::get_if<Refusal>(&parsed)) {
        return refuse(call.counters, *refusal, reply);
    }

    struct Item {
        Names names;
        std::optional<Attributes> info;
    };

    std::vector<Item> items;
    Publications publications;
    for (EventRequest& request : std::get<std::vector<EventRequest>>(parsed)) {
        items.push_back({names_of(request.publications), request.info});
        std::ranges::move(request.publications, std::back_inserter(publications));
    }
    log_publications(call.log, call.app, publications);
    const bool has_info =
        std::ranges::any_of(items, [](const Item& item) { return item.info.has_value(); });
    std::vector<ChannelKey> channels;
    if (has_info) channels = channels_of(publications);
    const auto answer =
        [items = std::move(items), has_info, reply](const std::vector<ChannelStats>& stats) {
            std::string json = R"({"batch":[)";
            const ChannelStats* next = stats.data();
            for (std::size_t i = 0; has_info && i < items.size(); ++i) {
                if (i != 0) json.push_back(',');
                json += batch_item(items[i].names, next, items[i].info);
                next += items[i].names.size();
            }
            reply(json_reply(200, json + "]}"));
        };
    call.hub.publish(
        std::move(publications),
        [&hub = call.hub, &counters = call.counters, channels = std::move(channels), answer, reply](
            bool is_accepted
        ) {
            if (!is_accepted) return refuse(counters, overloaded(), reply);
            hub.stats(channels, answer);
        }
    );
}

/// Adds the events of the cache channels in a listing, if they are wanted.
void with_cached(
    Hub& hub,
    AppIndex app,
    const Attributes& wanted,
    const Names& names,
    std::vector<ChannelStats> listed,
    Hub::StatsDone done
) {
    std::vector<ChannelKey> channels;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; wanted.cache && i < names.size(); ++i) {
        if (!protocol::kind_of(names[i]).is_cache) continue;
        channels.emplace_back(app, names[i]);
        places.push_back(i);
    }
    if (channels.empty()) return done(std::move(listed));
    hub.stats(
        std::move(channels),
        [places = std::move(places),
         listed = std::move(listed),
         done = std::move(done)](std::vector<ChannelStats> stats) mutable {
            for (std::size_t i = 0; i < places.size(); ++i) {
                listed[places[i]].cached = std::move(stats[i].cached);
            }
            done(std::move(listed));
        }
    );
}

void list_channels(const Call& call, const Reply& reply) {
    const Attributes wanted = Attributes::parse(call.query.find("info"));
    const std::string prefix(call.query.find("filter_by_prefix"));
    const AppIndex app = call.app.index();
    call.hub.list(app, prefix, [&hub = call.hub, app, wanted, reply](ChannelHome::Listing listing) {
        std::erase_if(listing, [](const auto& entry) {
            return protocol::kind_of(entry.first).is_reserved;
        });
        std::ranges::sort(listing, {}, [](const auto& entry) { return entry.first; });
        Names names;
        std::vector<ChannelStats> stats;
        for (auto& [name, channel_stats] : listing) {
            names.push_back(std::move(name));
            stats.push_back(std::move(channel_stats));
        }
        with_cached(hub, app, wanted, names, std::move(stats), [=](const auto& complete) {
            reply(json_reply(200, "{" + channel_map(names, complete.data(), wanted) + "}"));
        });
    });
}

void show_channel(const Call& call, const Reply& reply) {
    Attributes wanted = Attributes::parse(call.query.find("info"));
    const ChannelKey channel(call.app.index(), call.subject);
    call.hub.stats({channel}, [channel, wanted, reply](const auto& stats) mutable {
        wanted.occupied = true;
        reply(json_reply(200, to_json(channel.name, stats.front(), wanted)));
    });
}

void list_users(const Call& call, const Reply& reply) {
    if (!protocol::kind_of(call.subject).is_presence) return reply(json_reply(400, "{}"));
    call.hub.user_ids(ChannelKey(call.app.index(), call.subject), [reply](const Names& ids) {
        std::string json;
        for (const std::string& id : ids) {
            json += json.empty() ? R"({"id":)" : R"(,{"id":)";
            protocol::append_json_string(json, id);
            json.push_back('}');
        }
        reply(json_reply(200, R"({"users":[)" + json + "]}"));
    });
}

void count_connections(const Call& call, const Reply& reply) {
    call.hub.connections_elsewhere(
        call.app.index(),
        [&own = call.app.connections(), reply](std::optional<std::uint64_t> elsewhere) {
            const std::uint64_t count = elsewhere ? own.open + *elsewhere : own.total();
            reply(json_reply(200, R"({"connections":)" + std::to_string(count) + "}"));
        }
    );
}

void terminate_connections(const Call& call, const Reply& reply) {
    call.hub.terminate(call.app.index(), call.subject);
    reply(json_reply(200, "{}"));
}

struct Pattern {
    std::string_view first;
    bool has_subject;
    std::string_view last;
    std::string_view method;
    Endpoint endpoint;
    HttpRoute route;
};

constexpr std::array patterns{
    Pattern{"events", false, "", "POST", publish_one, HttpRoute::events},
    Pattern{"batch_events", false, "", "POST", publish_batch, HttpRoute::batch_events},
    Pattern{"channels", false, "", "GET", list_channels, HttpRoute::channels},
    Pattern{"channels", true, "", "GET", show_channel, HttpRoute::channel},
    Pattern{"channels", true, "users", "GET", list_users, HttpRoute::users},
    Pattern{"connections", false, "", "GET", count_connections, HttpRoute::connections},
    Pattern{
        "users",
        true,
        "terminate_connections",
        "POST",
        terminate_connections,
        HttpRoute::terminate_connections},
};

/// Cuts the part before the next slash off; `has_more` tells whether there was one.
std::string_view next_segment(std::string_view& path, bool& has_more) {
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    has_more = slash != std::string_view::npos;
    path.remove_prefix(has_more ? slash + 1 : path.size());
    return segment;
}

}  // namespace

std::optional<EndpointMatch> match_endpoint(std::string_view path) {
    bool has_subject = false;
    bool has_last = false;
    bool has_more = false;
    const std::string_view first = next_segment(path, has_subject);
    const std::string_view subject = next_segment(path, has_last);
    const std::string_view last = next_segment(path, has_more);
    if (has_more || (has_subject && subject.empty()) || (has_last && last.empty())) {
        return std::nullopt;
    }
    for (const Pattern& pattern : patterns) {
        if (pattern.first == first && pattern.has_subject == has_subject && pattern.last == last) {
            return EndpointMatch{
                pattern.endpoint,
                pattern.route,
                pattern.method,
                protocol::percent_decode(subject, false)};
        }
    }
    return std::nullopt;
}

void publish_event(
    apps::App& app,
    channels::Hub& hub,
    Counters& counters,
    spdlog::logger& log,
    std::string_view body,
    const Reply& reply
) {
    auto parsed = parse_event(body, app.index(), app.settings());
    if (const auto* refusal = std::get_if<Refusal>(&parsed)) {
        return refuse(counters, *refusal, reply);
    }
    EventRequest& event = std::get<EventRequest>(parsed);
    log_publications(log, app, event.publications);
    if (!event.info) {
        return hub.publish(std::move(event.publications), [&counters, reply](bool is_accepted) {
            if (!is_accepted) return refuse(counters, overloaded(), reply);
            reply(json_reply(200, "{}"));
        });
    }
    Names names = names_of(event.publications);
    std::vector<ChannelKey> channels = channels_of(event.publications);
    const auto answer = [names = std::move(names), info = *event.info, reply](const auto& stats) {
        reply(json_reply(200, "{" + channel_map(names, stats.data(), info) + "}"));
    };
    hub.publish(
        std::move(event.publications),
        [&hub, &counters, channels = std::move(channels), answer, reply](bool is_accepted) {
            if (!is_accepted) return refuse(counters, overloaded(), reply);
            hub.stats(channels, answer);
        }
    );
}

}  // namespace fanfare::api
