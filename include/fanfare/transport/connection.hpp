// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/buffer.hpp"
#include "fanfare/base/ip_address.hpp"
#include "fanfare/base/timer_wheel.hpp"
#include "fanfare/transport/outbound_queue.hpp"
#include "fanfare/transport/passing.hpp"
#include "fanfare/transport/reactor.hpp"
#include "fanfare/transport/tls.hpp"

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fanfare::transport {

/// A connected, non-blocking stream socket, plain or with TLS, and what is still to be sent on it.
/// It can pass from one Connection to the next, which is how HTTP becomes WebSocket.
struct Socket {
    int fd = -1;
    OutboundQueue queue;
    std::unique_ptr<TlsStream> tls{};  ///< null: plain TCP

    // As recv and send, non-blocking.
    [[nodiscard]] ssize_t read(std::span<char> buffer);
    [[nodiscard]] ssize_t write(std::string_view bytes);

    /// Sends what TLS has kept back; true if nothing is left of it.
    [[nodiscard]] bool flush() { return !tls || !tls->has_output() || tls->flush(); }

    /// Nothing more will be written.
    void end();
};

/// One client's TCP connection: reading into the shard's buffer, the bounded outbound queue, the
/// end. What the bytes mean is the derived class's business.
///
/// Owned by the Reactor, on its shard. It ends by finish() or linger(); until the end of that turn
/// the object is still there, deaf and dumb.
class Connection : public Pollable, public Timer, public Guest {
public:
    Connection(Reactor& reactor, Socket socket);
    ~Connection() override;

    /// Queues bytes; they leave at the end of the turn. The queue is bounded, but for the buffer
    /// under way: one that is larger than the bound reaches a peer that reads.
    void send(BufferPtr buffer);

    /// Sends what is queued, as far as the socket takes it. The Reactor calls it.
    void flush();

    void on_ready(std::uint32_t events) final;
    void on_again() final;
    void on_failure() final;

protected:
    /// False while the next input cannot be used yet. resume_input() ends that, and so does a flush
    /// after which this is true.
    [[nodiscard]] virtual bool wants_input() const = 0;

    /// Takes what it can from the front of `input` (it may change the bytes). What it leaves is
    /// kept and shown again with more behind it, or after resume_input(). If it calls that itself,
    /// nothing more is read until its next turn: so it can share the shard.
    virtual void on_input(std::span<char>& input) = 0;

    /// Where the bytes of this kind of connection are counted. A member that says so would make the
    /// idle ones larger.
    [[nodiscard]] virtual Traffic& traffic() const { return reactor_.counters().activity().http; }

    /// The peer is gone, or at least says nothing more, without finish() or linger() having been
    /// called. One of them follows.
    virtual void on_disconnect() = 0;

    /// The queue is over its bound although the socket was tried. More sends are ignored until this
    /// is called, at the end of the turn.
    virtual void on_backlog_full() = 0;

    /// Queues bytes like send(), but beyond the bound if need be. How much that can be is for the
    /// caller to limit.
    void send_unbounded(BufferPtr buffer);

    /// What is queued; in the course of a turn the socket may not have been tried yet.
    [[nodiscard]] std::size_t queued_bytes() const {
        return socket_.queue.bytes() + (socket_.tls ? socket_.tls->output_size() : 0);
    }

    /// Whether the peer has taken something of the queue since the last call, or does so now.
    [[nodiscard]] bool has_taken_something();

    /// Closes at once.
    void finish();

    /// Closes decently: sends what is queued as long as the peer takes it, then FIN, and reads on
    /// for a while, so that the peer gets the last bytes and not a reset.
    void linger();

    /// Drops what was queued but not begun.
    void drop_unsent() { socket_.queue.drop_unsent(reactor_.chunks()); }

    /// True while nothing is asked or answered, so that finish() would lose at most what is queued.
    [[nodiscard]] virtual bool is_idle() const { return false; }

    void resume_input();

    /// True while nothing is under way that another process could not go on with.
    [[nodiscard]] virtual bool is_at_rest() const = 0;

    /// What there is to pass. Nothing if it cannot: it is encrypted, or about to end.
    [[nodiscard]] std::optional<PassedConnection> pass() const;

    /// Goes on with what was passed, from its next turn on.
    void take_over(PassedConnection passed);

    /// Hands the socket to a successor; this object is over.
    [[nodiscard]] Socket release();

    [[nodiscard]] IpAddress peer() const;

    [[nodiscard]] bool is_encrypted() const { return socket_.tls != nullptr; }

    /// From here on the connection speaks TLS; `early` is what the client has sent of it already.
    void start_tls(std::shared_ptr<const TlsContext> context, std::string_view early);

    /// Shows `input` to on_input as if it had been read.
    void feed(std::span<char> input);

    /// True after finish(), linger() or release(): no more input is of interest.
    [[nodiscard]] bool has_ended() const { return is_over_ || is_lingering_; }

    [[nodiscard]] bool is_over() const final { return is_over_; }

    [[nodiscard]] Reactor& reactor() const { return reactor_; }

    void arm_timer(std::chrono::milliseconds delay) { reactor_.arm(*this, delay); }

    /// What Timer calls while the connection is not lingering.
    virtual void on_deadline() = 0;

private:
    friend class Reactor;

    void on_timer() final;
    void ask_for_turn();
    void read(bool until_end);
    void on_end_of_stream(bool is_orderly);
    void push(BufferPtr buffer);
    [[nodiscard]] bool is_over_bound() const;
    [[nodiscard]] bool send_queue();
    [[nodiscard]] bool on_unsent();
    void note_tls_output();
    void end_sending();
    void close();
    Reactor& reactor_;
    Socket socket_;
    std::unique_ptr<std::string> rest_;  // input that on_input left
    std::uint32_t slot_ = 0;             // the Reactor's
    bool is_guest_ = true;               // the Reactor's
    bool is_over_ = false;
    bool is_dirty_ = false;
    bool is_blocked_ = false;  // the socket took less than was offered
    bool has_unread_ = false;  // the kernel may have input that no event will announce
    bool is_again_ = false;    // has asked for a turn, which is still to come
    bool is_backlog_full_ = false;
    bool is_broken_ = false;  // sending failed
    bool is_lingering_ = false;
    bool has_sent_fin_ = false;
    bool has_read_fin_ = false;
    bool has_progressed_ = false;  // the peer has taken something after is_blocked_
};

}  // namespace fanfare::transport
