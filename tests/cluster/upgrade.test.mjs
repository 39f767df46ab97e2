// SPDX-License-Identifier: MIT
// The processes of a cluster's nodes are replaced one after the other, and nobody notices: neither the
// clients nor the apps nor the other nodes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Cluster, useCluster, withCluster } from '../support/cluster.mjs';
import { ask, command, upgrade } from '../support/control.mjs';
import { testApp } from '../support/daemon.mjs';
import { DEADLINE, eventually, within } from '../support/deadline.mjs';
import { PusherClient } from '../support/pusher_client.mjs';
import { idsInRedis, leasesIn, Redis } from '../support/redis.mjs';
import { ClusteredRedis } from '../support/redis_kinds.mjs';
import { WebhookReceiver } from '../support/webhook_receiver.mjs';

const LISTENERS = 10; // per node
const room = 'presence-room';

/// Publishes through `node` as fast as it answers, until told to stop; returns how many there were.
function publishing(node, channel) {
    const state = { count: 0, isOver: false };
    const run = (async () => {
        for (; !state.isOver; state.count += 1) {
            await node.api().publish(channel, 'n', `${node.port}-${state.count}`);
        }
    })();
    run.catch(() => {});
    return {
        async hasGoneOn() {
            const { count } = state;
            await eventually(() => state.count > count + 5, 'load');
        },
        async stop() {
            state.isOver = true;
            await within(run, 'the last event', DEADLINE);
            return state.count;
        },
    };
}

/// Upgrades every node while all of them publish. All who listen get everything, once, in one order.
async function upgradeUnderLoad({ nodes }, rounds) {
    const listeners = [];
    for (const node of nodes) {
        for (let i = 0; i < LISTENERS; i += 1) {
            const client = await PusherClient.connect(node);
            await client.subscribe('load');
            listeners.push(client);
        }
    }
    const publishers = nodes.map((node) => publishing(node, 'load'));
    for (let round = 0; round < rounds; round += 1) {
        for (const node of nodes) {
            await Promise.all(publishers.map((publisher) => publisher.hasGoneOn()));
            await upgrade(node);
        }
    }
    const counts = await Promise.all(publishers.map((publisher) => publisher.stop()));
    const total = counts.reduce((a, b) => a + b);
    let order;
    for (const client of listeners) {
        const got = [];
        while (got.length < total) {
            const { event, data } = await client.next(`${total} events`);
            if (event === 'n') got.push(`n ${data}`);
        }
        order ??= got;
        assert.deepEqual(got, order);
        await client.close();
    }
    assert.equal(new Set(order).size, total);
    nodes.forEach((node, index) => {
        const own = order.filter((text) => text.startsWith(`n ${node.port}-`));
        assert.deepEqual(own, Array.from({ length: counts[index] }, (_, i) => `n ${node.port}-${i}`));
    });
}

