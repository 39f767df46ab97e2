// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LEASE, useCluster, whileItWaits } from '../support/cluster.mjs';
import { Daemon, freePort } from '../support/daemon.mjs';
import { DEADLINE, eventually } from '../support/deadline.mjs';
import { fetchRaw } from '../support/http.mjs';
import { PusherClient } from '../support/pusher_client.mjs';
import { Redis } from '../support/redis.mjs';

const LIFETIME = LEASE * 1000 + DEADLINE;

const readiness = async (node) => {
    const response = await fetchRaw(node, { target: '/ready' });
    return { status: response.status, ...response.json() };
};

const isWhole = (nodes) =>
    eventually(
        async () => (await Promise.all(nodes.map(readiness))).every((ready) => !ready.degraded),
        'all nodes are whole again',
        LIFETIME,
    );

describe('Redis is away', () => {
    const cluster = useCluster({ nodes: 2, scaling: { max_queued_bytes: 20_000 } });
    const { nodes, redis } = cluster;
    const channel = 'presence-away';
    let clients;

    test('r133_local_delivery_goes_on_and_nothing_is_lost_over_a_restart', async () => {
        clients = [await PusherClient.connect(nodes[0]), await PusherClient.connect(nodes[1])];
        await clients[0].join(channel, 'u0');
        await clients[1].join(channel, 'u1');
        await clients[0].expect('pusher_internal:member_added');
        assert.deepEqual(await readiness(nodes[0]), { status: 200, ready: true, reasons: [] });

        await redis.kill();
        await eventually(async () => (await readiness(nodes[0])).degraded, 'node 0 says degraded');
        assert.deepEqual((await readiness(nodes[0])).reasons, ['redis_away']);
        await nodes[0].api().publish(channel, 'while-away', '1');
        await clients[0].expect('while-away');
        const joiner = await PusherClient.connect(nodes[0]);
        assert.deepEqual((await joiner.join(channel, 'u2')).ids.sort(), ['u0', 'u1', 'u2']);
        await clients[0].expect('pusher_internal:member_added');

        await redis.start(); // empty
        await isWhole(nodes);
        const got = (await clients[1].take(2)).map((message) => message.event).sort();
        assert.deepEqual(got, ['pusher_internal:member_added', 'while-away']);
        for (const client of [...clients, joiner]) await client.fence(nodes[1].api(), channel);
        const late = await PusherClient.connect(nodes[1]);
        assert.deepEqual((await late.join(channel, 'u3')).ids.sort(), ['u0', 'u1', 'u2', 'u3']);
        for (const client of clients) await client.expect('pusher_internal:member_added');
        await late.close();
        await joiner.close();
        for (const client of clients) {
            await client.expect('pusher_internal:member_removed');
            await client.expect('pusher_internal:member_removed');
        }
    });

    test('client_kill_of_every_connection_loses_no_member', async () => {
        for (let round = 0; round < 3; round += 1) {
            await redis.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
            await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
            await isWhole(nodes);
            for (const client of clients) await client.fence(nodes[round % 2].api(), channel);
        }
    });

    test('events_wait_up_to_a_bound_then_503', async () => {
        await redis.kill();
        await eventually(async () => (await readiness(nodes[0])).degraded, 'degraded');
        const body = { name: 'big', channel, data: 'x'.repeat(4000) };
        let accepted = 0;
        let refused;
        for (let i = 0; i < 10 && !refused; i += 1) {
            const response = await nodes[0].api().post('/events', body);
            if (response.status === 200) accepted += 1;
            else refused = response;
        }
        assert.equal(refused.status, 503);
        assert.equal(refused.headers['retry-after'], '1');
        assert.match(refused.body, /Redis is away/);
        assert.equal(accepted, 4);
        for (let i = 0; i < accepted; i += 1) await clients[0].expect('big');
        clients[0].whisper(channel, 'client-big', body.data);
        const { code, message } = (await clients[0].expect('pusher:error')).inner();
        assert.equal(code, 4301);
        assert.match(message, /cannot pass the event on/);
        await redis.start();
        await isWhole(nodes);
        for (let i = 0; i < accepted; i += 1) await clients[1].expect('big');
        for (const client of clients) await client.fence(nodes[0].api(), channel);
    });

    test('a_frozen_redis_is_noticed', async () => {
        redis.signal('SIGSTOP');
        try {
            await eventually(async () => (await readiness(nodes[1])).degraded, 'degraded', LIFETIME);
            await nodes[1].api().publish(channel, 'frozen', '1');
            await clients[1].expect('frozen');
        } finally {
            redis.signal('SIGCONT');
        }
        await isWhole(nodes);
        // After so long a node may hold the other one for dead: its members go, and come again.
        await clients[0].seek('frozen', () => true, LIFETIME);
        for (const client of clients) await client.fence(nodes[0].api(), channel);
    });
});

test('a_start_without_redis_waits_and_says_so', async () => {
    const redis = new Redis();
    redis.port = await freePort();
    const node = new Daemon({
        scaling: { enabled: true, lease: LEASE, server: { host: redis.host, port: redis.port } },
    });
    try {
        const starting = node.start();
        await eventually(() => node.process?.output.includes('redis unreachable'), 'it says so');
        await assert.rejects(fetchRaw(node, { target: '/up' }), 'nobody is let in yet');
        await redis.start();
        await starting;
        const client = await PusherClient.connect(node);
        await client.subscribe('a');
        await client.fence(node.api(), 'a');
        await node.stop();
    } finally {
        if (node.process?.isRunning) await node.kill();
        await redis.stop();
        redis.remove();
        node.remove();
    }
});

test('a_start_without_redis_can_be_stopped', async () => {
    const server = { host: '127.0.0.1', port: await freePort() };
    await whileItWaits({ scaling: { enabled: true, server } }, /redis unreachable/, () => {});
});
