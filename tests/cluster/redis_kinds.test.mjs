// SPDX-License-Identifier: MIT
// Whatever kind of Redis it is, the cluster on it is the same.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { Cluster, LEASE, useCluster, whileItWaits, withCluster } from '../support/cluster.mjs';
import { freePort, testApp } from '../support/daemon.mjs';
import { DEADLINE, eventually, pace } from '../support/deadline.mjs';
import { fetchRaw } from '../support/http.mjs';
import { PusherClient } from '../support/pusher_client.mjs';
import { idsInRedis, leasesIn, Redis, withRedis } from '../support/redis.mjs';
import { closeAll } from '../support/sockets.mjs';
import { Certificates, ClusteredRedis, SentinelRedis, tlsRedis } from '../support/redis_kinds.mjs';

const LIFETIME = LEASE * 1000 + DEADLINE;
const PASSWORD = 'pass-word-%-4711';
const room = 'presence-room';

/// Nodes that know only from their environment where Redis is.
class ByEnvironment extends Cluster {
    redisOf() {
        return {};
    }
}

/// Events, members and counts of two nodes are one; the two clients stay. No waiting for what comes at
/// once in a cluster that is whole.
async function assertIsOne({ nodes }) {
    const clients = [await PusherClient.connect(nodes[0]), await PusherClient.connect(nodes[1])];
    const [ada, ben] = clients;
    for (const client of clients) await client.subscribe('news');
    assert.deepEqual((await ada.join(room, 'ada')).ids, ['ada']);
    assert.deepEqual((await ben.join(room, 'ben')).ids, ['ada', 'ben']);
    await ada.expect('pusher_internal:member_added', (got) => got.inner().user_id === 'ben');
    for (const node of nodes) {
        await node.api().publish('news', 'e', '{"a":1.0}');
        for (const client of clients) {
            await client.expectText('{"event":"e","data":"{\\"a\\":1.0}","channel":"news"}');
        }
        await assertChannels(node, { [room]: {}, news: {} });
        const info = 'subscription_count';
        assert.equal((await node.api().query('/channels/news', { info })).subscription_count, 2);
        assert.equal((await node.api().query(`/channels/${room}`, { info: 'user_count' })).user_count, 2);
        await eventually(async () => (await node.api().connections()) === 2, 'two connections');
    }
    return clients;
}

async function assertChannels(node, channels) {
    assert.deepEqual((await node.api().query('/channels')).channels, channels);
}

/// And one who leaves is gone.
async function assertFarewell({ nodes }, [ada, ben]) {
    await ben.close();
    await ada.expect('pusher_internal:member_removed', (got) => got.inner().user_id === 'ben');
    await ada.fence(nodes[1].api(), room);
}

const works = (cluster) =>
    withCluster(cluster, async () => assertFarewell(cluster, await assertIsOne(cluster)));

/// The start of a node with these settings waits and logs `why`; the log, for more.
async function assertWaits(server, why, env = {}) {
    const scaling = { enabled: true, lease: LEASE, server };
    let log;
    await whileItWaits({ scaling, env }, /redis unreachable/, async (node) => {
        assert.match(node.log, why);
        await assert.rejects(fetchRaw(node, { target: '/up' }), 'nobody is let in yet');
        log = node.log;
    });
    return log;
}

/// What comes on the channel until a fence: names of events, members with their + or -.
async function newsUntilFence(client, api, channel) {
    const name = `fence-${Math.random()}`; // which other clients skip
    await api.publish(channel, name, '1');
    const news = [];
    for (;;) {
        const got = await client.next(name, LIFETIME);
        if (got.event === name) return news;
        const kind = /member_(added|removed)$/.exec(got.event)?.[1];
        news.push(kind ? `${kind} ${got.inner().user_id}` : got.event);
    }
}

const isWhole = (nodes) =>
    eventually(
        async () => {
            const answers = await Promise.all(nodes.map((node) => fetchRaw(node, { target: '/ready' })));
            return answers.every((answer) => answer.status === 200 && !answer.json().degraded);
        },
        'all nodes are whole',
        2 * LIFETIME,
    );

