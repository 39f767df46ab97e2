// SPDX-License-Identifier: MIT
// What operators do with a running server.
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { nextEvent, pusherClient, reachesState, serverSdk, useClients } from '../support/clients.mjs';
import { ask, command, trace } from '../support/control.mjs';
import { Daemon, namedApp, SHARDS, testApp, useDaemon } from '../support/daemon.mjs';
import { eventually } from '../support/deadline.mjs';

const apps = [testApp({ max_connections: 50 }), namedApp('other')];

async function subscriber(daemon, channel, options) {
    const client = pusherClient(daemon, options);
    await nextEvent(client.subscribe(channel), 'pusher:subscription_succeeded');
    return client;
}

describe('the commands', () => {
    const daemon = useDaemon({ apps, server: { debug: true } });
    useClients();

    test('status', async () => {
        const client = await subscriber(daemon, 'status');
        const status = await ask(daemon, 'status');
        assert.equal(status.pid, daemon.process.pid);
        assert.equal(status.state, 'serving');
        assert.equal(status.port, daemon.port);
        assert.equal(status.apps, 2);
        assert.equal(status.cluster, null);
        assert.equal(status.connections_of_shards.length, Number(SHARDS));
        const sum = status.connections_of_shards.reduce((a, b) => a + b);
        assert.equal(sum, status.connections);
        assert.ok(sum >= 1);
        const { stdout } = await command(daemon, 'status');
        assert.match(stdout, /^State +serving$/m);
        assert.match(stdout, new RegExp(`^Process +pid ${daemon.process.pid}, up \\d+ s$`, 'm'));
        client.disconnect();
    });

    test('apps_without_their_secrets', async () => {
        const list = await ask(daemon, 'apps');
        assert.deepEqual(
            list.map((app) => [app.id, app.key, app.enabled, app.from, app.max_connections]),
            [
                ['app', 'app-key', true, 'configuration', 50],
                ['other', 'other-key', true, 'configuration', null],
            ],
        );
        const { stdout } = await command(daemon, 'apps');
        assert.match(stdout, /^APP +KEY +ENABLED/);
        assert.doesNotMatch(stdout, /secret/);
    });

    test('channels_of_an_app', async () => {
        const client = await subscriber(daemon, 'shown.a');
        await nextEvent(client.subscribe('shown.b'), 'pusher:subscription_succeeded');
        const list = await ask(daemon, 'channels', 'app', '--prefix', 'shown.');
        assert.deepEqual(list, [
            { name: 'shown.a', subscriptions: 1, users: null },
            { name: 'shown.b', subscriptions: 1, users: null },
        ]);
        assert.deepEqual(await ask(daemon, 'channels', 'other'), []);
        client.disconnect();
    });

    test('connections_and_who_they_are', async () => {
        const client = await subscriber(daemon, 'listed');
        const { socket_id } = client.connection;
        for (const filter of [['--channel', 'listed'], ['--socket-id', socket_id]]) {
            const { connections, all } = await ask(daemon, 'connections', ...filter);
            assert.equal(all, 1);
            assert.deepEqual(connections, [
                {
                    socket_id,
                    app: 'app',
                    address: '127.0.0.1',
                    user_id: '',
                    queued_bytes: 0,
                    channels: ['listed'],
                },
            ]);
        }
        assert.equal((await ask(daemon, 'connections', '--app', 'other')).all, 0);
        const { stdout } = await command(daemon, 'connections', '--channel', 'listed');
        assert.match(stdout, new RegExp(`^${socket_id} +app +127\\.0\\.0\\.1 +- +0 +listed$`, 'm'));
        client.disconnect();
    });

    test('more_connections_than_are_shown', async () => {
        const clients = await Promise.all([1, 2, 3].map(() => subscriber(daemon, 'many')));
        const { connections, all } = await ask(
            daemon, 'connections', '--channel', 'many', '--limit', '2',
        );
        assert.equal(connections.length, 2);
        assert.equal(all, 3);
        const { stdout } = await command(daemon, 'connections', '--channel', 'many', '--limit', '2');
        assert.match(stdout, /^and 1 more: --limit 0 shows all$/m);
        clients.forEach((client) => client.disconnect());
    });

    test('disconnect_for_good_or_for_now', async () => {
        const stays = await subscriber(daemon, 'thrown.out');
        const goes = await subscriber(daemon, 'thrown.out');
        const { socket_id } = goes.connection;
        assert.deepEqual(await ask(daemon, 'disconnect', socket_id), { disconnected: 1 });
        await reachesState(goes, 'disconnected'); // 4009: pusher-js does not come back
        const before = stays.connection.socket_id;
        assert.deepEqual(await ask(daemon, 'disconnect', '--channel', 'thrown.out', '--may-return'), {
            disconnected: 1,
        });
        await eventually(
            () => stays.connection.state === 'connected' && stays.connection.socket_id !== before,
            'reconnected',
        );
        stays.disconnect();
    });

    test('disconnect_wants_to_know_whom', async () => {
        const { code, stderr } = await command(daemon, 'disconnect');
        assert.equal(code, 1);
        assert.equal(stderr, 'fanfare: name a socket id, an app, a channel or a user\n');
    });

    test('publish', async () => {
        const client = await subscriber(daemon, 'announced');
        const event = nextEvent(client.channel('announced'), 'greeting');
        const { stdout } = await command(
            daemon, 'publish', 'app', 'announced', 'greeting', '{"text":"ä"}',
        );
        assert.equal(stdout, 'published\n');
        assert.deepEqual(await event, { text: 'ä' });
        client.disconnect();
    });

    test('what_is_wrong_is_said', async () => {
        for (const [args, expected] of [
            [['publish', 'nobody', 'c', 'e', '{}'], 'there is no app nobody'],
            [['publish', 'app', 'bad channel', 'e', '{}'], /channel/],
            [['publish', 'app', 'c'], 'event is missing'],
            [['channels', 'nobody'], 'there is no app nobody'],
            [['channels'], 'app is missing'],
            [['connections', '--socket-id', 'x'], 'x is no socket id, such as 12.34'],
            [['log-level', 'loud'], 'loud is no level; expected debug, info, warning or error'],
            [['trace', '1.2'], 'no connection of this server has that socket id'],
            [['trace'], 'name a socket id or a channel'],
        ]) {
            const { code, stderr } = await command(daemon, ...args);
            assert.equal(code, 1, args.join(' '));
            if (expected instanceof RegExp) assert.match(stderr, expected);
            else assert.equal(stderr, `fanfare: ${expected}\n`);
        }
    });

    test('the_level_of_the_log_outlives_a_reload', async () => {
        assert.deepEqual(await ask(daemon, 'log-level'), { level: 'debug' });
        assert.deepEqual(await ask(daemon, 'log-level', 'warning'), { level: 'warning' });
        assert.deepEqual(await ask(daemon, 'reload'), { apps: 2 });
        const quiet = await subscriber(daemon, 'quiet');
        assert.doesNotMatch(daemon.log, new RegExp(quiet.connection.socket_id));
        assert.deepEqual(await ask(daemon, 'log-level', 'debug'), { level: 'debug' });
        const loud = await subscriber(daemon, 'loud');
        await eventually(() => daemon.log.includes(loud.connection.socket_id), 'a line of it');
        [quiet, loud].forEach((client) => client.disconnect());
    });

    test('reload_says_what_is_wrong', async () => {
        const good = daemon.settings.apps;
        daemon.settings.apps = [{ app_id: 'app' }];
        daemon.configure();
        assert.equal((await command(daemon, 'status')).code, 2); // it cannot know the port
        const socket = (await eventually(() => /control socket path=(\S+)/.exec(daemon.log), 'path'))[1];
        const reload = await command(daemon, 'reload', '--control-socket', socket);
        assert.equal(reload.code, 1);
        assert.match(reload.stderr, /^fanfare: .*apps\[0\]\.key is missing/);
        daemon.settings.apps = good;
        daemon.configure();
        assert.deepEqual(await ask(daemon, 'reload'), { apps: 2 });
    });

    test('a_trace_of_a_connection', async () => {
        const client = await subscriber(daemon, 'traced');
        const { socket_id } = client.connection;
        const other = await subscriber(daemon, 'traced');
        const shy = trace(daemon, socket_id);
        const open = trace(daemon, socket_id, '--payloads');
        // Whether they have begun is seen by what they see.
        await eventually(async () => {
            client.send_event('pusher:ping', {});
            return shy.events.length > 0 && open.events.length > 0;
        }, 'traces');
        await serverSdk(daemon).trigger('traced', 'told', { hidden: 'value' });
        const sees = (events, what, channel) =>
            events.some((event) => event.what === what && event.channel === channel);
        client.unsubscribe('traced');
        await eventually(() => sees(shy.events, 'unsubscribed', 'traced'), 'unsubscribed');
        await eventually(() => sees(open.events, 'unsubscribed', 'traced'), 'unsubscribed');
        assert.ok(shy.events.every((event) => event.socket_id === socket_id && event.app === 'app'));
        assert.ok(sees(shy.events, 'message received') && sees(shy.events, 'message sent'));
        assert.ok(shy.events.every((event) => event.payload === undefined));
        const told = open.events.find((event) => event.payload?.includes('told'));
        assert.equal(JSON.parse(told.payload).data, '{"hidden":"value"}');
        client.disconnect();
        await eventually(() => sees(shy.events, 'connection closed'), 'closed');
        await Promise.all([shy.stop(), open.stop()]);
        other.disconnect();
    });

    test('a_trace_of_a_channel', async () => {
        const watcher = trace(daemon, '--channel', 'watched', '--app', 'app');
        const whats = () => watcher.events.map((event) => event.what);
        const client = await eventually(async () => {
            const next = await subscriber(daemon, 'watched');
            if (whats().includes('subscribed')) return next;
            next.disconnect();
            return undefined;
        }, 'subscribed');
        await serverSdk(daemon).trigger('watched', 'told', {});
        await eventually(() => whats().includes('broadcasting to'), 'broadcast');
        client.disconnect();
        await eventually(() => whats().includes('unsubscribed'), 'unsubscribed');
        assert.ok(watcher.events.every((event) => event.channel === 'watched'));
        await watcher.stop();
    });
});

