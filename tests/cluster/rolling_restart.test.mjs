// SPDX-License-Identifier: MIT
// A deployment as it happens: the nodes are restarted one after the other, under unmodified clients.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Balancer } from '../support/balancer.mjs';
import { pusherClient, useClients } from '../support/clients.mjs';
import { useCluster } from '../support/cluster.mjs';
import { DEADLINE, eventually, pace } from '../support/deadline.mjs';
import { idsInRedis, leasesIn } from '../support/redis.mjs';
import { channelAuth } from '../support/sign.mjs';

const CLIENTS = 60;
const USERS = 10; // with more than one connection each
const MEMBERS = 16;
const STREAMS = ['orders', 'invoices'];
const PERIOD = 25;
/// How long an event that was accepted may be on its way to the other nodes.
const FLIGHT = DEADLINE / 50;
const room = 'presence-room';

/// Publishes 0, 1, 2, … on a channel, each to the next node that is up.
class Publisher {
    times = []; // of each number, when it was sent and when it was accepted
    #isOver = false;

    constructor(channel, nodes, isUp) {
        this.channel = channel;
        this.nodes = nodes;
        this.isUp = isUp;
    }

    start() {
        this.running = this.#run();
        this.running.catch(() => {});
    }

    async #run() {
        for (let turn = 0; !this.#isOver; turn += 1) {
            const index = turn % this.nodes.length;
            if (!this.isUp(index)) continue;
            const number = this.times.length;
            const time = { sent: performance.now(), accepted: Infinity };
            this.times.push(time);
            await this.nodes[index].api().publish(this.channel, 'n', String(number));
            time.accepted = performance.now();
            await pace(PERIOD);
        }
    }

    async stop() {
        this.#isOver = true;
        await this.running;
    }
}

/// What a client gets on a channel, per subscription.
class Listener {
    sessions = [];
    faults = [];

    constructor(pusher, channel) {
        this.name = channel;
        const subscription = pusher.subscribe(channel);
        subscription.bind('pusher:subscription_succeeded', () => {
            if (this.isOpen) this.faults.push('confirmed twice');
            this.sessions.push({ from: performance.now(), until: Infinity, numbers: [] });
        });
        subscription.bind('n', (number) => {
            if (!this.isOpen) this.faults.push(`${number} without being subscribed`);
            this.sessions.at(-1)?.numbers.push(number);
        });
        const end = () => {
            if (this.isOpen) this.sessions.at(-1).until = performance.now();
        };
        // The 4200 comes before CLOSE and the end of TCP, and nothing after it.
        pusher.connection.bind('error', end);
        pusher.connection.bind('state_change', ({ previous }) => previous === 'connected' && end());
    }

    get isOpen() {
        return this.sessions.at(-1)?.until === Infinity;
    }

    get last() {
        return this.sessions.at(-1)?.numbers.at(-1);
    }

    /// Each number in its order once, over all sessions; within one, none left out.
    check({ times }) {
        assert.deepEqual(this.faults, []);
        let last = -1;
        for (const { from, until, numbers } of this.sessions) {
            for (const [index, number] of numbers.entries()) {
                assert.ok(number > last, `${this.name}: ${number} after ${last}`);
                if (index > 0) assert.equal(number, last + 1, `${this.name}: a gap after ${last}`);
                last = number;
            }
            const owed = times.flatMap(({ sent, accepted }, number) =>
                sent > from && accepted + FLIGHT < until ? [number] : [],
            );
            if (owed.length === 0) continue;
            assert.ok(numbers.length > 0, `${this.name}: nothing, instead of ${owed.length} events`);
            assert.ok(numbers[0] <= owed[0], `${this.name}: the first is ${numbers[0]}, not ${owed[0]}`);
            assert.ok(last >= owed.at(-1), `${this.name}: the last is ${last}, not ${owed.at(-1)}`);
        }
    }
}

/// A member of the room and what it knows of the others; nothing may be told that it knows already.
class Member {
    faults = [];
    known = new Set();

