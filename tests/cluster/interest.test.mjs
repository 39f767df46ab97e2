// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { useCluster } from '../support/cluster.mjs';
import { eventually } from '../support/deadline.mjs';
import { PusherClient } from '../support/pusher_client.mjs';

describe('a node follows what it has subscribers for', () => {
    const cluster = useCluster({ nodes: 2 });
    const { redis } = cluster;
    const connect = (node) => PusherClient.connect(cluster.nodes[node]);

    /// How many nodes are subscribed to the channel in Redis.
    async function followers(channel) {
        const topics = (await redis.lines('PUBSUB', 'CHANNELS')).filter((t) => t.endsWith(`:${channel}`));
        if (topics.length === 0) return 0;
        assert.equal(topics.length, 1);
        return Number((await redis.lines('PUBSUB', 'NUMSUB', topics[0]))[1]);
    }

    test('and_no_longer_than_that', async () => {
        const client = await connect(0);
        await client.subscribe('followed');
        assert.equal(await followers('followed'), 1);
        const second = await connect(1);
        await second.subscribe('followed');
        assert.equal(await followers('followed'), 2);
        await second.close();
        await eventually(async () => (await followers('followed')) === 1, 'node 1 stops listening');
        client.unsubscribe('followed');
        await eventually(async () => (await followers('followed')) === 0, 'node 0 stops listening', 10_000);
        await eventually(
            async () => (await redis.keys('*followed*')).length === 0,
            'no key of the channel is left',
        );
    });

    test('a_subscription_to_a_followed_channel_asks_redis_nothing', async () => {
        const first = await connect(0);
        await first.subscribe('busy');
        const [second, third] = [await connect(0), await connect(0)];
        redis.signal('SIGSTOP');
        try {
            await second.subscribe('busy');
            await third.subscribe('busy');
            await connect(0);
        } finally {
            redis.signal('SIGCONT');
        }
        await second.fence(cluster.nodes[1].api(), 'busy');
    });

    test('nothing_published_after_the_confirmation_is_missed', async () => {
        const publisher = cluster.nodes[1].api();
        let published = 0;
        let isOver = false;
        const publishing = (async () => {
            while (!isOver) await publisher.publish('stream', `e-${published++}`, '0');
        })();
        try {
            for (let round = 0; round < 20; round += 1) {
                const client = await connect(0);
                await client.subscribe('stream');
                // What was published before may still be on its way to a node that has not unfollowed yet.
                const confirmed = published;
                const first = Number((await client.next()).event.slice(2));
                assert.ok(first <= confirmed, `e-${first} came first, e-${confirmed} followed the confirmation`);
                for (let i = 1; i <= 5; i += 1) await client.expect(`e-${first + i}`);
                client.socket.destroy();
                if (round === 10) {
                    await eventually(async () => (await followers('stream')) === 0, 'node 0 has left', 8000);
                }
            }
        } finally {
            isOver = true;
            await publishing;
        }
    });
});
