// SPDX-License-Identifier: MIT
// Apps that are in a database only: found when somebody asks for them, and followed from then on. How
// each kind of database is spoken to: tests/unit/apps.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { AppsTable, databaseOf } from '../support/apps_table.mjs';
import { Daemon, namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { eventually } from '../support/deadline.mjs';
import { counted, metricsAnywhere } from '../support/metrics.mjs';
import { appPath, expectRefused, PusherClient } from '../support/pusher_client.mjs';
import { RawWebSocket } from '../support/raw_websocket.mjs';
import { WebhookReceiver } from '../support/webhook_receiver.mjs';

describe('apps of a database', () => {
    const table = new AppsTable();
    const inDatabase = namedApp('shop');
    table.insert(inDatabase);
    const daemon = useDaemon({
        apps: [testApp()],
        server: metricsAnywhere,
        database: databaseOf(table),
        shards: '3',
    });
    after(() => table.remove());

    const gone = async (its) => (await daemon.api(its).get('/channels')).status === 404;

    test('are_served_from_the_first_connection_and_the_first_request_on', async () => {
        const clients = await Promise.all(
            Array.from({ length: 12 }, () => PusherClient.connect(daemon, { app: inDatabase })),
        );
        for (const client of clients) await client.subscribe('c');
        await daemon.api(inDatabase).publish('c', 'news', 'x');
        for (const client of clients) await client.expect('news');
        const fresh = namedApp('asked-first');
        table.insert(fresh);
        await daemon.api(fresh).publish('c', 'news', 'x');
    });

    test('what_no_row_has_is_refused', async () => {
        await expectRefused(daemon, appPath(namedApp('unknown')), 4001, 'Application does not exist');
        assert.equal((await daemon.api(namedApp('unknown')).get('/channels')).status, 404);
        await expectRefused(daemon, `/app/${encodeURIComponent("' OR ''='")}`, 4001);
    });

    test('a_row_that_comes_changes_and_goes_is_followed', async () => {
        const its = namedApp('coming');
        await expectRefused(daemon, appPath(its), 4001);
        table.insert(its);
        const client = await eventually(
            () => PusherClient.connect(daemon, { app: its }),
            'the row is found once the absence is forgotten',
        );
        await client.subscribe('c');
        table.update(its, 'max_connections', '1');
        await eventually(
            () => expectRefused(daemon, appPath(its), 4004).then(() => true),
            'the limit holds',
        );
        table.update(its, 'enabled', '0');
        await client.expectTermination(4003, 'Application disabled');
        table.update(its, 'enabled', '1');
        table.update(its, 'key', 'another-key');
        const renamed = { ...its, key: 'another-key' };
        const second = await eventually(
            () => PusherClient.connect(daemon, { app: renamed }),
            'the new key is valid',
        );
        table.delete(its);
        await second.expectTermination(4001, 'Application does not exist');
        await eventually(() => gone(renamed), 'every shard has heard');
    });

    test('webhooks_of_a_row_are_told', async () => {
        const its = namedApp('hooked');
        const receiver = await new WebhookReceiver(its).start();
        try {
            table.insert(its, [{ url: receiver.url, event_types: ['channel_occupied'] }]);
            const client = await PusherClient.connect(daemon, { app: its });
            await client.subscribe('c');
            await receiver.received(1);
            assert.ok(receiver.requests[0].isValid);
            assert.deepEqual(receiver.events, [{ name: 'channel_occupied', channel: 'c' }]);
        } finally {
            receiver.close();
        }
    });

    test('the_configuration_wins_over_a_row_with_its_key', async () => {
        const thief = { ...namedApp('thief'), key: daemon.app.key };
        table.insert(thief);
        assert.equal((await daemon.api(thief).get('/channels')).status, 404);
        await eventually(() => /not served app=thief/.test(daemon.log), 'a word about it');
        await PusherClient.connect(daemon);
    });

    test('a_reload_takes_a_key_from_a_row_and_gives_it_back', async () => {
        const its = namedApp('contested');
        table.insert(its);
        const client = await PusherClient.connect(daemon, { app: its });
        const { apps } = daemon.settings;
        daemon.settings.apps = [...apps, { ...namedApp('configured'), key: its.key }];
        daemon.configure();
        daemon.process.signal('SIGHUP');
        await client.expectTermination(4001, 'Application does not exist');
        await eventually(() => gone(its), 'every shard has heard');
        daemon.settings.apps = apps;
        daemon.configure();
        daemon.process.signal('SIGHUP');
        await eventually(
            async () => (await daemon.api(its).get('/channels')).status === 200,
            'the row is served again',
        );
    });

    test('while_it_is_away_known_apps_are_served_and_others_are_asked_to_come_again', async () => {
        const client = await PusherClient.connect(daemon, { app: inDatabase });
        await client.subscribe('c');
        table.vanish();
        const late = namedApp('late');
        await eventually(
            async () => (await daemon.api(late).get('/channels')).status === 503,
            'the database is away',
        );
        await expectRefused(daemon, appPath(late), 4100);
        assert.ok((await counted(daemon, 'connections_refused', 'app_unavailable')) > 0);
        await daemon.api(inDatabase).publish('c', 'news', 'x');
        await client.expect('news');
        await PusherClient.connect(daemon, { app: inDatabase });
        table.comeBack();
        table.insert(late);
        await eventually(() => PusherClient.connect(daemon, { app: late }), 'it is back');
    });
});

describe('a server that is to stop', () => {
    test('does_so_at_once_while_clients_ask_for_unknown_apps', async () => {
        const table = new AppsTable();
        const daemon = await new Daemon({ apps: [], database: databaseOf(table) }).start();
        let isOver = false;
        try {
            const knock = async (number) => {
                for (let i = 0; !isOver; i += 1) {
                    await RawWebSocket.open(daemon, `/app/unknown-${number}-${i}`).catch(() => {});
                }
            };
            const knocking = [1, 2, 3, 4].map(knock);
            await eventually(
                async () => (await daemon.api(namedApp('x')).get('/channels')).status === 404,
                'the database answers',
            );
            daemon.process.signal('SIGTERM');
            await eventually(() => /draining/.test(daemon.log), 'a drain'); // signals do not queue up
            daemon.process.signal('SIGTERM');
            const exit = await daemon.process.ended();
            isOver = true;
            await Promise.all(knocking);
            daemon.process.assertClean();
            assert.deepEqual(exit, { code: 0, signal: null });
        } finally {
            isOver = true;
            daemon.remove();
            table.remove();
        }
    });
});

describe("Laravel's own database", () => {
    test('needs_no_more_than_to_be_named', async () => {
        const table = new AppsTable();
        const its = namedApp('laravel');
        table.insert(its);
        const daemon = new Daemon({ apps: [], database: { driver: 'laravel' } });
        writeFileSync(
            path.join(daemon.directory, '.env'),
            `DB_CONNECTION=sqlite\nDB_DATABASE=${table.file}\n`,
        );
        try {
            await daemon.start();
            const client = await PusherClient.connect(daemon, { app: its });
            await client.close();
        } finally {
            await daemon.stop();
            daemon.remove();
            table.remove();
        }
    });
});
