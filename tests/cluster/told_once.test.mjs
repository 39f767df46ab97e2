// SPDX-License-Identifier: MIT
// What apps and watchers are told of, they are told once for the whole cluster, whatever happens to it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Cluster, LEASE, withCluster } from '../support/cluster.mjs';
import { testApp } from '../support/daemon.mjs';
import { DEADLINE, eventually } from '../support/deadline.mjs';
import { fetchRaw } from '../support/http.mjs';
import { PusherClient } from '../support/pusher_client.mjs';
import { WebhookReceiver } from '../support/webhook_receiver.mjs';

const LIFETIME = LEASE * 1000 + 2 * DEADLINE;
const watchlistEvents = 'pusher_internal:watchlist_events';

const isWhole = (nodes) =>
    eventually(
        async () => {
            const answers = await Promise.all(
                nodes.map((node) => fetchRaw(node, { target: '/ready' })),
            );
            return answers.every((answer) => answer.json().reasons.length === 0);
        },
        'all nodes are whole again',
        LIFETIME,
    );

describe('told once', () => {
    const app = testApp({
        watchlist_events: true,
        webhook_batch_window_ms: 20,
        webhook_debounce_ms: 400,
    });
    let receiver;
    before(async () => {
        receiver = await new WebhookReceiver(app).start();
        const events = ['channel_occupied', 'channel_vacated', 'member_added', 'member_removed'];
        app.webhooks = [{ url: receiver.url, events: [...events, 'client_event'] }];
    });
    after(() => receiver.close());

    const told = (channel) =>
        receiver.events
            .filter((event) => event.channel === channel)
            .map(({ name, user_id: id }) => (id ? `${name} ${id}` : name));
    const expectTold = async (channel, expected) => {
        await eventually(
            () => told(channel).length >= expected.length,
            `${expected.length} events of ${channel}`,
            LIFETIME,
        );
        assert.deepEqual(told(channel), expected);
    };

    test('r101_r132_a_node_that_is_killed_is_told_of_by_one_survivor', async () => {
        await withCluster(new Cluster({ apps: [app] }), async (cluster) => {
            const { nodes } = cluster;
            const channel = 'presence-killed';
            const survivor = await PusherClient.connect(nodes[1]);
            await survivor.join(channel, 's');
            for (const id of ['a', 's']) {
                const client = await PusherClient.connect(nodes[0]);
                await client.join(channel, id);
            }
            const only = await PusherClient.connect(nodes[0]);
            await only.subscribe('only-there');
            const watcher = await PusherClient.connect(nodes[2]);
            const watched = await PusherClient.connect(nodes[0]);
            await watched.signIn({ id: 'w' });
            await watcher.signIn({ id: 'watcher', watchlist: ['w'] });
            await watcher.expect(watchlistEvents);
            const present = ['channel_occupied', 'member_added s', 'member_added a'];
            await expectTold(channel, present);
            await expectTold('only-there', ['channel_occupied']);

            await nodes[0].kill();
            await expectTold(channel, [...present, 'member_removed a']);
            await expectTold('only-there', ['channel_occupied', 'channel_vacated']);
            const offline = await watcher.seek(
                watchlistEvents,
                ({ data }) => data.includes('offline'),
                LIFETIME,
            );
            assert.deepEqual(offline.inner().events, [{ name: 'offline', user_ids: ['w'] }]);
            nodes[0].process = undefined;

            await survivor.close();
            await expectTold(channel, [
                ...present,
                'member_removed a',
                'member_removed s',
                'channel_vacated',
            ]);
        });
    });

    test('r101_r133_an_empty_redis_makes_no_news_of_what_was_there_before', async () => {
        await withCluster(new Cluster({ nodes: 2, apps: [app] }), async (cluster) => {
            const { nodes, redis } = cluster;
            const channel = 'presence-restart';
            const one = await PusherClient.connect(nodes[0]);
            const two = await PusherClient.connect(nodes[1]);
            await one.join(channel, '1');
            await two.join(channel, '2');
            await (await PusherClient.connect(nodes[0])).subscribe('restart-public');
            const present = ['channel_occupied', 'member_added 1', 'member_added 2'];
            await expectTold(channel, present);
            await expectTold('restart-public', ['channel_occupied']);

            await redis.kill();
            for (const node of nodes) {
                await eventually(
                    async () => (await fetchRaw(node, { target: '/ready' })).json().degraded,
                    'degraded',
                );
            }
            two.whisper(channel, 'client-alone', 1);
            const meanwhile = await PusherClient.connect(nodes[1]);
            await meanwhile.join(channel, '3');
            await redis.start();
            await isWhole(nodes);

            await expectTold(channel, [...present, 'client_event 2', 'member_added 3']);
            const late = await PusherClient.connect(nodes[0]);
            await late.subscribe('restart-late');
            await expectTold('restart-late', ['channel_occupied']);
            assert.deepEqual(told('restart-public'), ['channel_occupied']);
            await meanwhile.close();
            await expectTold(channel, [
                ...present,
                'client_event 2',
                'member_added 3',
                'member_removed 3',
            ]);
        });
    });

    test('r101_nodes_that_stop_one_after_the_other_are_told_of', async () => {
        await withCluster(new Cluster({ nodes: 2, apps: [app] }), async (cluster) => {
            const { nodes } = cluster;
            const [one, two] = [
                await PusherClient.connect(nodes[0]),
                await PusherClient.connect(nodes[1]),
            ];
            await one.subscribe('stopping');
            await two.subscribe('stopping');
            await one.subscribe('stopping-alone');
            await expectTold('stopping-alone', ['channel_occupied']);
            await nodes[0].stop();
            await expectTold('stopping-alone', ['channel_occupied', 'channel_vacated']);
            assert.deepEqual(told('stopping'), ['channel_occupied']);
        });
    });
});