describe('the socket', () => {
    test('is_where_it_is_told_to_be_and_goes_with_the_server', async () => {
        const daemon = new Daemon({});
        const socket = path.join(daemon.directory, 'control.sock');
        daemon.settings.server.control_socket = socket;
        await daemon.start();
        assert.equal(statSync(socket).mode & 0o777, 0o660);
        assert.equal((await ask(daemon, 'status')).pid, daemon.process.pid);
        await daemon.stop();
        assert.ok(!existsSync(socket));
        const { code, stderr } = await command(daemon, 'status');
        assert.equal(code, 1);
        assert.match(stderr, /^fanfare: no server to talk to, it does not run.*control\.sock/);
        daemon.remove();
    });

    test('comes_again_after_a_crash', async () => {
        const daemon = new Daemon({});
        daemon.settings.server.control_socket = path.join(daemon.directory, 'control.sock');
        await daemon.start();
        await daemon.kill();
        await daemon.start();
        assert.equal((await ask(daemon, 'status')).pid, daemon.process.pid);
        await daemon.stop();
        daemon.remove();
    });

    test('is_not_needed', async () => {
        const daemon = new Daemon({ server: { control_socket: '/proc/none/control.sock' } });
        await daemon.start();
        await eventually(() => daemon.log.includes('no control socket'), 'a warning');
        await daemon.stop();
        daemon.remove();
    });

    test('drains_the_server', async () => {
        const daemon = new Daemon({ server: { drain_window: 0 } });
        await daemon.start();
        const { stdout } = await command(daemon, 'drain');
        assert.equal(stdout, 'draining 0 connections over 0 s\n');
        assert.deepEqual(await daemon.process.ended(), { code: 0, signal: null });
        assert.match(daemon.log, /draining command=drain uid=\d+ pid=\d+ connections=0/);
        daemon.remove();
    });
});
