// SPDX-License-Identifier: MIT
#pragma once

#include "message.hpp"

#include <string>
#include <variant>

namespace fanfare::cluster::testing {

/// A message in words, for comparisons that say what differs.
struct MessageText {
    std::string operator()(const EventMessage& event) const {
        const std::string except = event.except ? " but " + protocol::to_string(*event.except) : "";
        const std::string kept =
            event.cache_time ? " kept " + std::to_string(event.cache_time->count()) : "";
        return "event " + event.origin + '/' + std::to_string(event.seq) + except + kept + ": " +
               std::string(event.text);
    }

    std::string operator()(const JoinMessage& join) const {
        const channels::Member& member = join.member;
        return '+' + member.user_id + " of " + join.node.text() + " op " + std::to_string(join.op) +
               ' ' + member.user_id_json + ' ' + member.user_info_json + ' ' +
               member.channel_data_json;
    }

    std::string operator()(const LeaveMessage& leave) const {
        return '-' + leave.user_id + " of " + leave.node.text() + " op " + std::to_string(leave.op);
    }

    std::string operator()(const GoneMessage& gone) const { return "gone " + gone.node.text(); }

    std::string operator()(const SyncMessage& sync) const {
        return "sync " + sync.node.text() + " token " + std::to_string(sync.token);
    }

    std::string operator()(const TerminateMessage& terminate) const {
        return "terminate " + terminate.origin + '/' + std::to_string(terminate.seq) + ": " +
               terminate.app_id + ' ' + terminate.user_id;
    }

    std::string operator()(const CountsMessage& counts) const {
        std::string text = "counts " + counts.node;
        for (const auto& [app_id, count] : counts.connections) {
            text += ' ' + app_id + '=' + std::to_string(count);
        }
        return text;
    }

    std::string operator()(const EchoMessage& echo) const {
        return "echo " + echo.node + ' ' + std::to_string(echo.sent_us);
    }

    std::string operator()(const CountMessage& count) const {
        return "count " + std::to_string(count.count);
    }

    std::string operator()(const RollCallMessage& roll_call) const {
        return "roll call " + roll_call.node;
    }
};

[[nodiscard]] inline std::string text_of(const Message& message) {
    return std::visit(MessageText(), message);
}

[[nodiscard]] inline std::string text_of_bytes(std::string_view bytes) {
    const auto message = decode(bytes);
    return message ? text_of(*message) : "not a message";
}

[[nodiscard]] inline channels::Member member_of(const std::string& user_id) {
    return {user_id, '"' + user_id + '"', "{}", R"({"user_id":")" + user_id + "\"}"};
}

}  // namespace fanfare::cluster::testing
