// SPDX-License-Identifier: MIT

import { EventLog } from './event_log.js';

/* global Echo, Pusher */

/** The channels every pane joins: one of each kind. `name` is Echo's, `full_name` the wire's. */
const channels = [
    { type: 'public', name: 'announcements', full_name: 'announcements' },
    { type: 'private', name: 'orders', full_name: 'private-orders' },
    { type: 'presence', name: 'lounge', full_name: 'presence-lounge' },
];

/** The class name is what Laravel sends for an event without `broadcastAs()`. */
const broadcast_event = 'App\\Events\\MessagePosted';

const ping_interval_ms = 3000;
const first_ping_ms = 300;  // not while the page is busy subscribing: that would be measured, too
const typing_resend_ms = 1000;
const hint_shown_ms = 2500;

const state_remarks = {
    connecting: 'opening the WebSocket',
    unavailable: 'no answer from the server; pusher-js keeps trying',
    failed: 'this browser has no WebSocket',
    disconnected: 'closed by the button',
};

function format_ms(value) {
    return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

/** One user of the demo: a real Echo connection and everything it sees and can do. */
export class Pane {
    constructor(template, { side, user, config, sent }) {
        this.user = user;
        this.config = config;
        this.sent = sent;
        this.members = new Map();
        this.pings_sent = [];

        this.element = template.content.cloneNode(true).firstElementChild;
        this.element.dataset.testid = `pane-${side}`;
        this.element.classList.add(side);
        this.element.setAttribute('aria-label', `Client of ${user}`);
        this.part = {};
        for (const node of this.element.querySelectorAll('[data-part]')) {
            this.part[node.dataset.part] = node;
        }
        this.part.avatar.textContent = Array.from(user)[0].toUpperCase();
        this.part.name.textContent = user;
        this.part.roomName.textContent = channels[2].full_name;
        this.part.log.setAttribute('aria-label', `Events received by ${user}`);
        this.part.publishInput.value = `Hello from ${user}`;
        this.log = new EventLog(this.part.log);

        this.#build_channel_list();
        this.#build_channel_choice();
        this.#show_members();
        this.part.toggle.addEventListener('click', () => this.#toggle_connection());
        this.part.clear.addEventListener('click', () => this.log.clear());
        this.part.whisperInput.addEventListener('input', () => this.#tell_typing());
        this.part.whisperForm.addEventListener('submit', (event) => this.#whisper(event));
        this.part.publishForm.addEventListener('submit', (event) => this.#publish(event));
    }

    /** Opens the connection as a Laravel app's resources/js/echo.js does. */
    connect() {
        const is_tls = location.protocol === 'https:';
        this.echo = new Echo.default({
            broadcaster: 'reverb',
            Pusher,
            key: this.config.key,
            wsHost: location.hostname,
            wsPort: Number(location.port) || 80,
            wssPort: Number(location.port) || 443,
            wsPath: this.config.path,
            forceTLS: is_tls,
            enabledTransports: ['ws', 'wss'],
            authEndpoint: 'auth',
            auth: { params: { name: this.user }, headers: {} },
            unavailableTimeout: 4000,
        });
        this.pusher = this.echo.connector.pusher;

        const connection = this.pusher.connection;
        connection.bind('state_change', ({ current }) => this.#show_state(current));
        connection.bind('error', (error) => this.#show_error(error));
        connection.bind('message', ({ event }) => {
            if (event === 'pusher:pong') this.#note_pong();
        });
        this.#show_state(connection.state);

        this.#subscribe();
        setInterval(() => this.#ping(), ping_interval_ms);
    }

    // The connection

    #show_state(state) {
        const is_connected = state === 'connected';
        this.part.state.textContent = state;
        this.part.state.dataset.state = state;
        this.part.state.title = state_remarks[state] ?? '';
        this.part.socketId.textContent = is_connected ? this.echo.socketId() : 'none';
        this.part.toggle.textContent = state === 'disconnected' ? 'Reconnect' : 'Disconnect';
        this.element.classList.toggle('offline', !is_connected);

        this.pings_sent = [];
        if (is_connected) {
            setTimeout(() => this.#ping(), first_ping_ms);
        } else {
            this.part.ping.textContent = '–';
            this.members.clear();
            this.#show_members();
            this.#show_hint('');
            for (const { full_name } of channels) this.#show_channel(full_name, 'waiting');
        }
        if (state === 'connected' || state in state_remarks) {
            this.log.add({
                kind: 'connection',
                event: state,
                note: is_connected ? `socket ${this.echo.socketId()}` : state_remarks[state],
            });
        }
    }

    /** pusher-js reports the server's errors and the close codes of the WebSocket (below 4000) alike. */
    #show_error(error) {
        const { code, message } = error?.data ?? error?.error?.data ?? {};
        if (code || message) {
            const event = code < 4000 ? 'connection lost' : 'pusher:error';
            this.log.add({ kind: 'error', event, payload: { code, message } });
        }
    }

    #toggle_connection() {
        if (this.pusher.connection.state === 'disconnected') {
            this.pusher.connect();
        } else {
            this.echo.disconnect();
        }
    }

    #ping() {
        if (this.pusher.connection.state !== 'connected') return;
        this.pings_sent.push(performance.now());
        this.pusher.send_event('pusher:ping', {});
    }

    /** Pongs come in the order of the pings; pusher-js's own keep-alive ping is not in our list. */
    #note_pong() {
        const sent = this.pings_sent.shift();
        if (sent !== undefined) this.part.ping.textContent = format_ms(performance.now() - sent);
    }

    // Channels

    #subscribe() {
        const [announcements, orders, lounge] = channels;
        this.#watch(announcements, this.echo.channel(announcements.name));
        this.#watch(orders, this.echo.private(orders.name));

        const room = this.echo.join(lounge.name);
        this.#watch(lounge, room);
        // Echo's here/joining/leaving pass user_info only; the ids are in pusher-js's own members.
        room.here(() => this.#reload_members())
            .joining(({ name }) => this.#member_changed('joined', name))
            .leaving(({ name }) => this.#member_changed('left', name))
            .listenForWhisper('typing', (_, { user_id } = {}) => {
                this.#show_hint(`${this.#name_of(user_id)} is typing…`);
            })
            .listenForWhisper('message', (data, { user_id } = {}) => {
                this.#show_hint('');
                this.#log_event(lounge, 'whisper', 'message', data, `from ${this.#name_of(user_id)}`);
            });
        this.room = room;
    }

    #watch(channel, subscription) {
        subscription
            .subscribed(() => this.#show_channel(channel.full_name, 'subscribed'))
            .error((problem) => {
                this.#show_channel(channel.full_name, 'refused');
                this.log.add({
                    kind: 'error',
                    channel: channel.full_name,
                    channel_type: channel.type,
                    event: 'pusher:subscription_error',
                    payload: problem,
                });
            })
            .listenToAll((event, data) => this.#received(channel, event, data));
    }

    /** Echo writes a name outside the App\Events namespace with a leading dot, as for listen(). */
    #received(channel, event, data) {
        if (event.startsWith('.client-')) return;  // listenForWhisper has it, with its sender
        const delivery_ms = this.sent.elapsed(data?.id);
        if (delivery_ms !== undefined) this.part.latency.textContent = format_ms(delivery_ms);
        this.#log_event(channel, 'broadcast', event.replace(/^\./, ''), data,
            delivery_ms === undefined ? undefined : format_ms(delivery_ms));
    }

    #log_event(channel, kind, event, payload, note) {
        this.log.add({
            kind, event, payload, note, channel: channel.full_name, channel_type: channel.type,
        });
        this.part.count.textContent = Number(this.part.count.textContent) + 1;
    }

    #build_channel_list() {
        for (const { type, full_name } of channels) {
            const item = document.createElement('li');
            item.className = `channel ${type}`;
            item.dataset.testid = `channel-${type}`;
            item.dataset.channel = full_name;
            item.innerHTML = '<span class="kind"></span><code></code><span class="status"></span>';
            item.querySelector('.kind').textContent = type;
            item.querySelector('code').textContent = full_name;
            this.part.channels.append(item);
            this.#show_channel(full_name, 'waiting');
        }
    }

    #show_channel(full_name, status) {
        const item = this.part.channels.querySelector(`[data-channel="${full_name}"]`);
        item.dataset.state = status;
        item.querySelector('.status').textContent = status;
    }

    // Presence

    #reload_members() {
        this.members.clear();
        this.room.subscription.members.each(({ id, info }) => this.members.set(id, info.name));
        this.#show_members();
    }

    #member_changed(what, name) {
        this.#reload_members();
        this.log.add({
            kind: 'member',
            channel: channels[2].full_name,
            channel_type: 'presence',
            event: what === 'joined' ? 'joining' : 'leaving',
            note: `${name} ${what}`,
        });
    }

    #show_members() {
        const items = [...this.members.values()].map((name) => {
            const item = document.createElement('li');
            item.className = 'member';
            item.dataset.testid = 'member';
            item.dataset.name = name;
            item.textContent = name === this.user ? `${name} (you)` : name;
            return item;
        });
        if (items.length === 0) {
            const nobody = document.createElement('li');
            nobody.className = 'empty';
            nobody.textContent = 'not in the room';
            items.push(nobody);
        }
        this.part.members.replaceChildren(...items);
    }

    #name_of(user_id) {
        return this.members.get(String(user_id)) ?? user_id ?? 'somebody';
    }

    // Whispers

    #tell_typing() {
        const now = performance.now();
        if (!this.#can_whisper() || now - (this.typing_sent ?? -Infinity) < typing_resend_ms) return;
        this.typing_sent = now;
        this.room.whisper('typing', {});
    }

    #whisper(event) {
        event.preventDefault();
        const text = this.part.whisperInput.value.trim();
        if (text === '' || !this.#can_whisper()) return;
        this.room.whisper('message', { text });
        this.part.whisperInput.value = '';
        this.typing_sent = undefined;
        this.#show_hint(this.members.size > 1
            ? 'Sent to the others in the room; a whisper does not come back to you.'
            : 'Sent, but nobody else is in the room.');
    }

    #can_whisper() {
        return this.room.subscription.subscribed;
    }

    /** The line below the whisper field; it goes by itself. */
    #show_hint(text) {
        clearTimeout(this.hint_timer);
        this.part.hint.textContent = text;
        if (text !== '') this.hint_timer = setTimeout(() => this.#show_hint(''), hint_shown_ms);
    }

    // Broadcasts

    #build_channel_choice() {
        const choices = channels.map(({ type, full_name }) => [full_name, `${full_name} (${type})`]);
        choices.push([channels.map(({ full_name }) => full_name).join(' '), 'all three']);
        for (const [value, text] of choices) {
            this.part.publishChannel.append(new Option(text, value));
        }
    }

    /** What the app's backend does with broadcast(new MessagePosted): POST /apps/{id}/events. */
    async #publish(event) {
        event.preventDefault();
        const id = this.sent.start();
        const request = {
            name: broadcast_event,
            data: JSON.stringify({ text: this.part.publishInput.value, from: this.user, id }),
            channels: this.part.publishChannel.value.split(' '),
        };
        if (this.part.publishOthers.checked && this.echo.socketId()) {
            request.socket_id = this.echo.socketId();
        }

        try {
            const answer = await fetch('publish', {
                method: 'POST',
                headers: { 'Content-Type': 'application/json' },
                body: JSON.stringify(request),
            });
            this.#show_outcome(answer.ok, answer.ok
                ? `Accepted by the HTTP API in ${format_ms(this.sent.elapsed(id))}`
                : `Refused: ${answer.status} ${(await answer.text()).slice(0, 200)}`);
        } catch {
            this.#show_outcome(false, 'The server cannot be reached.');
        }
    }

    #show_outcome(is_good, text) {
        this.part.outcome.textContent = text;
        this.part.outcome.classList.toggle('bad', !is_good);
    }
}
