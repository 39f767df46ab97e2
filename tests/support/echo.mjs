// SPDX-License-Identifier: MIT
// Autobahn's echo server, made of a server that has no echo: a whisper on a public channel comes out at
// the partner byte for byte.
import assert from 'node:assert/strict';
import { PusherClient } from './pusher_client.mjs';
import { opcode } from './frames.mjs';

const head = '{"event":"client-e","channel":"echo","data":"';
const tail = '"}';

/// A whisper with `text` as data; `text` must need no JSON escape.
export const whisperOf = (text) =>
    Buffer.concat([Buffer.from(head), Buffer.from(text), Buffer.from(tail)]);

/// A whisper of exactly `size` bytes.
export const whisperOfSize = (size) => whisperOf('*'.repeat(size - head.length - tail.length));

export class Echo {
    /// Both ends, subscribed to the channel. `socket` is the sender's raw socket.
    static async open(daemon) {
        const echo = new Echo();
        echo.daemon = daemon;
        [echo.sender, echo.partner] = await Promise.all([
            PusherClient.connect(daemon),
            PusherClient.connect(daemon),
        ]);
        await echo.sender.subscribe('echo');
        await echo.partner.subscribe('echo');
        echo.socket = echo.sender.socket;
        return echo;
    }

    /// The partner gets exactly these bytes as one text message.
    async expectEcho(bytes) {
        const frame = await this.partner.socket.expectFrame(opcode.text);
        assert.ok(frame.fin, 'relayed in one frame');
        assert.equal(Buffer.compare(frame.payload, bytes), 0, `relayed: ${frame.payload.subarray(0, 99)}`);
    }

    /// The sender is still served, and has been sent nothing else.
    async expectAlive() {
        await this.sender.expectNothing();
    }

    /// The sender is closed with `code` and no `pusher:error` before it; the partner got nothing.
    async expectFailure(code) {
        const { messages } = await this.socket.expectClose(code);
        assert.deepEqual(messages, []);
        await this.partner.expectNothing();
    }

    destroy() {
        this.sender.socket.destroy();
        this.partner.socket.destroy();
    }
}

/// Runs `check` with an echo of its own.
export async function withEcho(daemon, check) {
    const echo = await Echo.open(daemon);
    try {
        return await check(echo);
    } finally {
        echo.destroy();
    }
}
