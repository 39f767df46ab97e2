// SPDX-License-Identifier: MIT
// An app of a database is found by one node, and the others hear of it from that node: they tell its
// webhooks and bury its dead as if they had served it.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { AppsTable, databaseOf } from '../support/apps_table.mjs';
import { useCluster } from '../support/cluster.mjs';
import { namedApp, testApp } from '../support/daemon.mjs';
import { eventually } from '../support/deadline.mjs';
import { appPath, expectRefused, PusherClient } from '../support/pusher_client.mjs';
import { WebhookReceiver } from '../support/webhook_receiver.mjs';

describe('an app that one node has found', () => {
    const table = new AppsTable();
    const cluster = useCluster({ apps: [testApp()], database: databaseOf(table) });
    after(() => table.remove());

    test('is_told_everything_also_by_nodes_that_never_served_it_and_of_a_node_that_dies', async () => {
        const its = namedApp('found', { webhook_debounce: 0 });
        const receiver = await new WebhookReceiver(its).start();
        try {
            table.insert(its, [{ url: receiver.url, event_types: ['channel_occupied', 'channel_vacated'] }]);
            const client = await PusherClient.connect(cluster.nodes[0], { app: its });
            const names = Array.from({ length: 30 }, (_, index) => `c${index}`);
            for (const name of names) await client.subscribe(name);
            const told = (kind) =>
                receiver.events.filter(({ name }) => name === kind).map(({ channel }) => channel);
            await eventually(() => told('channel_occupied').length >= names.length, 'all are told of');
            assert.deepEqual(told('channel_occupied').sort(), [...names].sort());
            await cluster.nodes[0].kill();
            await eventually(
                () => told('channel_vacated').length >= names.length,
                'the end of all is told',
                60_000,
            );
            assert.deepEqual(told('channel_vacated').sort(), [...names].sort());
            await cluster.startNode(0);
        } finally {
            receiver.close();
        }
    });

    test('has_the_connections_of_all_nodes_within_its_limit', async () => {
        const its = namedApp('limited');
        table.insert(its);
        table.update(its, 'max_connections', '2');
        const clients = [];
        for (const node of cluster.nodes.slice(0, 2)) {
            clients.push(await PusherClient.connect(node, { app: its }));
        }
        await eventually(
            async () => (await cluster.nodes[2].api(its).connections()) === 2,
            'the third node counts the others',
        );
        await expectRefused(cluster.nodes[2], appPath(its), 4004);
        for (const client of clients) await client.close();
    });
});
