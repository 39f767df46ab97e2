// SPDX-License-Identifier: MIT
#include "link.hpp"

#include "hash_slot.hpp"

#include <algorithm>
#include <utility>

namespace fanfare::redis {

namespace {

constexpr std::size_t max_topics_per_command = 1'000;

/// The value of `name:value` in an answer to INFO.
std::string_view info_field(std::string_view info, std::string_view name) {
    while (!info.empty()) {
        const std::size_t end = info.find("\r\n");
        const std::string_view line = info.substr(0, end);
        if (line.starts_with(name) && line.substr(name.size()).starts_with(':')) {
            return line.substr(name.size() + 1);
        }
        info.remove_prefix(end == std::string_view::npos ? info.size() : end + 2);
    }
    return {};
}

}  // namespace

Link::Link(
    boost::asio::io_context& context,
    const Connection::Login& login,
    bool is_sharded,
    std::span<const Script> scripts,
    LinkEvents& events
)
    : commands_(std::make_shared<Connection>(context, login, Connection::Kind::commands, *this)),
      messages_(std::make_shared<Connection>(context, login, Connection::Kind::messages, *this)),
      is_sharded_(is_sharded),
      scripts_(scripts),
      events_(events),
      // Two logins, the process, the role, and the scripts.
      missing_(2 + 2 + scripts.size()) {}

Link::~Link() {
    commands_->close();
    messages_->close();
}

void Link::open() {
    commands_->open();
    messages_->open();
}

void Link::on_open(Connection& connection) {
    if (&connection == commands_.get()) {
        identify();
        for (const Script& script : scripts_) load(script);
    }
    arrived();
}

void Link::identify() {
    commands_->require({"INFO", "server"}, [this](const Reply& info) {
        run_id_ = info_field(info.text, "run_id");
        if (run_id_.empty()) return fail("INFO server: no run_id");
        arrived();
    });
    // ROLE would do as well; a user who may INFO may not always ask for that.
    commands_->require({"INFO", "replication"}, [this](const Reply& info) {
        const std::string role(info_field(info.text, "role"));
        if (role != "master") return fail("not a master but a " + (role.empty() ? "?" : role));
        arrived();
    });
}

void Link::load(const Script& script) {
    commands_->require({"SCRIPT", "LOAD", script.body}, [this, &script](const Reply& hash) {
        if (hash.text != script.sha1) return fail("SCRIPT: another hash than expected");
        arrived();
    });
}

void Link::arrived() {
    if (--missing_ == 0) events_.on_link_up(*this);
}

void Link::fail(const std::string& reason) {
    commands_->close();
    messages_->close();
    events_.on_link_lost(*this, reason);
}

void Link::on_lost(Connection&, const std::string& reason) {
    fail(reason);
}

void Link::on_push(Connection&, Reply push) {
    if (push.is_error()) return fail(push.text);
    if (push.kind == Reply::Kind::status) return on_pong();  // while nothing is subscribed
    std::vector<Reply>& parts = push.elements;
    if (parts.size() < 2) return fail("an unexpected push");
    const std::string_view kind = parts[0].text;
    if (kind == (is_sharded_ ? "smessage" : "message") && parts.size() == 3) {
        events_.on_link_message(parts[1].text, parts[2].text);
    } else if (kind == (is_sharded_ ? "ssubscribe" : "subscribe")) {
        events_.on_link_subscribed(parts[1].text);
    } else if (kind == (is_sharded_ ? "sunsubscribe" : "unsubscribe")) {
        on_unsubscribed(parts[1].text);
    } else if (kind == "pong") {
        on_pong();
    } else {
        fail("an unexpected push: " + parts[0].text);
    }
}

void Link::catch_up(std::function<void()> done) {
    on_pong_.emplace_back(messages_->ping(), std::move(done));
}

void Link::on_pong() {
    ++pongs_;
    while (!on_pong_.empty() && on_pong_.front().first == pongs_) {
        const auto done = std::move(on_pong_.front().second);
        on_pong_.pop_front();
        done();
    }
}

void Link::on_unsubscribed(const std::string& topic) {
    const auto found = leaving_.find(topic);
    if (found == leaving_.end()) return fail("the server has ended the subscription of " + topic);
    if (--found->second == 0) leaving_.erase(found);
}

void Link::subscribe(std::string_view topic) {
    add_to_batch(true, topic);
}

void Link::unsubscribe(std::string_view topic) {
    ++leaving_[std::string(topic)];
    add_to_batch(false, topic);
}

void Link::add_to_batch(bool is_subscribe, std::string_view topic) {
    if (batches_.empty() || batches_.back().is_subscribe != is_subscribe) {
        batches_.push_back({is_subscribe, {}});
    }
    batches_.back().topics.emplace_back(topic);
    batched_bytes_ += topic.size();
    messages_->want_write();
}

void Link::before_write(Connection& connection) {
    if (&connection != messages_.get()) return;
    for (Batch& batch : batches_) send(batch);
    batches_.clear();
    batched_bytes_ = 0;
}

/// In as few commands as may be; one may name topics of one slot only.
void Link::send(Batch& batch) {
    std::string_view verb = batch.is_subscribe ? "SUBSCRIBE" : "UNSUBSCRIBE";
    if (is_sharded_) {
        verb = batch.is_subscribe ? "SSUBSCRIBE" : "SUNSUBSCRIBE";
        std::ranges::stable_sort(batch.topics, {}, hash_slot);
    }
    std::vector<std::string_view> arguments{verb};
    for (const std::string& topic : batch.topics) {
        const bool has_topics = arguments.size() > 1;
        if (has_topics && (arguments.size() > max_topics_per_command ||
                           (is_sharded_ && hash_slot(arguments.back()) != hash_slot(topic)))) {
            messages_->send(arguments);
            arguments.resize(1);
        }
        arguments.push_back(topic);
    }
    messages_->send(arguments);
}

std::size_t Link::backlog() const {
    return commands_->backlog() + messages_->backlog() + batched_bytes_;
}

}  // namespace fanfare::redis
