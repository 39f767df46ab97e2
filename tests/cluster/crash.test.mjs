// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Balancer } from '../support/balancer.mjs';
import { Cluster, LEASE, withCluster } from '../support/cluster.mjs';
import { DEADLINE, eventually } from '../support/deadline.mjs';
import { PusherClient } from '../support/pusher_client.mjs';
import { idsInRedis, leasesIn as leases } from '../support/redis.mjs';

/// A death is dealt with in a lease; what comes after it has the usual time.
const LIFETIME = LEASE * 1000 + DEADLINE;

const removals = async (client, ids) => {
    const seen = [];
    while (seen.length < ids.length) {
        const got = await client.expect('pusher_internal:member_removed', () => true, LIFETIME);
        seen.push(got.inner().user_id);
    }
    assert.deepEqual(seen.sort(), [...ids].sort());
};

describe('a node is gone', () => {
    test('r049_r132_kill_9_removes_its_members_once_within_the_lease_and_leaves_no_key', async () => {
        await withCluster(new Cluster(), async (cluster) => {
            const { nodes, redis } = cluster;
            const channel = 'presence-crash';
            const before = await leases(redis);
            const survivors = [await PusherClient.connect(nodes[1]), await PusherClient.connect(nodes[2])];
            await survivors[0].join(channel, 's0');
            await survivors[1].join(channel, 's1');
            await survivors[0].expect('pusher_internal:member_added');
            const dying = [];
            for (const id of ['a', 'b', 'both']) {
                dying.push(await PusherClient.connect(nodes[0]));
                await dying.at(-1).join(channel, id);
                for (const client of survivors) await client.expect('pusher_internal:member_added');
            }
            const tab = await PusherClient.connect(nodes[1]);
            await tab.join(channel, 'both');
            await (await PusherClient.connect(nodes[0])).subscribe('only-there');

            const start = Date.now();
            await nodes[0].kill();
            for (const client of survivors) await removals(client, ['a', 'b']);
            assert.ok(Date.now() - start < LEASE * 1000 + DEADLINE / 2, `${Date.now() - start} ms`);
            for (const client of survivors) await client.fence(nodes[1].api(), channel);

            await eventually(async () => (await leases(redis)).length === 2, 'the lease is gone');
            assert.equal(before.length, 3);
            assert.deepEqual(await idsInRedis(redis), await leases(redis));
            const { channels } = await nodes[2].api().query('/channels');
            assert.deepEqual(Object.keys(channels), [channel]);
            await eventually(
                async () => (await nodes[2].api().connections()) === 3,
                'three connections are left',
            );
            nodes[0].process = undefined;
        });
    });

    test('r132_a_paused_node_comes_back_with_its_members', async () => {
        await withCluster(new Cluster(), async (cluster) => {
            const { nodes, redis } = cluster;
            const channel = 'presence-nap';
            const [sleeper, watcher] = [
                await PusherClient.connect(nodes[0]),
                await PusherClient.connect(nodes[1]),
            ];
            await sleeper.join(channel, 'sleeper');
            await watcher.join(channel, 'watcher');
            await sleeper.expect('pusher_internal:member_added');
            nodes[0].process.signal('SIGSTOP');
            try {
                await removals(watcher, ['sleeper']);
                await eventually(async () => (await leases(redis)).length === 2, 'buried', LIFETIME);
                assert.deepEqual(await idsInRedis(redis), await leases(redis));
            } finally {
                nodes[0].process.signal('SIGCONT');
            }
            const back = await watcher.expect('pusher_internal:member_added', () => true, LIFETIME);
            assert.equal(back.inner().user_id, 'sleeper');
            await eventually(async () => (await leases(redis)).length === 3, 'a new lease');
            await watcher.fence(nodes[0].api(), channel);
            await sleeper.fence(nodes[1].api(), channel);
            assert.deepEqual(await idsInRedis(redis), await leases(redis));
            const late = await PusherClient.connect(nodes[2]);
            assert.deepEqual((await late.join(channel, 'late')).ids.sort(), ['late', 'sleeper', 'watcher']);
        });
    });

    /// Node 0 reaches Redis through a proxy that can be cut.
    class CutCluster extends Cluster {
        redisOf(index) {
            const port = index === 0 ? this.proxy.port : this.redis.port;
            return { host: this.redis.host, port };
        }

        async start() {
            await this.redis.start();
            this.proxy = await new Balancer([this.redis.port]).listen();
            await Promise.all(this.nodes.map((node, index) => this.startNode(index)));
            return this;
        }

        async stop(ms) {
            await super.stop(ms);
            await this.proxy?.close();
            this.proxy = undefined;
        }
    }

    test('r133_a_node_that_is_cut_off_serves_its_clients_and_returns', async () => {
        await withCluster(new CutCluster(), async (cluster) => {
            const { nodes, proxy, redis } = cluster;
            const channel = 'presence-cut';
            const [inside, outside] = [
                await PusherClient.connect(nodes[0]),
                await PusherClient.connect(nodes[1]),
            ];
            await inside.join(channel, 'inside');
            await outside.join(channel, 'outside');
            await inside.expect('pusher_internal:member_added');
            proxy.cut();
            await removals(outside, ['inside']);
            await nodes[0].api().publish(channel, 'alone', '1');
            await inside.expect('alone', () => true, LIFETIME);
            const neighbour = await PusherClient.connect(nodes[0]);
            assert.ok((await neighbour.join(channel, 'neighbour')).ids.includes('inside'));
            await inside.expect('pusher_internal:member_added');
            proxy.heal();
            const news = [];
            while (news.length < 3) news.push(await outside.next('the return', LIFETIME));
            const added = news.filter((got) => got.event === 'pusher_internal:member_added');
            assert.deepEqual(added.map((got) => got.inner().user_id).sort(), ['inside', 'neighbour']);
            assert.deepEqual(
                news.filter((got) => !added.includes(got)).map((got) => got.event),
                ['alone'],
                'what was published meanwhile arrives, once',
            );
            await inside.fence(nodes[1].api(), channel);
            await neighbour.fence(nodes[2].api(), channel);
            await eventually(async () => (await leases(redis)).length === 3, 'three leases', LIFETIME);
            await eventually(
                async () => (await idsInRedis(redis)).join() === (await leases(redis)).join(),
                'nothing else is left',
            );
        });
    });
});