describe('an upgrade of all nodes', () => {
    const app = testApp({ subscription_count: true, webhook_batch_window_ms: 20, webhook_debounce_ms: 100 });
    let receiver;
    before(async () => {
        receiver = await new WebhookReceiver(app).start();
        app.webhooks = [{ url: receiver.url }];
    });
    const cluster = useCluster({ apps: [app] });
    after(() => receiver.close());
    const { nodes, redis } = cluster;

    test('is_noticed_by_nobody', async () => {
        const leases = await leasesIn(redis);
        const clients = [];
        for (const [node, user] of [[0, 'zoe'], [1, 'ann'], [1, 'zoe'], [2, 'bob'], [0, 'bob']]) {
            const client = await PusherClient.connect(nodes[node]);
            await client.join(room, user, { at: node });
            clients.push(client);
        }
        const [zoe, ann, zoeToo, bob] = clients;
        for (const [client, user] of [[zoe, 'ann'], [zoe, 'bob'], [ann, 'bob'], [zoeToo, 'bob']]) {
            await client.expect('pusher_internal:member_added', (got) => got.inner().user_id === user);
        }
        await bob.signIn({ id: 'bob' });
        for (const [index, client] of [zoe, ann, bob].entries()) {
            await client.subscribe('counted');
            for (const each of [zoe, ann, bob].slice(0, index + 1)) {
                await each.expect('pusher_internal:subscription_count', (got) =>
                    got.text.includes(`\\"subscription_count\\":${index + 1}`));
            }
        }
        await nodes[0].api().publish('cache-news', 'headline', '"old"');
        const told = () => receiver.events.map(({ name, channel, user_id: id }) => `${name} ${channel} ${id}`);
        await eventually(() => told().filter((text) => text.includes(room)).length === 4, 'all is told');
        await eventually(() => told().filter((text) => text.includes('counted')).length === 4, 'all is told');
        const before = told();
        const pids = await Promise.all(nodes.map(async (node) => (await ask(node, 'status')).pid));

        for (const node of [...nodes, ...nodes]) await upgrade(node);

        const now = await Promise.all(nodes.map(async (node) => (await ask(node, 'status')).pid));
        assert.equal(new Set([...pids, ...now]).size, 2 * nodes.length);
        for (const client of clients) await client.expectNothing();
        for (const client of clients) await client.fence(nodes[0].api(), room);
        assert.deepEqual(await leasesIn(redis), leases);
        assert.deepEqual(await idsInRedis(redis), leases);
        assert.equal((await nodes[2].api().query('/channels/counted', { info: 'subscription_count' })).subscription_count, 3);
        for (const node of nodes) {
            await eventually(async () => (await node.api().connections()) === clients.length, 'all are counted');
        }

        const late = await PusherClient.connect(nodes[2]);
        const { ids, hash } = await late.join(room, 'dan');
        assert.deepEqual(ids, ['zoe', 'ann', 'bob', 'dan']);
        assert.deepEqual(hash.zoe, { at: 0 });
        for (const client of clients) await client.expect('pusher_internal:member_added');
        await zoe.close();
        await ann.close();
        const news = (await bob.take(3)).map(({ event, data }) => `${event} ${data}`).sort();
        assert.deepEqual(news, [
            'pusher_internal:member_removed {"user_id":"ann"}',
            'pusher_internal:subscription_count {"subscription_count":1}',
            'pusher_internal:subscription_count {"subscription_count":2}',
        ]);
        for (const client of [zoeToo, clients[4], late]) {
            await client.expect('pusher_internal:member_removed', (got) => got.inner().user_id === 'ann');
        }
        await nodes[0].api().post('/events', { name: 'hello', data: '"bob"', channels: ['#server-to-user-bob'] });
        assert.equal((await bob.expect('hello')).data, '"bob"');
        await late.subscribe('cache-news');
        assert.equal((await late.expect('headline')).data, '"old"');
        const toldSince = () =>
            told().slice(before.length).filter((text) => !text.startsWith('subscription_count'));
        await eventually(() => toldSince().length >= 3, 'the apps are told');
        assert.deepEqual(
            toldSince().sort(),
            [`member_added ${room} dan`, `member_removed ${room} ann`, 'channel_occupied cache-news undefined'].sort(),
        );
        for (const client of [...clients.slice(2), late]) await client.close();
    });

    test('loses_nothing_and_doubles_nothing_under_load', { timeout: 30 * DEADLINE }, async () => {
        await upgradeUnderLoad(cluster, 3);
    });

    test('takes_over_those_who_come_and_go_meanwhile', async () => {
        let isOver = false;
        const visiting = nodes.map(async (node, index) => {
            for (let i = 0; !isOver; i += 1) {
                const client = await PusherClient.connect(node);
                for (const channel of [`visit-${index}-${i}`, 'presence-visits']) {
                    client.sendSubscribe(channel, channel.startsWith('p') ? `{"user_id":"u${index}-${i}"}` : undefined);
                    await client.seek('pusher_internal:subscription_succeeded', (got) => got.channel === channel);
                }
                await client.close();
            }
        });
        for (const node of nodes) await upgrade(node);
        isOver = true;
        await Promise.all(visiting);
        await eventually(
            async () => Object.keys((await nodes[0].api().query('/channels')).channels).length === 0,
            'nobody is left',
        );
        assert.deepEqual(await idsInRedis(redis), await leasesIn(redis));
    });
});

