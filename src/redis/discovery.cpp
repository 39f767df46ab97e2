// SPDX-License-Identifier: MIT
#include "discovery.hpp"

#include "endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace fanfare::redis {

namespace {

std::uint16_t parse_port(const std::string& text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && end == text.data() + text.size() ? port : std::uint16_t{0};
}

std::string join(const std::vector<Endpoint>& endpoints) {
    std::string text;
    for (const Endpoint& endpoint : endpoints) {
        text += (text.empty() ? "" : ",") + to_string(endpoint);
    }
    return text;
}

}  // namespace

Discovery::Discovery(
    boost::asio::io_context& context, const Options& options, DiscoveryEvents& events
)
    : context_(context), options_(options), events_(events), candidates_(options.endpoints) {}

Discovery::~Discovery() {
    cancel();
}

void Discovery::run() {
    cancel();
    if (options_.topology == Topology::single) {
        events_.on_masters({{options_.endpoints.front(), {}}});
        return;
    }
    failed_ = 0;
    failures_.clear();
    ask_next();
}

void Discovery::cancel() {
    if (asked_) asked_->close();
    asked_.reset();
}

void Discovery::ask_next() {
    const bool is_sentinel = options_.topology == Topology::sentinel;
    asked_ = std::make_shared<Connection>(
        context_,
        Connection::Login{
            candidates_.front(),
            is_sentinel ? options_.sentinel_credentials : options_.credentials,
            0,
            options_.tls,
            options_.timeout},
        Connection::Kind::commands,
        *this
    );
    asked_->open();
}

void Discovery::on_open(Connection&) {
    if (options_.topology == Topology::sentinel) {
        ask_sentinel();
    } else {
        ask_cluster();
    }
}

void Discovery::ask_sentinel() {
    const std::string& name = options_.master_name;
    asked_->require({"SENTINEL", "get-master-addr-by-name", name}, [this](const Reply& reply) {
        if (reply.kind == Reply::Kind::nil) {
            return fail("the sentinel knows no master \"" + options_.master_name + "\"");
        }
        const std::uint16_t port =
            reply.elements.size() == 2 ? parse_port(reply.elements[1].text) : std::uint16_t{0};
        if (port == 0) return fail("SENTINEL: an unexpected answer");
        found({{{reply.elements[0].text, port, {}}, {}}});
    });
}

void Discovery::ask_cluster() {
    asked_->require({"CLUSTER", "SLOTS"}, [this](const Reply& reply) {
        auto masters = parse_cluster_slots(reply, asked_->endpoint().host);
        if (!masters) return fail("CLUSTER SLOTS: not every slot has a master");
        remember(*masters);
        found(std::move(*masters));
    });
}

/// Whom to ask the next time: this node first, then the masters, then those of the configuration.
void Discovery::remember(const std::vector<Master>& masters) {
    candidates_ = {asked_->endpoint()};
    const auto add = [this](const Endpoint& endpoint) {
        if (std::ranges::find(candidates_, endpoint) == candidates_.end()) {
            candidates_.push_back(endpoint);
        }
    };
    for (const Master& master : masters) add(master.endpoint);
    for (const Endpoint& endpoint : options_.endpoints) add(endpoint);
}

void Discovery::found(std::vector<Master> masters) {
    cancel();
    events_.on_masters(std::move(masters));
}

void Discovery::on_lost(Connection&, const std::string& reason) {
    fail(reason);
}

void Discovery::fail(const std::string& reason) {
    const std::string asked = to_string(asked_->endpoint());
    cancel();
    failures_ += failures_.empty() ? "" : "; ";
    failures_ += candidates_.size() == 1 ? reason : asked + ": " + reason;
    std::rotate(candidates_.begin(), candidates_.begin() + 1, candidates_.end());
    if (++failed_ < candidates_.size()) return ask_next();
    const std::string all = join(candidates_);
    const std::string reasons = std::exchange(failures_, {});
    events_.on_no_masters(all, reasons);
}

}  // namespace fanfare::redis