describe('one server', () => {
    test('r130_without_a_password', () => works(new Cluster({ nodes: 2 })));

    test('r130_with_a_password', () =>
        works(
            new Cluster({
                nodes: 2,
                redis: new Redis({
                    args: ['--requirepass', PASSWORD],
                    cli: ['--no-auth-warning', '-a', PASSWORD],
                }),
                scaling: { server: { password: PASSWORD } },
            }),
        ));

    /// What is kept and recorded for the apps: a cached event, and who is online.
    async function assertKeepsAndRecords({ nodes }) {
        await nodes[0].api().publish('cache-kept', 'e', '1');
        const reader = await PusherClient.connect(nodes[1]);
        await reader.subscribe('cache-kept');
        await reader.expect('e');
        const watcher = await PusherClient.connect(nodes[0]);
        await watcher.signIn({ id: 'watcher', watchlist: ['watched'] });
        await watcher.expect('pusher_internal:watchlist_events');
        await (await PusherClient.connect(nodes[1])).signIn({ id: 'watched' });
        await watcher.expect('pusher_internal:watchlist_events', ({ data }) => /online/.test(data));
    }

    /// All that Fanfare asks for.
    const PERMISSIONS = [
        ...['~fanfare:*', '&fanfare:*', '-@all', '+ping', '+info', '+script|load', '+evalsha'],
        ...['+publish', '+subscribe', '+unsubscribe', '+time'],
        ...['+hget', '+hset', '+hdel', '+hgetall', '+hvals', '+sadd', '+srem', '+smembers', '+spop'],
        ...['+sunion', '+zadd', '+zrem', '+zcard', '+zscore', '+zrange', '+zrevrange'],
        ...['+zrangebyscore', '+exists', '+get', '+set', '+pttl', '+incr', '+rpush', '+lrange'],
        ...['+ltrim', '+del'],
    ];

    test('r130_as_a_user_who_may_only_do_what_is_needed', () => {
        const redis = new Redis({ args: ['--user', 'fanfare', 'on', `>${PASSWORD}`, ...PERMISSIONS] });
        const env = { REDIS_USERNAME: 'fanfare', REDIS_PASSWORD: PASSWORD };
        const apps = [testApp({ watchlist_events: true })];
        return withCluster(new Cluster({ nodes: 2, redis, env, apps }), async (cluster) => {
            await assertFarewell(cluster, await assertIsOne(cluster));
            await assertKeepsAndRecords(cluster);
            closeAll();
            await eventually(
                async () => !(await redis.keys()).some((key) => key.endsWith(':told')),
                'what was told is forgotten',
            );
            for (const node of cluster.nodes) await node.stop();
            const keys = (await redis.keys()).filter((key) => !/:(serial|lingering|k:.*)$/.test(key));
            assert.deepEqual(keys, [], 'who leaves takes everything along');
            const log = await redis.lines('ACL', 'LOG');
            const refused = new Set(log.filter((_, i) => log[i - 1] === 'object'));
            assert.deepEqual([...refused], ['client|setname'], 'a courtesy');
        });
    });

    test('a_permission_that_is_missing_is_named', async () => {
        const lacking = PERMISSIONS.filter((each) => each !== '+evalsha');
        const redis = new Redis({ args: ['--user', 'fanfare', 'on', `>${PASSWORD}`, ...lacking] });
        await withRedis(redis, (server) =>
            whileItWaits(
                {
                    scaling: { enabled: true, lease: LEASE, server },
                    env: { REDIS_USERNAME: 'fanfare', REDIS_PASSWORD: PASSWORD },
                },
                /NOPERM.*evalsha/,
                () => {},
            ),
        );
    });

    test('a_wrong_password_is_said_and_not_shown', async () => {
        const redis = new Redis({
            args: ['--requirepass', PASSWORD],
            cli: ['--no-auth-warning', '-a', PASSWORD],
        });
        await withRedis(redis, async (server) => {
            const log = await assertWaits({ ...server, password: 'wrong-4712' }, /AUTH: WRONGPASS/);
            assert.doesNotMatch(log, /wrong-4712/);
            const url = `redis://:wrong-4713@127.0.0.1:${redis.port}`;
            assert.doesNotMatch(await assertWaits({}, /WRONGPASS/, { REDIS_URL: url }), /wrong-4713/);
            await assertWaits(server, /NOAUTH/);
        });
    });

    const onSocket = (Kind, options) => {
        const redis = new Redis();
        const socket = path.join(redis.directory, 'redis.sock');
        redis.args = ['--unixsocket', socket];
        return new Kind({ nodes: 2, redis, ...options(socket) });
    };

    test('r130_over_a_unix_socket', () =>
        works(onSocket(Cluster, (host) => ({ scaling: { server: { host, port: 1 } } }))));

    test('r130_over_a_unix_socket_named_by_url', () =>
        works(onSocket(ByEnvironment, (socket) => ({ env: { REDIS_URL: `unix://${socket}` } }))));
});