describe('an upgrade of nodes among those of Reverb', () => {
    const cluster = useCluster({ nodes: 2, scaling: { mode: 'reverb' } });
    const { nodes } = cluster;

    test('loses_nothing_and_doubles_nothing_under_load', { timeout: 30 * DEADLINE }, async () => {
        await upgradeUnderLoad(cluster, 3);
    });

    test('is_refused_if_it_leads_to_another_redis', async () => {
        const client = await PusherClient.connect(nodes[0]);
        await client.subscribe('kept');
        const other = await new Redis().start();
        const { scaling } = nodes[0].settings;
        nodes[0].settings.scaling = { ...scaling, server: other.settings };
        nodes[0].configure();
        const { code, stderr } = await command(nodes[0], 'upgrade');
        assert.equal(code, 1);
        assert.match(stderr, /the new process cannot reach Redis; its output says why/);
        await eventually(() => /the settings lead to another Redis now/.test(nodes[0].log), 'why');
        nodes[0].settings.scaling = scaling;
        nodes[0].configure();
        await nodes[1].api().publish('kept', 'e', '1');
        await client.expect('e');
        await upgrade(nodes[0]);
        await nodes[1].api().publish('kept', 'e', '2');
        await client.expect('e');
        await client.close();
        await other.stop();
        other.remove();
    });

    test('answers_for_its_clients', async () => {
        const clients = [await PusherClient.connect(nodes[0]), await PusherClient.connect(nodes[1])];
        for (const [index, client] of clients.entries()) await client.join(room, `u${index}`);
        let isOver = false;
        const asking = (async () => {
            while (!isOver) {
                const { users } = await nodes[1].api().query(`/channels/${room}/users`);
                assert.deepEqual(users.map(({ id }) => id).sort(), ['u0', 'u1']);
            }
        })();
        asking.catch(() => {});
        for (let i = 0; i < 3; i += 1) await upgrade(nodes[0]);
        isOver = true;
        await asking;
        for (const client of clients) await client.close();
    });
});

test('an_upgrade_with_a_redis_cluster', async () => {
    await withCluster(new Cluster({ nodes: 2, redis: new ClusteredRedis() }), (cluster) =>
        upgradeUnderLoad(cluster, 1),
    );
});

describe('an upgrade of a node', () => {
    const cluster = useCluster({ nodes: 1 });
    const [node] = cluster.nodes;
    const refused = async (why) => {
        const { code, stderr } = await command(node, 'upgrade');
        assert.equal(code, 1);
        assert.match(stderr, why);
    };

    test('is_refused_if_it_leads_to_another_cluster', async () => {
        const client = await PusherClient.connect(node);
        await client.subscribe('kept');
        const other = await new Redis().start();
        const { scaling } = node.settings;
        const changes = [
            [{ server: other.settings }, /the settings lead to another Redis now/],
            [{ channel: 'other' }, /scaling\.channel or scaling\.database has changed/],
            [{ mode: 'reverb' }, /scaling\.mode, .* has changed: that needs a restart/],
            [{ enabled: false }, /scaling\.enabled has been on so far/],
        ];
        for (const [change, why] of changes) {
            node.settings.scaling = { ...scaling, ...change };
            node.configure();
            await refused(why);
        }
        node.settings.scaling = scaling;
        node.configure();
        await node.api().publish('kept', 'e', '1');
        await client.expect('e');
        await upgrade(node);
        await node.api().publish('kept', 'e', '2');
        await client.expect('e');
        await client.close();
        await other.stop();
        other.remove();
    });

    test('is_refused_while_redis_is_away', async () => {
        const client = await PusherClient.connect(node);
        await client.subscribe('kept');
        await cluster.redis.stop();
        await eventually(() => node.log.includes('redis is away'), 'it is missed');
        await refused(/this node is not part of its cluster \(redis_away\)/);
        await node.api().publish('kept', 'e', '1');
        await client.expect('e');
        await cluster.redis.start();
        await eventually(async () => (await command(node, 'upgrade')).code === 0, 'an upgrade');
        await node.api().publish('kept', 'e', '2');
        await client.expect('e');
        await client.close();
    });
});
