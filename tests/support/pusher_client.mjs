// SPDX-License-Identifier: MIT
// A Pusher client that does only what it is told and checks strictly what comes: `expect` is about the
// very next frame.
import assert from 'node:assert/strict';
import { RawWebSocket } from './raw_websocket.mjs';
import { opcode } from './frames.mjs';
import { channelAuth, userAuth } from './sign.mjs';

export const appPath = (app, query = 'protocol=7&client=js&version=8.6.0&flash=false') =>
    `/app/${app.key}${query ? `?${query}` : ''}`;

let fences = 0;

/// A frame as text and as parsed; `data` is parsed once more where it is a JSON text.
function message(frame) {
    assert.equal(frame.op, opcode.text, `opcode of ${frame.payload}`);
    const text = frame.payload.toString('utf8');
    const json = JSON.parse(text);
    return { ...json, text, keys: Object.keys(json), inner: () => JSON.parse(json.data) };
}

export class PusherClient {
    constructor(socket, app) {
        this.socket = socket;
        this.app = app;
    }

    /// Connects to `app` of the running `daemon` and takes the first frame.
    static async connect(daemon, { app = daemon.app, query, prefix = '', ...upgrade } = {}) {
        const socket = await RawWebSocket.open(daemon, prefix + appPath(app, query), upgrade);
        const client = new PusherClient(socket, app);
        client.established = await client.expect('pusher:connection_established');
        client.socketId = client.established.inner().socket_id;
        return client;
    }

    sendText(text) {
        this.socket.sendText(text);
    }

    send(event, fields = {}) {
        this.sendText(JSON.stringify({ event, ...fields }));
    }

    /// The next message, whatever it is, but for the fences of other clients.
    async next(what = 'a message', ms) {
        for (;;) {
            const frame = await this.socket.next(what, ms);
            assert.ok(frame, `connection ended instead of ${what}`);
            const got = message(frame);
            if (!got.event.startsWith('fence-') || got.event === what) return got;
        }
    }

    /// The next message is `event` (and fulfils `predicate`).
    async expect(event, predicate = () => true, ms) {
        const got = await this.next(event, ms);
        assert.equal(got.event, event, `instead of ${event} came ${got.text}`);
        assert.ok(predicate(got), `not the expected ${event}: ${got.text}`);
        return got;
    }

    /// The first message that is `event` and fulfils `predicate`; others before it are dropped.
    async seek(event, predicate = () => true, ms) {
        for (;;) {
            const got = await this.next(event, ms);
            if (got.event === event && predicate(got)) return got;
        }
    }

    /// The next `count` messages in any order: for events of channels with different homes.
    async take(count) {
        const messages = [];
        for (let i = 0; i < count; i += 1) messages.push(await this.next(`message ${i + 1} of ${count}`));
        return messages;
    }

    /// The next message is exactly this text, or this error.
    async expectText(text) {
        assert.equal((await this.next(text)).text, text);
    }

    async expectError(code, text, ms) {
        const got = await this.expect('pusher:error', () => true, ms);
        assert.deepEqual(got.keys, ['event', 'data']);
        assert.equal(typeof got.data, 'string', 'data of pusher:error is a string');
        const error = got.inner();
        assert.deepEqual(Object.keys(error), ['code', 'message']);
        assert.equal(error.code, code, error.message);
        if (text !== undefined) assert.equal(error.message, text);
        return error;
    }

    /// Nothing came since the last expectation: a barrier, since answers keep the order of arrival.
    /// Says nothing about what another shard has yet to hand over; see `fence`.
    async expectNothing() {
        this.send('pusher:ping', { data: {} });
        const got = await this.next('pusher:pong');
        assert.equal(got.text, '{"event":"pusher:pong"}', `something came: ${got.text}`);
    }

    /// Nothing came on a subscribed channel before an event published now: the channel's own order is
    /// the barrier, whichever shard the channel lives on.
    async fence(api, channel) {
        fences += 1;
        const name = `fence-${fences}`;
        await api.publish(channel, name, '1');
        await this.expect(name, (got) => got.channel === channel);
    }

    /// Subscribes, with a signature where the name asks for one, and takes the confirmation.
    async subscribe(channel, channelData) {
        this.sendSubscribe(channel, channelData);
        return this.expect(
            'pusher_internal:subscription_succeeded',
            (got) => got.channel === channel,
        );
    }

    sendSubscribe(channel, channelData) {
        const data = { channel };
        if (channelData !== undefined) data.channel_data = channelData;
        if (/^(private|presence)-/.test(channel)) {
            data.auth = channelAuth(this.app, this.socketId, channel, channelData);
        }
        this.send('pusher:subscribe', { data });
    }

    /// Joins a presence channel as `userId`; the member list.
    async join(channel, userId, userInfo) {
        const member = { user_id: userId };
        if (userInfo !== undefined) member.user_info = userInfo;
        const got = await this.subscribe(channel, JSON.stringify(member));
        return got.inner().presence;
    }

    /// Signs in with this text or object, and takes the confirmation.
    async signIn(userData) {
        const text = typeof userData === 'string' ? userData : JSON.stringify(userData);
        this.sendSignIn(text);
        return this.expect('pusher:signin_success');
    }

    sendSignIn(userData, auth = userAuth(this.app, this.socketId, userData)) {
        this.send('pusher:signin', { data: { auth, user_data: userData } });
    }

    unsubscribe(channel) {
        this.send('pusher:unsubscribe', { data: { channel } });
    }

    whisper(channel, event, data) {
        this.send(event, { channel, data });
    }

    /// Two frames of a refused subscription, in order; the connection stays open.
    async expectSubscriptionError(channel, { type, code = 4009, status }) {
        const got = await this.expect('pusher:subscription_error');
        assert.deepEqual(got.keys, ['event', 'data', 'channel']);
        assert.equal(got.channel, channel);
        const error = got.inner();
        assert.deepEqual(Object.keys(error), ['type', 'error', 'status']);
        assert.equal(error.type, type, error.error);
        if (status !== undefined) assert.equal(error.status, status);
        await this.expectError(code);
    }

    /// The error frame, then CLOSE with the same code and text, then the end of the connection.
    async expectTermination(code, text, ms) {
        await this.expectError(code, text, ms);
        const close = await this.socket.expectClose(code, ms);
        assert.deepEqual(close.messages, [], 'messages between the error and CLOSE');
        if (text !== undefined) assert.equal(close.reason, text);
    }

    /// A clean end from our side.
    async close(code = 1000) {
        this.socket.sendClose(code);
        await this.socket.expectClose(code);
    }
}

/// An upgrade that is completed and then refused (protocol.md 1.4).
export async function expectRefused(daemon, path, code, text, upgrade) {
    const socket = await RawWebSocket.open(daemon, path, upgrade);
    await new PusherClient(socket).expectTermination(code, text);
}
