// SPDX-License-Identifier: MIT
// A WebSocket client over a bare socket: own handshake, own frames, nothing answered by itself.
import { createHash, randomBytes } from 'node:crypto';
import assert from 'node:assert/strict';
import { takeResponse } from './http.mjs';
import { closeOf, closePayload, encodeFrame, opcode, takeFrame } from './frames.mjs';
import { connectTo, reset } from './sockets.mjs';
import { within } from './deadline.mjs';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export const acceptFor = (key) => createHash('sha1').update(key + GUID).digest('base64');
export const freshKey = () => randomBytes(16).toString('base64');

/// The head of an upgrade request; a header set to undefined is left out.
export function upgradeBytes(path, { key = freshKey(), headers = {}, method = 'GET' } = {}) {
    const all = {
        Host: 'localhost',
        Upgrade: 'websocket',
        Connection: 'Upgrade',
        'Sec-WebSocket-Key': key,
        'Sec-WebSocket-Version': '13',
        ...headers,
    };
    const lines = Object.entries(all)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `${name}: ${value}\r\n`);
    return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

export class RawWebSocket {
    socket;
    handshake; // the answer to the upgrade
    #bytes = Buffer.alloc(0);
    #frames = [];
    #failure; // why reading stopped, if it was not the peer's end
    #ended = false;
    #wake = () => {};

    constructor(socket) {
        this.socket = socket;
    }

    /// Connects and upgrades. `before` and `early` are sent in the same segment as the request, in front
    /// of it and behind it. Rejects unless the answer is 101, except with `anyStatus`.
    static async open(server, path, { before = '', early = '', anyStatus = false, ...request } = {}) {
        const key = request.key ?? freshKey();
        const socket = connectTo(server, () => {
            const head = Buffer.from(upgradeBytes(path, { ...request, key }));
            socket.write(Buffer.concat([Buffer.from(before), head, Buffer.from(early)]));
        });
        const client = new RawWebSocket(socket);
        await within(client.#readHandshake(), `answer to the upgrade of ${path}`);
        if (!anyStatus) {
            assert.equal(client.handshake.status, 101, `${path}: ${client.handshake.body}`);
            assert.equal(client.handshake.headers['sec-websocket-accept'], acceptFor(key));
        }
        return client;
    }

    write(bytes) {
        this.socket.write(bytes);
    }

    send(frame) {
        this.write(encodeFrame(frame));
    }

    sendText(payload) {
        this.send({ payload });
    }

    sendClose(code, reason) {
        this.send({ op: opcode.close, payload: code === undefined ? '' : closePayload(code, reason) });
    }

    /// Writes bytes one by one, each in its own segment as far as TCP allows.
    async dribble(bytes, size = 1) {
        const all = Buffer.from(bytes);
        for (let at = 0; at < all.length; at += size) {
            this.write(all.subarray(at, at + size));
            await new Promise(setImmediate);
        }
    }

    /// The next frame; undefined when the peer has ended the connection.
    next(what = 'a frame', ms) {
        const read = async () => {
            while (this.#frames.length === 0 && !this.#ended) await this.#change();
            if (this.#failure) throw this.#failure;
            return this.#frames.shift();
        };
        return within(read(), what, ms);
    }

    async expectFrame(op, payload, ms) {
        const frame = await this.next(`a frame with opcode ${op}`, ms);
        assert.ok(frame, `connection ended instead of a frame with opcode ${op}`);
        assert.equal(frame.op, op, `opcode of ${frame.payload}`);
        if (payload !== undefined) assert.deepEqual(frame.payload, Buffer.from(payload));
        return frame;
    }

    /// Reads up to the CLOSE frame: its code, its reason, the messages before it. The connection must
    /// end after it, once it has been answered.
    async expectClose(code, ms) {
        const messages = [];
        for (;;) {
            const frame = await this.next(`CLOSE ${code}`, ms);
            assert.ok(frame, `connection ended without CLOSE ${code}, after ${messages.join(' ')}`);
            if (frame.op === opcode.close) {
                const close = closeOf(frame.payload);
                assert.equal(close.code, code, `close code (reason: ${close.reason})`);
                this.#answer(frame);
                await this.expectEnd(ms);
                return { ...close, messages };
            }
            messages.push(frame.payload.toString('utf8'));
        }
    }

    /// The peer ends the TCP connection, with no further frame.
    async expectEnd(ms) {
        const frame = await this.next('end of the connection', ms);
        assert.equal(frame, undefined, `a frame instead of the end: ${frame?.payload}`);
    }

    /// Frames that have come in and were not taken yet.
    get pending() {
        return this.#frames.length;
    }

    /// Bytes that do not make a frame (yet).
    get unparsed() {
        return this.#bytes;
    }

    reset() {
        reset(this.socket);
    }

    destroy() {
        this.socket.destroy();
    }

    #answer(closeFrame) {
        if (this.socket.writable) this.send({ op: opcode.close, payload: closeFrame.payload });
        this.socket.end();
    }

    async #readHandshake() {
        const finish = () => {
            this.#ended = true;
            this.#wake();
        };
        for (const event of ['end', 'close', 'error']) this.socket.on(event, finish);
        this.socket.on('data', (chunk) => {
            this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
            if (this.handshake) this.#parse();
            this.#wake();
        });
        for (;;) {
            const taken = takeResponse(this.#bytes, { ended: this.#ended });
            if (taken) {
                this.handshake = taken.response;
                this.#bytes = taken.rest;
                if (taken.response.status === 101) this.#parse();
                return;
            }
            if (this.#ended) throw new Error(`no answer to the upgrade: ${this.#bytes}`);
            await this.#change();
        }
    }

    #parse() {
        try {
            for (let taken; this.handshake.status === 101 && (taken = takeFrame(this.#bytes)); ) {
                this.#frames.push(taken.frame);
                this.#bytes = taken.rest;
            }
        } catch (error) {
            this.#failure = error;
            this.#ended = true;
        }
    }

    #change() {
        return new Promise((resolve) => {
            this.#wake = resolve;
        });
    }
}
