// SPDX-License-Identifier: MIT
// Everything goes wrong, again and again, while clients come, go and listen. What they were told along
// the way has to hold, and in the end all is as it should be. FANFARE_CHAOS_SEED repeats a plan (what
// happens in between is up to the machine), FANFARE_CHAOS_SECONDS makes it longer.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import os from 'node:os';
import { test } from 'node:test';
import { Balancer } from '../support/balancer.mjs';
import { Cluster, LEASE, withCluster } from '../support/cluster.mjs';
import { DEADLINE, eventually, pace } from '../support/deadline.mjs';
import { opcode } from '../support/frames.mjs';
import { fetchRaw } from '../support/http.mjs';
import { nodesCommand } from '../support/nodes_command.mjs';
import { PusherClient } from '../support/pusher_client.mjs';
import { idsInRedis, leasesIn } from '../support/redis.mjs';

const SEED = Number(process.env.FANFARE_CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 32));
const SECONDS = Number(process.env.FANFARE_CHAOS_SECONDS ?? 14);
const SETTLING = 3 * (LEASE * 1000 + DEADLINE);
const LONG = 3_600_000;

const STREAMS = ['stream-0', 'stream-1', 'stream-2', 'stream-3'];
const ROOMS = ['presence-0', 'presence-1'];
const USERS = Array.from({ length: 8 }, (_, i) => `u${i}`);
const WATCHERS = 24;
const OF_NODES = ['kill', 'restart', 'pause', 'cut', 'upgrade', 'upgrade'];
const OF_REDIS = ['killClients', 'lose', 'freeze'];
const isRoom = (channel) => channel.startsWith('presence-');

/// mulberry32
function randomness(seed) {
    let state = seed;
    const next = () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
    return {
        below: (limit) => Math.floor(next() * limit),
        between: (low, high) => low + next() * (high - low),
        pick: (list) => list[Math.floor(next() * list.length)],
    };
}

/// A client that believes what it is told and remembers when that cannot be.
class Watcher {
    wanted = new Set();
    views = new Map(); // per confirmed channel the members, if it has any
    faults = [];
    isAlive = true;
    count = 0; // of frames
    #last = new Map(); // per publisher and channel, the number
    #fences = new Set();

    static async connect(node, user) {
        const watcher = new Watcher();
        watcher.user = user;
        watcher.client = await PusherClient.connect(node);
        watcher.#read().catch((error) => watcher.faults.push(error.message));
        return watcher;
    }

    subscribe(channel) {
        this.wanted.add(channel);
        const data = isRoom(channel) ? JSON.stringify({ user_id: this.user }) : undefined;
        this.client.sendSubscribe(channel, data);
    }

    unsubscribe(channel) {
        this.wanted.delete(channel);
        this.views.delete(channel);
        this.client.unsubscribe(channel);
    }

    leave() {
        this.isAlive = false;
        this.client.socket.destroy();
    }

    has(fence) {
        return this.#fences.has(fence);
    }

    async #read() {
        for (;;) {
            const frame = await this.client.socket.next('a frame', LONG);
            if (!frame || frame.op === opcode.close) break;
            if (frame.op === opcode.text) this.#take(JSON.parse(frame.payload));
        }
        this.leave();
    }

    #take({ event, channel, data }) {
        this.count += 1;
        const view = this.views.get(channel);
        const fault = (text) => this.faults.push(`${channel}, ${this.user}: ${text}`);
        if (event === 'e') {
            const [publisher, number] = JSON.parse(data);
            const key = `${publisher} ${channel}`;
            const last = this.#last.get(key) ?? -1;
            if (number <= last) fault(`${number} after ${last} of ${publisher}`);
            this.#last.set(key, number);
        } else if (event === 'fence') {
            this.#fences.add(`${JSON.parse(data)} ${channel}`);
        } else if (event === 'pusher_internal:subscription_succeeded') {
            if (!this.wanted.has(channel)) return; // left meanwhile
            const users = isRoom(channel) ? JSON.parse(data).presence.ids : [];
            if (new Set(users).size !== users.length) fault(`the list names somebody twice: ${users}`);
            if (isRoom(channel) && !users.includes(this.user)) fault('a list without oneself');
            this.views.set(channel, new Set(users));
        } else if (event === 'pusher_internal:member_added' && view) {
            const { user_id: user } = JSON.parse(data);
            if (view.has(user)) fault(`${user} is added and was there`);
            view.add(user);
        } else if (event === 'pusher_internal:member_removed' && view) {
            const { user_id: user } = JSON.parse(data);
            if (!view.delete(user)) fault(`${user} is removed and was not there`);
        } else if (event === 'pusher:error' && JSON.parse(data).code !== 4200) {
            fault(data);
        }
    }
}

/// Each node reaches Redis through a proxy of its own.
class CutCluster extends Cluster {
    redisOf(index) {
        return { host: '127.0.0.1', port: this.proxies[index].port };
    }

    async start() {
        await this.redis.start();
        this.proxies = [];
        for (const _ of this.nodes) {
            this.proxies.push(await new Balancer([this.redis.port]).listen());
        }
        await Promise.all(this.nodes.map((_, index) => this.startNode(index)));
        return this;
    }