    constructor(pusher) {
        const subscription = pusher.subscribe(room);
        const tell = (isNew, text) => isNew || this.faults.push(text);
        subscription.bind('pusher:subscription_succeeded', ({ members }) => {
            this.known = new Set(Object.keys(members));
            tell(this.known.has(subscription.members.myID), 'a list without oneself');
        });
        subscription.bind('pusher:member_added', ({ id }) => {
            tell(!this.known.has(id), `${id} added twice`);
            this.known.add(id);
        });
        subscription.bind('pusher:member_removed', ({ id }) => {
            tell(this.known.delete(id), `${id} removed twice`);
        });
        this.library = subscription.members;
    }
}

describe('a rolling restart', () => {
    useClients();
    const cluster = useCluster({ server: { drain_window: 2 } });
    const { nodes, redis, app } = cluster;
    let balancer;
    before(async () => {
        balancer = await new Balancer(nodes.map((node) => node.port)).listen();
    });
    after(() => balancer.close());

    const connect = (user) =>
        pusherClient(
            { host: '127.0.0.1', port: balancer.port, app },
            {
                channelAuthorization: {
                    customHandler: ({ socketId, channelName }, done) => {
                        const data = JSON.stringify({ user_id: user });
                        const auth = channelAuth(app, socketId, channelName, data);
                        done(null, { auth, channel_data: data });
                    },
                },
            },
        );

    test('r015_r132_nothing_is_lost_doubled_or_out_of_order', async () => {
        const down = new Set();
        const publishers = STREAMS.map((name) => new Publisher(name, nodes, (index) => !down.has(index)));
        const listeners = [];
        const members = [];
        for (let i = 0; i < CLIENTS; i += 1) {
            const pusher = connect(`u${i % USERS}`);
            if (i < MEMBERS) members.push(new Member(pusher));
            listeners.push(...STREAMS.map((name) => new Listener(pusher, name)));
        }
        const everybody = [...new Set(Array.from({ length: MEMBERS }, (_, i) => `u${i % USERS}`))].sort();
        const isSettled = () => {
            assert.ok(listeners.every((listener) => listener.isOpen), 'not everybody is subscribed');
            for (const { known, library } of members) {
                assert.deepEqual([...known].sort(), everybody);
                assert.deepEqual(Object.keys(library.members).sort(), everybody);
            }
            return true;
        };
        await eventually(isSettled, 'all are there', 2 * DEADLINE);
        for (const publisher of publishers) publisher.start();

        for (const [index, node] of nodes.entries()) {
            const before = await leasesIn(redis);
            down.add(index);
            await node.stop();
            assert.equal((await leasesIn(redis)).length, before.length - 1, 'it takes leave');
            await cluster.startNode(index);
            down.delete(index);
        }

        await eventually(isSettled, 'all are back', 4 * DEADLINE);
        for (const publisher of publishers) await publisher.stop();
        for (const publisher of publishers) {
            await eventually(
                () =>
                    listeners
                        .filter((listener) => listener.name === publisher.channel)
                        .every((listener) => listener.last === publisher.times.length - 1),
                `everybody has the last event of ${publisher.channel}`,
            );
        }
        for (const publisher of publishers) {
            assert.ok(publisher.times.length > 50, `${publisher.times.length} events`);
            for (const listener of listeners) {
                if (listener.name === publisher.channel) listener.check(publisher);
            }
        }
        for (const { faults } of members) assert.deepEqual(faults, []);
        assert.ok(listeners.every(({ sessions }) => sessions.length > 1), 'everybody had to move');

        for (const node of nodes) {
            await eventually(async () => (await node.api().connections()) === CLIENTS, 'all are counted');
            const { users } = await node.api().query(`/channels/${room}/users`);
            assert.deepEqual(users.map(({ id }) => id).sort(), everybody);
            const info = 'subscription_count';
            for (const stream of STREAMS) {
                const stats = await node.api().query(`/channels/${stream}`, { info });
                assert.equal(stats.subscription_count, CLIENTS);
            }
        }
        const leases = await leasesIn(redis);
        assert.equal(leases.length, nodes.length);
        assert.deepEqual(await idsInRedis(redis), leases);
        isSettled();
    });
});
