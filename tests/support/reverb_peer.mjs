// SPDX-License-Identifier: MIT
// A Reverb node as far as its cluster sees it: it listens on Reverb's Redis channel, reads and writes with
// PHP's own serializer, and answers metrics from what a test says it has.
import { spawn } from 'node:child_process';
import { after, before } from 'node:test';
import path from 'node:path';
import readline from 'node:readline';
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { DEADLINE, eventually, within } from './deadline.mjs';
import { RedisChannel } from './redis_channel.mjs';

const SCRIPT = path.join(path.dirname(fileURLToPath(import.meta.url)), 'reverb_peer.php');
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

const freshKey = () =>
    Array.from({ length: 10 }, () => LETTERS[Math.floor(Math.random() * LETTERS.length)]).join('');

/// PHP in a process of its own, asked line by line.
class Php {
    #waiting = [];

    constructor() {
        this.child = spawn('php', [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
        readline
            .createInterface({ input: this.child.stdout })
            .on('line', (line) => this.#waiting.shift()(JSON.parse(line)));
    }

    ask(request) {
        const answer = new Promise((resolve) => this.#waiting.push(resolve));
        this.child.stdin.write(`${JSON.stringify(request)}\n`);
        return within(answer, 'answer of PHP');
    }

    read(bytes) {
        return this.ask({ read: bytes.toString('base64') });
    }

    async write(wish) {
        const { message, error } = await this.ask({ write: wish });
        assert.equal(error, undefined);
        return Buffer.from(message, 'base64');
    }

    stop() {
        this.child.stdin.end();
    }
}

export class ReverbPeer {
    /// All messages in their order: `bytes`, and what PHP `told` of them.
    heard = [];
    /// The payload of its answer to a metric, by the metric's type; without one it is silent.
    answers = {};

    constructor(redis, { app, channel = 'reverb' }) {
        this.redis = redis;
        this.app = app;
        this.channelName = channel;
    }

    async start() {
        this.php = new Php();
        await this.listen();
        return this;
    }

    async listen() {
        this.channel = await new RedisChannel(this.redis, this.channelName, (bytes) =>
            this.#hear(bytes),
        ).open();
    }

    async #hear(bytes) {
        const entry = { bytes, at: Date.now() };
        this.heard.push(entry);
        entry.told = await this.php.read(bytes);
        const { type, metric } = entry.told;
        if (type !== 'metrics' || !(metric.type in this.answers)) return;
        await this.say({ kind: 'answer', key: metric.key, payload: this.answers[metric.type] });
    }

    /// What PHP makes of `wish`; see reverb_peer.php.
    async say(wish) {
        return this.channel.publish(await this.php.write({ app: this.app.app_id, ...wish }));
    }

    event(payload, more) {
        return this.say({ kind: 'message', payload, ...more });
    }

    terminate(userId) {
        return this.say({ kind: 'terminate', payload: { user_id: userId } });
    }

    /// Asks as a Reverb node does, and returns the answers of the others; all have to come within a second.
    async ask(type, options, more) {
        const key = freshKey();
        const own = type in this.answers ? 1 : 0;
        const nodes = (await this.say({ kind: 'metrics', key, type, options, ...more })) - 1;
        const start = Date.now();
        const answers = await eventually(
            () => {
                const got = this.heard.filter(({ told }) => told?.type === key);
                return got.length >= nodes + own && got;
            },
            `${nodes} answers to ${type}`,
            DEADLINE,
        );
        const late = Math.max(...answers.map(({ at }) => at - start));
        assert.ok(late < DEADLINE / 5, `answered after ${late} ms`);
        return answers.map(({ told }) => told.payload);
    }

    /// The first message heard since `mark` that fulfils `predicate`, as PHP told it.
    async next(predicate, what, mark = 0) {
        const entry = await eventually(
            () => this.heard.slice(mark).find(({ told }) => told && predicate(told)),
            what,
        );
        return entry.told;
    }

    get mark() {
        return this.heard.length;
    }

    /// Everything the others said could be read, and was written as PHP writes it.
    assertReadable() {
        for (const { told, bytes } of this.heard) {
            assert.equal(told?.error, undefined, `${told?.error}: ${bytes}`);
            assert.notEqual(told?.is_as_php_writes_it, false, `${bytes}`);
        }
    }

    stop() {
        this.channel?.close();
        this.php?.stop();
    }
}

/// Beside the nodes of `cluster`, for the tests of the surrounding `describe`.
export function useReverbPeer(cluster) {
    const peer = new ReverbPeer(cluster.redis, { app: cluster.app });
    before(() => peer.start());
    after(() => peer.stop());
    return peer;
}
