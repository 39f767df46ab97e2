// SPDX-License-Identifier: MIT
// One Redis channel, byte by byte: what goes over it need not be text.
import net from 'node:net';
import { within } from './deadline.mjs';

/// One RESP value at `at`, and where the next begins; nothing as long as it is not complete.
function parse(bytes, at) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const head = bytes.toString('latin1', at + 1, end);
    const next = end + 2;
    switch (String.fromCharCode(bytes[at])) {
        case ':':
            return { value: Number(head), next };
        case '$': {
            const stop = next + Number(head);
            if (bytes.length < stop + 2) return undefined;
            return { value: bytes.subarray(next, stop), next: stop + 2 };
        }
        case '*': {
            const value = [];
            let position = next;
            for (let i = 0; i < Number(head); i += 1) {
                const item = parse(bytes, position);
                if (!item) return undefined;
                value.push(item.value);
                position = item.next;
            }
            return { value, next: position };
        }
        case '-':
            return { value: new Error(head), next };
        default:
            return { value: head, next };
    }
}

function connect(redis, onValue) {
    return new Promise((resolve, reject) => {
        const socket = net.connect({ host: redis.host, port: redis.port }, () => resolve(socket));
        let rest = Buffer.alloc(0);
        socket.on('error', reject);
        socket.on('data', (chunk) => {
            rest = Buffer.concat([rest, chunk]);
            for (let got = parse(rest, 0); got; got = parse(rest, 0)) {
                rest = rest.subarray(got.next);
                onValue(got.value);
            }
        });
    });
}

function command(...words) {
    const parts = [Buffer.from(`*${words.length}\r\n`)];
    for (const word of words) {
        const bytes = Buffer.from(word);
        parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
    }
    return Buffer.concat(parts);
}

export class RedisChannel {
    #waiting = [];

    constructor(redis, name, onMessage) {
        this.redis = redis;
        this.name = name;
        this.onMessage = onMessage;
    }

    async open() {
        this.publisher = await connect(this.redis, (value) => this.#waiting.shift()(value));
        const subscribed = new Promise((resolve, reject) => {
            connect(this.redis, (value) => {
                if (value[0].toString() === 'message') this.onMessage(value[2]);
                else resolve();
            }).then((socket) => {
                this.subscriber = socket;
                socket.write(command('SUBSCRIBE', this.name));
            }, reject);
        });
        await within(subscribed, `subscription of ${this.name}`);
        return this;
    }

    /// How many subscribers got it.
    publish(bytes) {
        const answer = new Promise((resolve) => this.#waiting.push(resolve));
        this.publisher.write(command('PUBLISH', this.name, bytes));
        return within(answer, 'answer to PUBLISH');
    }

    close() {
        this.publisher?.destroy();
        this.subscriber?.destroy();
    }
}
