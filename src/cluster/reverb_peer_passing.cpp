// SPDX-License-Identifier: MIT
// How another process becomes this node. Both listen; a mark says which of the messages are whose.
#include "reverb_peer.hpp"

#include <spdlog/logger.h>

#include <cstdint>
#include <exception>
#include <limits>
#include <stdexcept>
#include <utility>
#include <variant>

namespace fanfare::cluster {

// ---- the one that goes

/// The answer to a question that nobody has asked: who hears it ignores it.
const std::string& ReverbPeer::make_mark() {
    mark_ = reverb::encode_answer(reverb::make_metric_key(random_), "{}").value();
    return mark_;
}

void ReverbPeer::say_mark(std::function<void()> done) {
    if (mark_.empty()) return;  // Redis was away meanwhile
    on_mark_ = std::move(done);
    surroundings_.publish(mark_, nullptr);
}

void ReverbPeer::stay() {
    mark_.clear();
    on_mark_ = nullptr;
    hear_what_was_held_back();
}

// ---- the one that comes

void ReverbPeer::attend(const std::string& mark, std::function<void(bool)> done) {
    if (!succession_) {
        succession_ = std::make_unique<Succession>();
        mark_ = mark;
        is_before_mark_ = true;
    }
    succession_->awaits_mark = mark.empty();
    succession_->on_attention = std::move(done);
    note_attention();
}

void ReverbPeer::note_attention() {
    const bool is_attending = is_listening_ && !(succession_->awaits_mark && is_before_mark_);
    if (!is_attending && !succession_->is_interrupted) return;
    const auto done = std::exchange(succession_->on_attention, nullptr);
    if (done) done(!succession_->is_interrupted);
}

void ReverbPeer::require_attention() const {
    if (!succession_ || succession_->is_interrupted || is_before_mark_) {
        throw std::runtime_error("the new process has lost the connection to Redis");
    }
}

void ReverbPeer::succeed() {
    const auto succession = std::exchange(succession_, nullptr);
    if (succession->is_interrupted) {
        // In the last moment, and nobody knows how many listened.
        listeners_.fill(std::numeric_limits<std::int64_t>::max());
        if (is_listening_) on_subscribed();
    } else {
        open();  // the others listen, and so does this one
    }
    hear_what_was_held_back();
}

// ---- both

bool ReverbPeer::is_not_ours(std::string_view bytes) {
    if (succession_) answer_for_both(bytes);
    if (!mark_.empty() && bytes == mark_) {
        mark_.clear();
        is_before_mark_ = false;
        const auto done = std::exchange(on_mark_, nullptr);
        is_holding_back_ = succession_ || done;
        if (done) done();
        if (succession_) note_attention();
        return true;
    }
    if (is_before_mark_) return true;
    if (is_holding_back_) held_back_.emplace_back(bytes);
    return is_holding_back_;
}

/// Who asks counts two nodes that listen here, and waits for the answers of both. The real one
/// comes from the process that is the node then.
void ReverbPeer::answer_for_both(std::string_view bytes) {
    const auto message = reverb::decode(bytes);
    const auto* question = std::get_if<reverb::PendingMetric>(&message);
    if (question == nullptr) return;
    const auto answer = reverb::encode_answer(question->key, payload_of(question->metric, {}));
    if (answer) surroundings_.publish(*answer, nullptr);
}

void ReverbPeer::hear_what_was_held_back() {
    is_holding_back_ = false;
    for (const std::string& bytes : std::exchange(held_back_, {})) {
        try {
            hear(bytes);
        } catch (const std::exception& error) {
            log_.error("reverb: message dropped reason=exception what=\"{}\"", error.what());
        }
    }
}

}  // namespace fanfare::cluster
