// SPDX-License-Identifier: MIT
// Apps come, change and go while the server runs; nobody notices but those whom it is about.
import assert from 'node:assert/strict';
import { symlinkSync, rmSync, writeFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Daemon, namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { eventually } from '../support/deadline.mjs';
import { expectCounted, metricsAnywhere } from '../support/metrics.mjs';
import { appPath, expectRefused, PusherClient } from '../support/pusher_client.mjs';
import { WebhookReceiver } from '../support/webhook_receiver.mjs';

const app = testApp();

/// How often the log has said that a reload is done or refused.
const answers = (daemon) => daemon.log.match(/configuration (not )?reloaded/g)?.length ?? 0;

/// Writes the apps, lets the server read them, and waits for its word about it.
async function reload(daemon, apps) {
    const before = answers(daemon);
    daemon.settings.apps = apps;
    daemon.configure();
    daemon.process.signal('SIGHUP');
    await eventually(() => answers(daemon) > before, 'an answer to SIGHUP');
}


/// An event of the app arrives at a client of it.
async function expectServed(daemon, client, its = client.app) {
    await daemon.api(its).publish(['c'], 'news', 'x');
    await client.expect('news');
}

describe('apps at run time', () => {
    const daemon = useDaemon({ apps: [app], server: metricsAnywhere });
    let steady;

    test('an_app_that_is_added_is_served_and_nobody_else_notices', async () => {
        steady = await PusherClient.connect(daemon);
        await steady.subscribe('c');
        const added = namedApp('added');
        await expectRefused(daemon, appPath(added), 4001, 'Application does not exist');
        assert.equal((await daemon.api(added).get('/channels')).status, 404);
        await reload(daemon, [app, added]);
        const client = await PusherClient.connect(daemon, { app: added });
        await client.subscribe('c');
        await expectServed(daemon, client);
        await expectServed(daemon, steady);
    });

    test('removing_an_app_closes_its_connections_with_4001', async () => {
        const clients = [];
        for (let i = 0; i < 6; i += 1) {
            clients.push(await PusherClient.connect(daemon, { app: namedApp('added') }));
        }
        await expectCounted(
            daemon,
            'connections_closed',
            'app_removed',
            async () => {
                await reload(daemon, [app]);
                for (const client of clients) {
                    await client.expectTermination(4001, 'Application does not exist');
                }
            },
            7, // with the one of the test before
        );
        await expectRefused(daemon, appPath(namedApp('added')), 4001);
        assert.equal((await daemon.api(namedApp('added')).get('/channels')).status, 404);
        await expectServed(daemon, steady);
    });

    test('an_app_that_comes_back_is_served_again', async () => {
        await reload(daemon, [app, namedApp('added')]);
        const client = await PusherClient.connect(daemon, { app: namedApp('added') });
        await client.subscribe('c');
        await expectServed(daemon, client);
        await reload(daemon, [app]);
        await client.expectTermination(4001, 'Application does not exist');
    });

    test('a_key_that_is_rotated_away_closes_its_connections_with_4009_and_no_others', async () => {
        const old = namedApp('rotated');
        const fresh = { ...old, key: 'rotated-key-2', secret: 'rotated-secret-2' };
        await reload(daemon, [app, old]);
        const before = await PusherClient.connect(daemon, { app: old });
        await before.subscribe('c');

        // Both are valid for a while: nobody is disturbed.
        await reload(daemon, [app, { ...fresh, previous_keys: [`${old.key}:${old.secret}`] }]);
        const after = await PusherClient.connect(daemon, { app: fresh });
        await after.subscribe('c');
        await expectServed(daemon, before, old);
        await after.expect('news');
        await before.subscribe('private-c');

        await expectCounted(daemon, 'connections_closed', 'key_revoked', async () => {
            await reload(daemon, [app, fresh]);
            await before.expectTermination(4009, 'The app key is no longer valid');
        });
        assert.equal((await daemon.api(old).get('/channels')).status, 401);
        await expectRefused(daemon, appPath(old), 4001);
        await expectServed(daemon, after);
        await expectServed(daemon, steady);
    });

    test('disabling_an_app_closes_its_connections_with_4003', async () => {
        const its = namedApp('switched');
        await reload(daemon, [app, its]);
        const client = await PusherClient.connect(daemon, { app: its });
        await reload(daemon, [app, { ...its, enabled: false }]);
        await client.expectTermination(4003, 'Application disabled');
        await expectRefused(daemon, appPath(its), 4003);
    });

    test('a_limit_that_is_changed_holds_for_those_who_are_connected', async () => {
        const its = namedApp('limited');
        await reload(daemon, [app, its]);
        const client = await PusherClient.connect(daemon, { app: its });
        await reload(daemon, [app, { ...its, max_subscriptions: 1 }]);
        await client.subscribe('one');
        client.send('pusher:subscribe', { data: { channel: 'two' } });
        await client.expect('pusher:subscription_error');
    });

    test('a_webhook_that_is_added_is_told_from_now_on', async () => {
        const its = namedApp('hooked');
        const receiver = await new WebhookReceiver(its).start();
        try {
            await reload(daemon, [app, its]);
            const client = await PusherClient.connect(daemon, { app: its });
            await client.subscribe('unheard');
            await reload(daemon, [
                app,
                { ...its, webhooks: [{ url: receiver.url, event_types: ['channel_occupied'] }] },
            ]);
            await client.subscribe('heard');
            await receiver.received(1);
            assert.deepEqual(receiver.requests[0].events, [
                { name: 'channel_occupied', channel: 'heard' },
            ]);
        } finally {
            receiver.close();
        }
    });

    test('a_bad_file_keeps_what_is_in_force_and_says_why', async () => {
        await reload(daemon, [app, namedApp('added')]);
        const client = await PusherClient.connect(daemon, { app: namedApp('added') });
        await client.subscribe('c');
        for (const [apps, complaint] of [
            [[{ ...app, ping_interval: 'soon' }], /ping_interval.*soon.*expected/],
            [[app, { ...app, app_id: 'another' }], /key app-key is another app's too/],
            [[], /no app is configured/],
        ]) {
            await reload(daemon, apps);
            assert.match(daemon.log.trimEnd().split('\n').at(-1), complaint);
            assert.match(daemon.log.trimEnd().split('\n').at(-1), /error .*what was in force stays/);
        }
        daemon.settings.apps = [app];
        const before = answers(daemon);
        writeFileSync(daemon.file, '{"apps": [');
        daemon.process.signal('SIGHUP');
        await eventually(() => answers(daemon) > before, 'a refusal');
        assert.match(daemon.log.trimEnd().split('\n').at(-1), /fanfare.json:1:/);
        await expectServed(daemon, client);
        await expectServed(daemon, steady);
    });

    test('what_needs_a_restart_is_named', async () => {
        daemon.settings.server = { ...daemon.settings.server, max_request_size: 20_000 };
        await reload(daemon, [app]);
        await eventually(
            () => /a change of server.max_request_size has no effect before a restart/.test(daemon.log),
            'a warning',
        );
    });
});

describe('a configuration file that changes', () => {
    const daemon = useDaemon({ apps: [app] });
    const serves = (its) => async () => {
        const client = await PusherClient.connect(daemon, { app: its });
        await client.close();
        return true;
    };

    test('is_read_without_being_asked_for', async () => {
        daemon.settings.apps = [app, namedApp('moved')];
        daemon.configure();
        await eventually(serves(namedApp('moved')), 'the app of a file that was moved there');
        daemon.settings.apps = [app, namedApp('written')];
        const text = () => JSON.stringify({ server: daemon.settings.server, apps: daemon.settings.apps });
        writeFileSync(daemon.file, text());
        await eventually(serves(namedApp('written')), 'the app of a file that was written in place');

        // As Kubernetes and deployment tools do it.
        daemon.settings.apps = [app, namedApp('linked')];
        writeFileSync(path.join(daemon.directory, 'other.json'), text());
        symlinkSync('other.json', path.join(daemon.directory, 'link'));
        renameSync(path.join(daemon.directory, 'link'), daemon.file);
        await eventually(serves(namedApp('linked')), 'the app of a file behind a link');
        rmSync(daemon.file);
        await eventually(() => /stays: .*fanfare\.json is gone/.test(daemon.log), 'a word about it');
        await serves(namedApp('linked'))();
    });
});

describe('a .env file that changes', () => {
    test('brings_its_app_into_force', async () => {
        const daemon = new Daemon({ apps: [] });
        const env = path.join(daemon.directory, '.env');
        const write = (its) =>
            writeFileSync(
                env,
                `REVERB_APP_ID=${its.app_id}\nREVERB_APP_KEY=${its.key}\nREVERB_APP_SECRET=${its.secret}\n`,
            );
        write(app);
        try {
            await daemon.start();
            const client = await PusherClient.connect(daemon, { app });
            write({ ...app, key: 'new-key' });
            await client.expectTermination(4009, 'The app key is no longer valid');
            const other = await eventually(
                () => PusherClient.connect(daemon, { app: { ...app, key: 'new-key' } }),
                'every shard has heard of the new key',
            );
            rmSync(env); // as a deployment may do for a moment
            await eventually(() => /stays: .*\.env is gone/.test(daemon.log), 'a word about it');
            await other.subscribe('still-here');
            await other.close();
        } finally {
            await daemon.stop();
            daemon.remove();
        }
    });
});