describe('TLS', () => {
    const certificates = new Certificates();
    const strangers = new Certificates();
    after(() => [certificates, strangers].forEach((each) => each.remove()));
    const trust = { tls_ca_file: certificates.authority };

    test('r130_by_a_rediss_url', async () => {
        const redis = tlsRedis(certificates);
        redis.port = await freePort();
        const env = { REDIS_URL: `rediss://127.0.0.1:${redis.port}` };
        await works(new ByEnvironment({ nodes: 2, redis, env, scaling: { server: trust } }));
    });

    test('who_is_not_trusted_is_not_used', () =>
        withRedis(tlsRedis(certificates), async (address) => {
            const strange = { tls: true, tls_ca_file: strangers.authority };
            await assertWaits({ ...address, ...strange }, /TLS handshake failed.*certificate/);
            const name = { tls: true, ...trust, tls_server_name: 'redis.example' };
            await assertWaits({ ...address, ...name }, /TLS handshake failed.*ostname mismatch/);
        }));

    test('r130_with_certificates_on_both_sides', async () => {
        const { key, certificate } = certificates.issue('fanfare');
        const own = { tls_certificate_file: certificate, tls_key_file: key };
        const server = { tls: true, ...trust, ...own };
        await works(
            new Cluster({ nodes: 2, redis: tlsRedis(certificates, { mutual: true }), scaling: { server } }),
        );
    });

    test('a_redis_that_wants_a_certificate_and_gets_none', () =>
        withRedis(tlsRedis(certificates, { mutual: true }), (address) =>
            assertWaits({ ...address, tls: true, ...trust }, /certificate required/),
        ));
});

describe('a master and a sentinel', () => {
    test('r130_r133_a_failover_loses_no_member_and_announces_none_twice', () =>
        withCluster(new Cluster({ nodes: 2, redis: new SentinelRedis() }), async (cluster) => {
            const { nodes, redis } = cluster;
            const clients = await assertIsOne(cluster);
            const master = await redis.master();
            await master.kill();
            await eventually(
                async () => (await redis.masterPort()) !== master.port,
                'the replica is promoted',
                3 * DEADLINE,
            );
            await isWhole(nodes);
            const promoted = Date.now();
            for (const node of nodes) await node.api().publish('news', 'after', '1');
            for (const client of clients) {
                assert.deepEqual(await newsUntilFence(client, nodes[1].api(), 'news'), ['after', 'after']);
            }
            const late = await PusherClient.connect(nodes[1]);
            assert.deepEqual((await late.join(room, 'late')).ids.sort(), ['ada', 'ben', 'late']);
            // What a replica may not have heard of is looked through once more when a lease is over.
            await pace(promoted + LEASE * 1000 + 500 - Date.now());
            for (const client of clients) {
                assert.deepEqual(await newsUntilFence(client, nodes[0].api(), room), ['added late']);
            }
            await late.close();
            for (const client of clients) await client.expect('pusher_internal:member_removed');
            await assertFarewell(cluster, clients);
            assert.deepEqual(await idsInRedis(redis), await leasesIn(redis));
        }));
});