    async stop(ms) {
        try {
            await super.stop(ms);
        } finally {
            for (const proxy of this.proxies?.splice(0) ?? []) await proxy.close();
        }
    }
}

class Chaos {
    watchers = [];
    diary = [];
    #busy = new Set(); // indexes of nodes, and Redis
    #isOver = false;
    #connecting = 0;
    #publishers = 0;
    #failures = [];

    constructor(cluster, random) {
        this.cluster = cluster;
        this.random = random;
        this.began = Date.now();
    }

    note(text) {
        this.diary.push(`${((Date.now() - this.began) / 1000).toFixed(2)} ${text}`);
    }

    get live() {
        return this.watchers.filter((watcher) => watcher.isAlive);
    }

    get faults() {
        return this.watchers.flatMap((watcher) => watcher.faults);
    }

    async run(ms) {
        const load = [this.#comeAndGo(), ...this.cluster.nodes.map((_, index) => this.#publish(index))];
        const mishaps = [];
        while (Date.now() - this.began < ms && this.faults.length === 0) {
            mishaps.push(this.#mishap());
            await pace(this.random.between(200, 1200));
        }
        await Promise.all(mishaps);
        this.#isOver = true;
        await Promise.all(load);
        await eventually(() => this.#connecting === 0, 'whoever is connecting has', 2 * DEADLINE);
    }

    async #comeAndGo() {
        const { random } = this;
        while (!this.#isOver) {
            await pace(random.between(5, 60));
            const { live } = this;
            const watcher = live.length > 0 && random.pick(live);
            if (live.length + this.#connecting < WATCHERS) {
                this.#enter(random.below(this.cluster.nodes.length));
            } else if (random.below(4) === 0) {
                watcher.leave();
            } else {
                const channel = random.pick([...STREAMS, ...ROOMS]);
                if (!watcher.wanted.has(channel)) watcher.subscribe(channel);
                else if (watcher.views.has(channel)) watcher.unsubscribe(channel);
            }
        }
    }

    async #enter(index) {
        if (this.#busy.has(index)) return;
        const { random } = this;
        this.#connecting += 1;
        try {
            const watcher = await Watcher.connect(this.cluster.nodes[index], random.pick(USERS));
            this.watchers.push(watcher);
            for (const channel of [...STREAMS, ...ROOMS]) {
                if (random.below(3) !== 0) watcher.subscribe(channel);
            }
        } catch (error) {
            if (!this.#busy.has(index)) this.note(`no entry at ${index}: ${error.message}`);
        } finally {
            this.#connecting -= 1;
        }
    }

    /// One event after the other. After one of which nobody knows what became of it, another publisher
    /// goes on: it may still be on its way.
    async #publish(index) {
        let name = `${index}/${this.#publishers++}`;
        for (let number = 0; !this.#isOver; number += 1) {
            await pace(this.random.between(5, 25));
            if (this.cluster.nodes[index].process === undefined) continue;
            try {
                const channels = this.random.below(5) === 0 ? STREAMS : this.random.pick(STREAMS);
                await this.cluster.nodes[index].api().publish(channels, 'e', JSON.stringify([name, number]));
            } catch (error) {
                if (!this.#busy.has(index)) this.note(`publishing at ${index}: ${error.message}`);
                name = `${index}/${this.#publishers++}`;
            }
        }
    }

    async #mishap() {
        const { random, cluster } = this;
        const kind = random.pick([...OF_NODES, ...OF_NODES, ...OF_REDIS]);
        const index = random.below(cluster.nodes.length);
        const ms = random.between(100, random.below(2) === 0 ? 1000 : 3500);
        const what = OF_REDIS.includes(kind) ? 'redis' : index;
        if (this.#busy.has(what)) return;
        this.#busy.add(what);
        this.note(`${kind} ${what}, ${ms.toFixed(0)} ms`);
        try {
            await this[kind](index, ms);
            this.note(`${kind} ${what} is over`);
        } catch (error) {
            this.#failures.push(error);
        } finally {
            this.#busy.delete(what);
        }
        if (this.#failures.length > 0) throw this.#failures[0];
    }

    async kill(index, ms) {
        const node = this.cluster.nodes[index];
        await node.kill();
        node.process.assertClean();
        node.process = undefined;
        await pace(ms);
        await this.cluster.startNode(index);
    }

    async restart(index, ms) {
        const node = this.cluster.nodes[index];
        await node.stop();
        node.process = undefined;
        await pace(ms / 2);
        await this.cluster.startNode(index);
    }

    async pause(index, ms) {
        const pid = this.cluster.nodes[index].process.pids.at(-1);
        process.kill(pid, 'SIGSTOP');
        await pace(ms);
        if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGCONT');
    }

    /// Whatever becomes of it, clients and publishers notice nothing. The next mishap may well meet
    /// the new process.
    async upgrade(index, ms) {
        this.cluster.nodes[index].process.signal('SIGUSR2');
        await pace(ms / 10);
    }

    async cut(index, ms) {
        const proxy = this.cluster.proxies[index];
        proxy.cut();
        await pace(ms);
        proxy.heal();
    }

    async killClients() {
        await this.cluster.redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
        await this.cluster.redis.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    }

    /// All that it held.
    async lose(index, ms) {
        await this.cluster.redis.kill();
        await pace(ms / 2);
        await this.cluster.redis.start();
    }

    async freeze(index, ms) {
        this.cluster.redis.signal('SIGSTOP');
        await pace(ms);
        this.cluster.redis.signal('SIGCONT');
    }

    // ---- in the end

    usersOf(room) {
        const members = this.live.filter((watcher) => watcher.wanted.has(room));
        return [...new Set(members.map((watcher) => watcher.user))].sort();
    }

    async assertWhole() {
        const answers = await Promise.all(
            this.cluster.nodes.map((node) => fetchRaw(node, { target: '/ready' })),
        );
        for (const answer of answers) assert.deepEqual([answer.status, answer.json().degraded], [200, undefined]);
    }

    async assertNodes() {
        const { nodes, redis } = this.cluster;
        const { code, stdout } = await nodesCommand(nodes[0], '--json');
        assert.equal(code, 0);
        const views = JSON.parse(stdout);
        const states = views.map(({ address, state }) => `${address} ${state}`);
        assert.deepEqual(states.sort(), nodes.map(({ port }) => `${os.hostname()}:${port} ok`).sort());
        const ids = views.map(({ id }) => id).sort();
        assert.deepEqual(await leasesIn(redis), ids);
        assert.deepEqual(await idsInRedis(redis), ids);
    }

    async assertChannels() {
        const { nodes } = this.cluster;
        for (const node of nodes) {
            for (const room of ROOMS) {
                const { users } = await node.api().query(`/channels/${room}/users`);
                assert.deepEqual(users.map(({ id }) => id).sort(), this.usersOf(room), room);
            }
            for (const stream of STREAMS) {
                const stats = await node.api().query(`/channels/${stream}`, { info: 'subscription_count' });
                const listeners = this.live.filter((watcher) => watcher.wanted.has(stream));
                assert.equal(stats.subscription_count ?? 0, listeners.length, stream);
            }
            assert.equal(await node.api().connections(), this.live.length, 'connections');
        }
    }

    assertViews() {
        for (const { wanted, views, user } of this.live) {
            assert.deepEqual([...views.keys()].sort(), [...wanted].sort(), 'confirmed subscriptions');
            for (const room of ROOMS.filter((each) => wanted.has(each))) {
                assert.deepEqual([...views.get(room)].sort(), this.usersOf(room), `${room} of ${user}`);
            }
        }
    }

    /// An event of each node reaches everybody on every channel.
    async fence(name) {
        for (const [index, node] of this.cluster.nodes.entries()) {
            for (const channel of [...STREAMS, ...ROOMS]) {
                await node.api().publish(channel, 'fence', JSON.stringify(`${name}/${index}`));
            }
        }
        await eventually(() => {
            for (const watcher of this.live) {
                for (const channel of watcher.wanted) {
                    for (const index of this.cluster.nodes.keys()) {
                        assert.ok(watcher.has(`${name}/${index} ${channel}`), `fence of ${index} on ${channel}`);
                    }
                }
            }
            return true;
        }, 'an event of each node reaches everybody');
    }
}

const holds = (check, what) => eventually(async () => (await check(), true), what, SETTLING);

test('r130_r132_r133_whatever_happens', async (t) => {
    t.diagnostic(`FANFARE_CHAOS_SEED=${SEED}`);
    await withCluster(new CutCluster(), async (cluster) => {
        const chaos = new Chaos(cluster, randomness(SEED));
        try {
            await chaos.run(SECONDS * 1000);
            chaos.note('peace');
            assert.deepEqual(chaos.faults, []);
            await holds(() => chaos.assertWhole(), 'all nodes are whole');
            await holds(() => chaos.assertViews(), 'the clients see who is there');
            await chaos.fence('peace');
            await holds(() => chaos.assertNodes(), 'Redis holds the live nodes, and nothing of others');
            await holds(() => chaos.assertChannels(), 'the counts are right');
            // What is right stays right when the last doubts are settled.
            await pace(LEASE * 1000);
            await chaos.fence('end');
            chaos.assertViews();
            await chaos.assertChannels();
            await chaos.assertNodes();
            assert.deepEqual(chaos.faults, []);
            const frames = chaos.watchers.reduce((sum, { count }) => sum + count, 0);
            const upgrades = cluster.log.match(/taken over clients/g)?.length ?? 0;
            t.diagnostic(`${chaos.watchers.length} clients were told ${frames} things, ${upgrades} upgrades`);
        } catch (error) {
            const causes = error.cause ? `\n${error.cause.message}` : '';
            const faults = chaos.faults.slice(0, 20).join('\n');
            error.message += `${causes}\nFANFARE_CHAOS_SEED=${SEED}\n${faults}\n${chaos.diary.join('\n')}`;
            throw error;
        }
    });
});
