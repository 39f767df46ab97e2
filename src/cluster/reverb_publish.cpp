// SPDX-License-Identifier: MIT
#include "reverb_publish.hpp"

#include "fanfare/protocol/channel_name.hpp"
#include "fanfare/protocol/frames.hpp"
#include "fanfare/protocol/json.hpp"
#include "fanfare/protocol/socket_id.hpp"

#include <set>
#include <utility>

namespace fanfare::cluster {

namespace frames = protocol::frames;
using channels::Publication;
using protocol::RawJson;
using reverb::ApplicationText;

namespace {

constexpr std::string_view whisper_prefix = "client-";

/// What a frame says but for its channel. The views are into the frame.
struct Content {
    std::string event;
    std::string_view data;     // raw JSON
    std::string_view user_id;  // the same

    /// Whether it has the form of a trigger, which alone may name several channels.
    [[nodiscard]] bool is_trigger() const {
        return protocol::is_string(data) && user_id.empty() && !event.starts_with(whisper_prefix);
    }

    friend bool operator==(const Content&, const Content&) = default;
};

std::optional<Content> content_of(const EncodedFrame& frame) {
    const auto json = RawJson::parse(frame.text(), reverb::max_bus_depth);
    if (!json || !json->is_object()) return std::nullopt;
    auto event = protocol::string_value(json->find("event"));
    if (!event) return std::nullopt;
    return Content{*std::move(event), json->find("data"), json->find("user_id")};
}

/// Publications of one content.
struct Group {
    Content content;
    std::vector<Publication> publications;

    [[nodiscard]] bool may_take(const Content& other, const Publication& publication) const {
        const Publication& first = publications.front();
        return content.is_trigger() && content == other && first.except == publication.except &&
               first.channel.app == publication.channel.app;
    }
};

std::optional<std::vector<Group>> grouped(std::vector<Publication> publications) {
    std::vector<Group> groups;
    for (Publication& publication : publications) {
        auto content = content_of(publication.frame);
        if (!content) return std::nullopt;
        if (groups.empty() || !groups.back().may_take(*content, publication)) {
            groups.push_back({*std::move(content), {}});
        }
        groups.back().publications.push_back(std::move(publication));
    }
    return groups;
}

std::optional<std::string> encode(const ApplicationText& app, const Group& group, bool is_alone) {
    const Content& content = group.content;
    const Publication& first = group.publications.front();
    std::optional<std::string> socket_id;
    if (first.except) socket_id = protocol::to_string(*first.except);
    // As Reverb does, the items of a batch travel like client events.
    const bool is_single = group.publications.size() == 1 && !(is_alone && content.is_trigger());
    if (is_single) {
        return reverb::encode_channel_event(
            app, content.event, first.channel.name, content.data, content.user_id, socket_id
        );
    }
    const auto data = protocol::string_value(content.data);
    if (!data) return std::nullopt;
    std::vector<std::string> names;
    for (const Publication& publication : group.publications) {
        names.push_back(publication.channel.name);
    }
    return reverb::encode_event(app, content.event, names, *data, socket_id);
}

bool is_whisper(const reverb::BusEvent& event) {
    return !event.user_id.empty() || event.event.starts_with(whisper_prefix);
}

}  // namespace

std::optional<std::vector<ReverbMessage>> to_reverb(
    const ApplicationText& app, std::vector<Publication> publications
) {
    auto groups = grouped(std::move(publications));
    if (!groups) return std::nullopt;
    std::vector<ReverbMessage> messages;
    for (Group& group : *groups) {
        auto bytes = encode(app, group, groups->size() == 1);
        if (!bytes) return std::nullopt;
        messages.push_back({*std::move(bytes), std::move(group.publications)});
    }
    return messages;
}

EncodedFrame frame_of(const reverb::BusEvent& event, std::string_view channel) {
    const std::string_view data = event.data.empty() ? "null" : std::string_view(event.data);
    if (!is_whisper(event)) {
        return EncodedFrame(frames::event(event.event, data, channel));
    }
    return EncodedFrame(frames::client_event(event.event, channel, data, event.user_id));
}

void deliver_event(
    channels::Hub& hub,
    AppIndex app,
    const reverb::BusEvent& event,
    channels::CacheTime cache_time,
    Clock::TimePoint heard
) {
    std::optional<protocol::SocketId> except;
    if (event.socket_id) except = protocol::parse_socket_id(*event.socket_id);
    std::set<std::string_view> done;
    for (const std::string& name : event.channels) {
        const channels::ChannelRef channel{app, name};
        // A frame is made only where somebody wants it: a list may be long, and the data large.
        const bool is_kept = protocol::kind_of(name).is_cache && !is_whisper(event);
        if ((!is_kept && !hub.has_subscribers(channel)) || !done.insert(name).second) continue;
        const EncodedFrame frame = frame_of(event, name);
        if (is_kept) hub.keep(channel, frame, cache_time);
        hub.deliver_here(channel, frame, except, heard);
    }
}

}  // namespace fanfare::cluster
