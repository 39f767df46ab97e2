// SPDX-License-Identifier: MIT
// Many subscribers that cost little: once subscribed they count bytes and look at nothing.
import net from 'node:net';
import { encodeFrame } from '../support/frames.mjs';
import { upgradeBytes } from '../support/raw_websocket.mjs';
import { inWaves, within } from '../support/deadline.mjs';

const SUBSCRIBED = 'pusher_internal:subscription_succeeded';

/// One socket. `onBytes(count)` is called with what comes after the subscription.
export function subscribe(node, channel, onBytes) {
    const request = upgradeBytes(`/app/${node.app.key}?protocol=7`);
    const payload = JSON.stringify({ event: 'pusher:subscribe', data: { channel } });
    let greeting = '';
    const subscribed = new Promise((resolve, reject) => {
        const callback = (count, bytes) => {
            if (greeting === undefined) {
                onBytes(count);
            } else {
                greeting += bytes.latin1Slice(0, count);
                if (greeting.includes(SUBSCRIBED)) {
                    greeting = undefined;
                    resolve(socket);
                }
            }
            return true;
        };
        const socket = net.connect({
            host: node.host,
            port: node.port,
            noDelay: true,
            onread: { buffer: shared, callback },
        });
        socket.once('error', reject);
        socket.write(Buffer.concat([Buffer.from(request), encodeFrame({ payload })]));
    });
    return within(subscribed, `subscription of ${channel}`, 30_000);
}

const shared = Buffer.alloc(1 << 16); // what has been read is looked at before the next is

export class Audience {
    bytes = 0;
    #sockets = [];
    #wanted = Infinity;
    #reached = () => {};

    /// `places`: the node and the channel of each subscriber.
    async join(places) {
        const count = (bytes) => {
            this.bytes += bytes;
            if (this.bytes >= this.#wanted) this.#reached();
        };
        this.#sockets = await inWaves(places.length, 200, (i) =>
            subscribe(places[i].node, places[i].channel, count),
        );
    }

    /// Resolves when that many bytes have come since the beginning.
    until(bytes) {
        const reached = new Promise((resolve) => {
            this.#wanted = bytes;
            this.#reached = resolve;
        });
        if (this.bytes >= bytes) return undefined;
        return within(reached, `${bytes} bytes; there are ${this.bytes}`, 120_000);
    }

    close() {
        for (const socket of this.#sockets) socket.resetAndDestroy();
        this.#sockets = [];
    }
}

/// Publishes over one connection, several requests at a time, each signed once.
export class Publisher {
    #socket;
    #queue = [];
    #underWay = 0;
    #done = () => {};
    #answerBytes; // of one answer, they are all alike
    #rest = 0;

    constructor(node) {
        this.node = node;
        this.#socket = net.connect({ host: node.host, port: node.port, noDelay: true });
        this.#socket.on('data', (bytes) => this.#onAnswers(bytes));
    }

    /// A request to be published as often as one likes.
    request(channel, data) {
        return this.node.api().bytes('POST', '/events', { body: { name: 'bench', channel, data } });
    }

    /// Resolves when all are accepted; never has more than `width` on their way.
    async publish(requests, width) {
        this.#queue = requests.slice().reverse();
        const done = new Promise((resolve) => (this.#done = resolve));
        while (this.#underWay < width && this.#queue.length > 0) this.#send();
        if (requests.length > 0) await within(done, 'all answers', 120_000);
    }

    close() {
        this.#socket.destroy();
    }

    #send() {
        this.#underWay += 1;
        this.#socket.write(this.#queue.pop());
    }

    #onAnswers(bytes) {
        if (/HTTP\/1.1 [^2]/.test(bytes.latin1Slice())) throw new Error(`not accepted: ${bytes}`);
        this.#answerBytes ??= bytes.length; // the first one is alone
        this.#rest += bytes.length;
        for (; this.#rest >= this.#answerBytes; this.#rest -= this.#answerBytes) {
            this.#underWay -= 1;
            if (this.#queue.length > 0) this.#send();
        }
        if (this.#underWay === 0 && this.#queue.length === 0) this.#done();
    }
}
