// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { useCluster } from '../support/cluster.mjs';
import { namedApp, testApp } from '../support/daemon.mjs';
import { eventually } from '../support/deadline.mjs';
import { expectRefused, appPath, PusherClient } from '../support/pusher_client.mjs';

describe('three nodes are one', () => {
    const apps = [
        testApp({ accept_client_events_from: 'all', max_connections: 40 }),
        namedApp('small', { max_presence_members: 3 }),
    ];
    const small = apps[1];
    const cluster = useCluster({ apps });
    const connect = (node) => PusherClient.connect(cluster.nodes[node]);
    const api = (node) => cluster.nodes[node].api();

    test('r130_an_event_reaches_the_subscribers_of_every_node_once', async () => {
        const clients = [await connect(0), await connect(1), await connect(2)];
        for (const client of clients) await client.subscribe('news');
        for (const node of [0, 1, 2]) {
            await api(node).publish('news', `from-${node}`, '{"a":1}');
            const text = `{"event":"from-${node}","data":"{\\"a\\":1}","channel":"news"}`;
            for (const client of clients) await client.expectText(text);
        }
        for (const client of clients) await client.fence(api(1), 'news');
    });

    test('r086_socket_id_excludes_a_connection_of_another_node', async () => {
        const [sender, other] = [await connect(0), await connect(1)];
        for (const client of [sender, other]) await client.subscribe('mine');
        await api(2).publish('mine', 'e', '1', { socket_id: sender.socketId });
        await other.expect('e');
        await sender.fence(api(1), 'mine');
    });

    test('r060_client_events_reach_the_others_on_all_nodes_and_not_the_sender', async () => {
        const channel = 'private-room';
        const clients = [await connect(0), await connect(1), await connect(2)];
        for (const client of clients) await client.subscribe(channel);
        clients[0].whisper(channel, 'client-typing', { at: 1.0 });
        const text = `{"event":"client-typing","channel":"${channel}","data":{"at":1}}`;
        for (const client of clients.slice(1)) await client.expectText(text);
        await clients[0].fence(api(2), channel);
    });

    test('order_per_channel_is_the_same_on_all_nodes', async () => {
        const clients = [await connect(0), await connect(1), await connect(2)];
        for (const client of clients) await client.subscribe('race');
        const publishing = [0, 1, 2].map(async (node) => {
            for (let i = 0; i < 40; i += 1) await api(node).publish('race', `e-${node}-${i}`, '0');
        });
        const orders = await Promise.all(
            clients.map(async (client) => (await client.take(120)).map((got) => got.event)),
        );
        await Promise.all(publishing);
        assert.deepEqual(orders[1], orders[0]);
        assert.deepEqual(orders[2], orders[0]);
        assert.equal(new Set(orders[0]).size, 120);
    });

    test('a_list_of_channels_arrives_in_its_order', async () => {
        const client = await connect(0);
        const channels = Array.from({ length: 20 }, (_, i) => `list-${i}`);
        for (const channel of channels) await client.subscribe(channel);
        await api(1).publish(channels, 'e', '1');
        const got = await client.take(channels.length);
        assert.deepEqual(
            got.map((message) => message.channel),
            channels,
        );
    });

    test('r048_presence_spans_the_nodes', async () => {
        const channel = 'presence-span';
        const [ada, ben] = [await connect(0), await connect(1)];
        assert.deepEqual((await ada.join(channel, 'ada', { n: 1 })).ids, ['ada']);
        const list = await ben.join(channel, 'ben', { n: 2 });
        assert.deepEqual(list, {
            count: 2,
            ids: ['ada', 'ben'],
            hash: { ada: { n: 1 }, ben: { n: 2 } },
        });
        assert.equal((await ada.expect('pusher_internal:member_added')).inner().user_id, 'ben');

        const tab = await connect(2);
        assert.equal((await tab.join(channel, 'ada', { n: 9 })).hash.ada.n, 1, 'the first info stays');
        await ada.close();
        await ben.fence(api(2), channel);
        await tab.close();
        assert.equal((await ben.expect('pusher_internal:member_removed')).inner().user_id, 'ada');
        const late = await connect(0);
        assert.deepEqual((await late.join(channel, 'zoe')).ids, ['ben', 'zoe']);
        await ben.expect('pusher_internal:member_added');
    });

    test('r052_another_user_on_the_same_connection_replaces_the_old_one_everywhere', async () => {
        const channel = 'presence-change';
        const [watcher, changer] = [await connect(0), await connect(1)];
        await watcher.join(channel, 'watcher');
        await changer.join(channel, 'before');
        await watcher.expect('pusher_internal:member_added');
        assert.ok((await changer.join(channel, 'after')).ids.includes('after'));
        const news = (await watcher.take(2)).map((got) => [got.event.split(':')[1], got.inner().user_id]);
        assert.deepEqual(
            news.sort(),
            [
                ['member_added', 'after'],
                ['member_removed', 'before'],
            ].sort(),
        );
        await changer.fence(api(2), channel);
        await eventually(
            async () => (await api(2).query(`/channels/${channel}/users`)).users.length === 2,
            'two users',
        );
    });

    test('r131_counts_are_of_the_cluster', async () => {
        const channel = 'presence-count';
        const members = [await connect(0), await connect(1), await connect(2)];
        for (const [index, id] of ['u', 'u', 'v'].entries()) await members[index].join(channel, id);
        const tabs = [await connect(0), await connect(1), await connect(2)];
        for (const tab of tabs) await tab.subscribe('tabs');
        for (const node of [0, 1, 2]) {
            await eventually(async () => {
                const stats = await api(node).query(`/channels/tabs`, { info: 'subscription_count' });
                return stats.occupied && stats.subscription_count === 3;
            }, `three subscriptions seen by node ${node}`);
            const stats = await api(node).query(`/channels/${channel}`, { info: 'user_count' });
            assert.equal(stats.user_count, 2);
            const { users } = await api(node).query(`/channels/${channel}/users`);
            assert.deepEqual(users, [{ id: 'u' }, { id: 'v' }]);
            const { channels } = await api(node).query('/channels', {
                filter_by_prefix: 'presence-count',
                info: 'user_count',
            });
            assert.deepEqual(channels, { [channel]: { user_count: 2 } });
        }
        const published = await api(1).publish([channel, 'tabs'], 'e', '1', {
            info: 'user_count,subscription_count',
        });
        assert.equal(published.channels[channel].user_count, 2);
        assert.equal(published.channels.tabs.subscription_count, 3);
        for (const tab of tabs) await tab.close();
        for (const node of [0, 1, 2]) {
            await eventually(
                async () => !(await api(node).query('/channels/tabs')).occupied,
                `vacated as seen by node ${node}`,
            );
        }
    });

    test('r053_the_limit_of_members_is_of_the_cluster', async () => {
        const channel = 'presence-full';
        const enter = (node) => PusherClient.connect(cluster.nodes[node], { app: small });
        for (const node of [0, 1, 2]) await (await enter(node)).join(channel, `m${node}`);
        for (const node of [0, 1, 2]) {
            const late = await enter(node);
            late.sendSubscribe(channel, '{"user_id":"late"}');
            await late.expectSubscriptionError(channel, { type: 'LimitReached', code: 4301 });
            assert.equal((await (await enter(node)).join(channel, 'm1')).count, 3, 'a further tab');
        }
    });

    test('r073_terminate_finds_the_user_on_every_node', async () => {
        const channel = 'presence-kick';
        const [first, second, other] = [await connect(0), await connect(1), await connect(2)];
        await first.join(channel, 'out');
        await second.join(channel, 'out');
        await other.join(channel, 'in');
        const response = await api(2).post('/users/out/terminate_connections', {});
        assert.equal(response.status, 200);
        for (const client of [first, second]) {
            await client.seek('pusher:error', (got) => got.inner().code === 4009);
            await client.socket.expectClose(4009);
        }
        await other.expect('pusher_internal:member_removed', (got) => got.inner().user_id === 'out');
        await other.fence(api(0), channel);
    });

    test('r093_connections_are_counted_over_the_nodes_and_r010_limited', async () => {
        const open = async (node) => (await api(node).query('/connections')).connections;
        const before = await eventually(async () => {
            const counts = await Promise.all([0, 1, 2].map(open));
            return counts.every((count) => count === counts[0]) ? counts[0] + 1 : 0;
        }, 'all nodes agree');
        let count = before - 1;
        for (; count < 40; count += 1) await connect(count % 3);
        for (const node of [0, 1, 2]) {
            await eventually(async () => (await open(node)) === 40, `node ${node} counts 40`);
            await expectRefused(cluster.nodes[node], appPath(cluster.app), 4004);
        }
    });
});