describe('a Redis Cluster', () => {
    const cluster = useCluster({ nodes: 3, redis: new ClusteredRedis() });
    const { nodes, redis } = cluster;
    const channels = Array.from({ length: 24 }, (_, i) => `spread-${i}`);
    let clients;
    let listener;

    const topicOf = async (channel) => {
        for (const master of redis.masters) {
            const topics = await master.lines('PUBSUB', 'SHARDCHANNELS', `*:${channel}`);
            if (topics.length !== 0) return topics[0];
        }
        throw new Error(`nobody listens to ${channel}`);
    };

    /// Every channel, wherever it lives, from every node, once.
    async function assertDelivers(name, from) {
        for (const node of from) await node.api().publish(channels, name, '1');
        const got = (await listener.take(channels.length * from.length)).map((each) => each.channel);
        const expected = channels.flatMap((channel) => from.map(() => channel));
        assert.deepEqual(got.sort(), expected.sort());
        for (const channel of channels.slice(0, 6)) await listener.fence(from[0].api(), channel);
    }

    async function assertNothingHappened() {
        for (const client of clients) {
            assert.deepEqual(await newsUntilFence(client, nodes[0].api(), room), []);
        }
    }

    test('r130_events_members_and_lists', async () => {
        clients = await assertIsOne({ nodes: nodes.slice(0, 2) });
        for (const client of clients) client.unsubscribe('news');
        listener = await PusherClient.connect(nodes[2]);
        for (const channel of channels) await listener.subscribe(channel);
        const masters = await Promise.all(channels.map(async (c) => redis.ownerOf(await topicOf(c))));
        assert.equal(new Set(masters.map(({ master }) => master.port)).size, 3, 'all masters are used');
        for (const node of nodes) {
            const listing = Object.fromEntries([room, ...channels].map((channel) => [channel, {}]));
            await eventually(
                async () => assertChannels(node, listing).then(() => true),
                'news has been left',
            );
        }
        await assertDelivers('e', nodes);
    });

    test('r133_a_client_kill_on_one_master_is_healed', async () => {
        for (const master of redis.masters.slice(0, 2)) {
            await master.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
            await master.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
            await isWhole(nodes);
            await assertDelivers(`killed-${master.port}`, nodes);
        }
        await assertNothingHappened();
    });

    test('r133_slots_may_move_to_another_master', async () => {
        for (const channel of [room, channels[0]]) {
            const { slot, master } = await redis.ownerOf(await topicOf(channel));
            const target = redis.masters.find((other) => other !== master);
            await redis.moveSlot(slot, master, target);
            await eventually(
                async () => (await target.lines('PUBSUB', 'SHARDCHANNELS', `*:${channel}`)).length === 1,
                `${channel} is followed on its new master`,
                LIFETIME,
            );
            await isWhole(nodes);
        }
        await assertDelivers('moved', nodes);
        await assertNothingHappened();
        assert.deepEqual(await idsInRedis(redis), await leasesIn(redis));
    });

    test('r049_r132_kill_9_leaves_no_key_on_any_master', async () => {
        const lasting = await leasesIn(redis);
        await nodes[1].kill();
        nodes[1].process = undefined;
        const [ada] = clients;
        const got = await ada.expect('pusher_internal:member_removed', () => true, LIFETIME);
        assert.equal(got.inner().user_id, 'ben');
        await eventually(async () => (await leasesIn(redis)).length === 2, 'the lease is gone', LIFETIME);
        const ids = await idsInRedis(redis);
        assert.deepEqual(ids, await leasesIn(redis));
        assert.ok(ids.every((id) => lasting.includes(id)));
        assert.deepEqual(await newsUntilFence(ada, nodes[2].api(), room), []);
        await assertDelivers('survivors', [nodes[0], nodes[2]]);
        await eventually(async () => (await nodes[2].api().connections()) === 2, 'two connections');
    });
});
