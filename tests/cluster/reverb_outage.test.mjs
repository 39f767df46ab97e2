// SPDX-License-Identifier: MIT
// Nodes on Reverb's Redis channel while Redis is away.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Cluster, useCluster } from '../support/cluster.mjs';
import { DEADLINE, eventually, pace, within } from '../support/deadline.mjs';
import { fetchRaw } from '../support/http.mjs';
import { PusherClient } from '../support/pusher_client.mjs';
import { ReverbPeer } from '../support/reverb_peer.mjs';

const scaling = { mode: 'reverb', max_queued_bytes: 65536 };

describe('redis goes and comes', () => {
    const cluster = useCluster({ nodes: 2, scaling });
    const connect = (node) => PusherClient.connect(cluster.nodes[node]);
    const api = (node) => cluster.nodes[node].api();

    const ready = async (node) => (await fetchRaw(cluster.nodes[node], { target: '/ready' })).json();
    /// A node may wait 5 s before it tries to connect again.
    const RECONNECTED = 3 * DEADLINE;
    const allSee = (reason) =>
        eventually(
            async () => {
                const answers = await Promise.all([0, 1].map(ready));
                return answers.every((got) => (got.reasons[0] ?? '') === reason);
            },
            `all nodes say "${reason}"`,
            RECONNECTED,
        );

    async function withoutRedis(work) {
        await cluster.redis.kill();
        await allSee('redis_away');
        await work();
        await cluster.redis.start();
        await allSee('');
    }

    test('r134_local_delivery_goes_on_and_the_queue_is_sent_afterwards', async () => {
        const [here, there] = [await connect(0), await connect(1)];
        for (const client of [here, there]) {
            await client.subscribe('c');
            await client.fence(api(0), 'c');
        }
        const names = Array.from({ length: 50 }, (_, i) => `away-${i}`);
        await withoutRedis(async () => {
            for (const name of names) {
                await api(0).publish(['c', 'd'], name, 'x', { socket_id: '1.2' });
                await here.expect(name);
            }
            await there.expectNothing();
        });
        for (const name of names) await there.expect(name);
        for (const client of [here, there]) {
            await client.fence(api(0), 'c');
            await client.fence(api(1), 'c');
        }
    });

    test('r134_a_reverb_node_that_comes_back_later_gets_the_queue_once', async () => {
        const peer = await new ReverbPeer(cluster.redis, { app: cluster.app }).start();
        try {
            await api(0).publish('p', 'before', 'x');
            await peer.next(({ payload }) => payload?.event === 'before', 'before');
            await cluster.redis.kill();
            await allSee('redis_away');
            peer.channel.close();
            for (let i = 0; i < 20; i += 1) await api(0).publish('p', `p-${i}`, 'x');
            await cluster.redis.start();
            await pace(1000);
            await peer.listen();
            await allSee('');
            await api(0).publish('p', 'after', 'x');
            await peer.next(({ payload }) => payload?.event === 'after', 'after');
            const names = peer.heard.map(({ told }) => told.payload.event);
            const queued = Array.from({ length: 20 }, (_, i) => `p-${i}`);
            assert.deepEqual(names, ['before', ...queued, 'after']);
        } finally {
            peer.stop();
        }
        // Whoever has gone for good is not waited for.
        for (const node of [0, 1, 0, 1]) await api(node).publish('p', 'counted', 'x');
    });

    test('r134_what_was_on_its_way_is_delivered_once', async () => {
        const [here, there] = [await connect(0), await connect(1)];
        for (const client of [here, there]) await client.subscribe('way');
        cluster.redis.signal('SIGSTOP');
        const answers = [1, 2, 3].map((i) => api(0).publish('way', 'same', `${i}`));
        await pace(50);
        await here.expectNothing();
        await withoutRedis(() => Promise.all(answers));
        for (const client of [here, there]) {
            const got = (await client.take(3)).map(({ event, data }) => `${event}${data}`);
            assert.deepEqual(got.sort(), ['same1', 'same2', 'same3']);
            await client.fence(api(0), 'way');
            await client.fence(api(1), 'way');
        }
    });

    test('r134_joins_terminations_and_questions_stay_on_the_node', async () => {
        await withoutRedis(async () => {
            const [first, second, other] = [await connect(0), await connect(0), await connect(1)];
            await first.join('presence-alone', '1');
            assert.deepEqual((await second.join('presence-alone', '2')).ids, ['1', '2']);
            await first.expect('pusher_internal:member_added');
            await other.join('presence-alone', '2');
            const { users } = await api(0).query('/channels/presence-alone/users');
            assert.deepEqual(users, [{ id: '1' }, { id: '2' }]);
            const stats = await api(1).query('/channels/presence-alone', { info: 'user_count' });
            assert.deepEqual(stats, { occupied: true, user_count: 1 });
            assert.equal((await api(0).post('/users/2/terminate_connections', {})).status, 200);
            await second.expectTermination(4009);
            await other.expectNothing();
            // What was said while Redis was away holds for the others when it is back.
            await cluster.redis.start();
            await other.expectTermination(4009, undefined, RECONNECTED);
            await cluster.redis.kill();
            await allSee('redis_away');
        });
    });

    test('r134_the_queue_is_bounded', async () => {
        const client = await connect(0);
        await client.subscribe('full');
        const data = 'x'.repeat(5000);
        await withoutRedis(async () => {
            let accepted = 0;
            let response;
            for (; accepted < 20; accepted += 1) {
                response = await api(0).post('/events', { name: 'big', channel: 'full', data });
                if (response.status !== 200) break;
                await client.expect('big');
            }
            assert.equal(response.status, 503);
            assert.ok(accepted >= 5 && accepted < 14, `${accepted} were accepted`);
            await client.expectNothing();
        });
        await eventually(
            async () =>
                (await api(0).post('/events', { name: 'again', channel: 'full', data })).status === 200,
            'accepted again',
        );
        await client.expect('again');
    });
});

describe('redis is not there at the start', () => {
    test('r134_the_node_waits_and_says_so', async () => {
        const cluster = new Cluster({ nodes: 1, scaling });
        const [node] = cluster.nodes;
        try {
            await cluster.redis.start();
            await cluster.redis.kill();
            const started = cluster.startNode(0);
            await eventually(() => node.process && /redis unreachable/.test(node.log), 'a warning');
            assert.doesNotMatch(node.log, /listening/);
            await cluster.redis.start();
            await within(started, 'start');
            await eventually(() => /reverb: joined/.test(node.log), 'a word that it has joined');
        } finally {
            await cluster.stop();
            cluster.remove();
        }
    });

    test('r134_the_node_stops_while_it_waits', async () => {
        const cluster = new Cluster({ nodes: 1, scaling });
        const [node] = cluster.nodes;
        try {
            await cluster.redis.start();
            await cluster.redis.kill();
            cluster.startNode(0).catch(() => {});
            await eventually(() => node.process && /redis unreachable/.test(node.log), 'a warning');
        } finally {
            await cluster.stop();
            cluster.remove();
        }
    });
});
