// SPDX-License-Identifier: MIT
// Another process takes the place of the running one, and the clients notice nothing.
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { after, describe, test } from 'node:test';
import { AppsTable, databaseOf } from '../support/apps_table.mjs';
import { nextEvent, pusherClient, serverSdk, useClients } from '../support/clients.mjs';
import { ask, command, upgrade } from '../support/control.mjs';
import { BINARY, Daemon, namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { DEADLINE, eventually, inWaves, within } from '../support/deadline.mjs';
import { encodeFrame, takeFrame } from '../support/frames.mjs';
import { HttpConnection } from '../support/http.mjs';
import { Nginx } from '../support/nginx.mjs';
import { NotifySocket } from '../support/service_manager.mjs';
import { RawWebSocket } from '../support/raw_websocket.mjs';
import { SelfSigned } from '../support/self_signed.mjs';
import { connectTo } from '../support/sockets.mjs';
import { behaviours, WebhookReceiver } from '../support/webhook_receiver.mjs';

const subscribe = (channel) => JSON.stringify({ event: 'pusher:subscribe', data: { channel } });

describe('an upgrade', () => {
    const daemon = useDaemon({
        apps: [testApp({ subscription_count: true, accept_client_events_from: 'members' })],
    });
    useClients();

    test('keeps_connection_and_subscriptions', async () => {
        const client = pusherClient(daemon);
        const channel = client.subscribe('kept');
        await nextEvent(channel, 'pusher:subscription_succeeded');
        const { socket_id } = client.connection;
        const states = [];
        client.connection.bind('state_change', (change) => states.push(change));
        const before = (await ask(daemon, 'status')).pid;
        await upgrade(daemon);
        const status = await ask(daemon, 'status');
        assert.notEqual(status.pid, before);
        const told = nextEvent(channel, 'told');
        await serverSdk(daemon).trigger('kept', 'told', { after: true });
        assert.deepEqual(await told, { after: true });
        await nextEvent(client.subscribe('later'), 'pusher:subscription_succeeded');
        const listed = await ask(daemon, 'connections', '--socket-id', socket_id);
        assert.deepEqual(listed.connections[0].channels.sort(), ['kept', 'later']);
        assert.deepEqual(states, []);
        client.disconnect();
        await eventually(async () => (await ask(daemon, 'channels', 'app')).length === 0, 'left');
    });

    test('keeps_half_a_message', async () => {
        const client = await RawWebSocket.open(daemon, '/app/app-key');
        await client.next('connection_established');
        const bytes = encodeFrame({ payload: subscribe('half') });
        client.write(bytes.subarray(0, 20));
        await upgrade(daemon);
        client.write(bytes.subarray(20));
        const answer = JSON.parse((await client.next('confirmation')).payload);
        assert.equal(answer.event, 'pusher_internal:subscription_succeeded');
        client.destroy();
    });

    test('keeps_the_members_of_a_channel_in_their_order', async () => {
        const sdk = serverSdk(daemon);
        const join = async (id) => {
            const client = pusherClient(daemon, {
                channelAuthorization: {
                    customHandler: ({ socketId, channelName }, done) =>
                        done(null, sdk.authorizeChannel(socketId, channelName, { user_id: id, user_info: { id } })),
                },
            });
            const channel = client.subscribe('presence-room');
            await nextEvent(channel, 'pusher:subscription_succeeded');
            return { client, channel };
        };
        const zoe = await join('zoe');
        const announced = nextEvent(zoe.channel, 'pusher:member_added');
        const ann = await join('ann');
        await announced;
        const seen = [];
        zoe.channel.bind_global((event) => seen.push(event));
        await upgrade(daemon);
        const bob = await join('bob');
        assert.deepEqual(Object.keys(bob.channel.members.members), ['zoe', 'ann', 'bob']);
        assert.deepEqual(bob.channel.members.get('zoe').info, { id: 'zoe' });
        await eventually(() => seen.includes('pusher:member_added'), 'bob is announced');
        ann.client.disconnect();
        await eventually(() => seen.includes('pusher:member_removed'), 'ann has left');
        assert.deepEqual(
            seen.filter((event) => event.includes('member')),
            ['pusher:member_added', 'pusher:member_removed'],
        );
        [zoe, bob].forEach(({ client }) => client.disconnect());
    });

    test('keeps_who_is_signed_in_and_what_is_cached', async () => {
        const sdk = serverSdk(daemon);
        const client = pusherClient(daemon, {
            userAuthentication: {
                customHandler: ({ socketId }, done) => done(null, sdk.authenticateUser(socketId, { id: 'ann' })),
            },
        });
        client.signin();
        await client.user.signinDonePromise;
        await sdk.trigger('cache-news', 'headline', { text: 'old' });
        await upgrade(daemon);
        const told = nextEvent(client.user, 'told');
        await sdk.sendToUser('ann', 'told', { hello: 1 });
        assert.deepEqual(await told, { hello: 1 });
        const headline = await nextEvent(client.subscribe('cache-news'), 'headline');
        assert.deepEqual(headline, { text: 'old' });
        client.disconnect();
    });

    test('keeps_the_api_connections_of_the_backend', async () => {
        const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
        const get = () =>
            new Promise((resolve, reject) => {
                const request = http.get({ agent, port: daemon.port, path: '/up' }, (response) => {
                    response.resume().on('end', () => resolve(request.reusedSocket));
                });
                request.on('error', reject);
            });
        assert.equal(await get(), false);
        await upgrade(daemon);
        assert.equal(await get(), true);
        agent.destroy();
    });

    test('is_not_noticed_behind_nginx', async () => {
        const nginx = new Nginx(daemon);
        await nginx.start();
        const client = pusherClient(nginx);
        const channel = client.subscribe('proxied');
        await nextEvent(channel, 'pusher:subscription_succeeded');
        const { socket_id } = client.connection;
        await upgrade(daemon);
        const told = nextEvent(channel, 'told');
        await serverSdk(nginx, daemon.app).trigger('proxied', 'told', { hello: 1 });
        assert.deepEqual(await told, { hello: 1 });
        assert.equal(client.connection.socket_id, socket_id);
        client.disconnect();
        await nginx.stop();
    });

    test('sends_away_whose_tls_ends_in_the_daemon', async () => {
        const certificate = new SelfSigned();
        const own = new Daemon({});
        own.useTls(certificate);
        await own.start();
        const client = await RawWebSocket.open(own, '/app/app-key');
        await client.next('connection_established');
        await upgrade(own);
        await client.expectClose(4200);
        const again = await RawWebSocket.open(own, '/app/app-key');
        await again.next('connection_established');
        again.destroy();
        await own.stop();
        own.remove();
        certificate.remove();
    });

    test('lets_nobody_speak_in_clear_to_a_port_of_tls', async () => {
        const certificate = new SelfSigned();
        const own = new Daemon({});
        own.useTls(certificate);
        await own.start();
        const silent = async () => {
            const socket = connectTo({ host: own.host, port: own.port });
            await within(once(socket, 'connect'), 'a connection');
            return socket;
        };
        const [plain, honest] = [await silent(), await silent()];
        await upgrade(own);
        const request = new HttpConnection(plain);
        request.write('GET /up HTTP/1.1\r\nHost: h\r\n\r\n');
        assert.equal((await request.response()).status, 400);
        const secured = tls.connect({ socket: honest, host: own.host, ca: own.authority });
        await within(once(secured, 'secureConnect'), 'a handshake');
        for (const socket of [plain, secured]) socket.destroy();
        await own.stop();
        own.remove();
        certificate.remove();
    });

    test('ends_with_the_process_that_was_started', async () => {
        const own = new Daemon({});
        await own.start();
        await upgrade(own);
        await upgrade(own);
        const { pid } = await ask(own, 'status');
        assert.notEqual(pid, own.process.pid);
        own.process.signal('SIGHUP'); // goes on to the one that serves
        await eventually(() => own.log.includes('configuration reloaded'), 'a reload');
        await own.stop();
        assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
        own.remove();
    });

    test('passes_on_the_order_to_stop_while_the_last_webhooks_are_on_their_way', async () => {
        const app = testApp({ webhook_batch_window_ms: 20 });
        const receiver = await new WebhookReceiver(app).start();
        receiver.answer(behaviours.hang);
        app.webhooks = [{ url: receiver.url, events: ['channel_occupied'] }];
        const own = new Daemon({ apps: [app] });
        await own.start();
        const client = pusherClient(own);
        await nextEvent(client.subscribe('told'), 'pusher:subscription_succeeded');
        await eventually(() => receiver.requests.length === 1, 'a webhook');
        await upgrade(own);
        const { pid } = await ask(own, 'status');
        client.disconnect();
        own.process.signal('SIGTERM'); // to the one that waits for the webhook
        await own.process.ended(3 * DEADLINE);
        assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
        own.remove();
        receiver.close();
    });

    test('tells_the_service_manager_who_is_the_service_now', async () => {
        const folder = mkdtempSync(path.join(os.tmpdir(), 'fanfare-notify-'));
        const manager = await new NotifySocket(path.join(folder, 'notify')).start();
        const own = new Daemon({ env: manager.environment() });
        await own.start();
        await manager.says('READY', 1);
        await upgrade(own);
        const next = Number(await manager.says('MAINPID'));
        assert.equal(next, (await ask(own, 'status')).pid);
        await manager.says('READY', 2);
        await eventually(() => !own.process.isRunning, 'the end of the first');
        await command(own, 'drain');
        await eventually(() => {
            try {
                return !process.kill(next, 0);
            } catch {
                return true;
            }
        }, 'its end');
        assert.deepEqual(await own.process.ended(), { code: 0, signal: null });
        manager.close();
        rmSync(folder, { recursive: true });
        own.remove();
    });
});

describe('an upgrade that fails', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'fanfare-binary-'));
    const binary = path.join(folder, 'fanfare');
    const install = (write) => {
        write(`${binary}.new`);
        chmodSync(`${binary}.new`, 0o755);
        renameSync(`${binary}.new`, binary);
    };
    install((file) => copyFileSync(BINARY, file));
    after(() => rmSync(folder, { recursive: true }));
    const daemon = useDaemon({ binary });
    useClients();

    test('changes_nothing', async () => {
        const client = pusherClient(daemon);
        const channel = client.subscribe('kept');
        await nextEvent(channel, 'pusher:subscription_succeeded');
        const { pid } = await ask(daemon, 'status');
        for (const script of ['exit 1', 'kill -SEGV $$']) {
            install((file) => writeFileSync(file, `#!/bin/sh\n${script}\n`));
            const { code, stderr } = await command(daemon, 'upgrade');
            assert.equal(code, 1);
            assert.match(stderr, /the new process has ended at its start/);
            assert.equal((await ask(daemon, 'status')).pid, pid);
            const told = nextEvent(channel, 'told');
            await serverSdk(daemon).trigger('kept', 'told', {});
            await told;
        }
        install((file) => copyFileSync(BINARY, file));
        await upgrade(daemon);
        assert.notEqual((await ask(daemon, 'status')).pid, pid);
        const told = nextEvent(channel, 'told');
        await serverSdk(daemon).trigger('kept', 'told', {});
        await told;
        client.disconnect();
    });

    test('because_the_database_of_the_apps_is_away', async () => {
        const table = new AppsTable();
        const shop = namedApp('shop');
        table.insert(shop);
        const own = new Daemon({ database: databaseOf(table) });
        await own.start();
        const client = pusherClient(own, { key: shop.key });
        const channel = client.subscribe('kept');
        await nextEvent(channel, 'pusher:subscription_succeeded');
        table.vanish();
        const { code, stderr } = await command(own, 'upgrade');
        assert.equal(code, 1);
        assert.match(stderr, /the apps database is away/);
        const told = nextEvent(channel, 'told');
        await serverSdk(own, shop).trigger('kept', 'told', {});
        await told;
        table.comeBack();
        await upgrade(own);
        const again = nextEvent(channel, 'told');
        await serverSdk(own, shop).trigger('kept', 'told', {});
        await again;
        client.disconnect();
        await own.stop();
        own.remove();
        table.remove();
    });

    test('is_called_off_by_the_order_to_stop', async () => {
        const own = new Daemon({ binary });
        await own.start();
        install((file) => writeFileSync(file, '#!/bin/sh\nexec sleep 1000\n'));
        own.process.signal('SIGUSR2');
        const [, successor] = await eventually(() => /upgrade begun .*pid=(\d+)/.exec(own.log), 'its begin');
        await own.stop();
        assert.match(own.log, /upgrade failed, this process goes on: it is told to stop/);
        assert.throws(() => process.kill(Number(successor), 0), { code: 'ESRCH' });
        own.remove();
        install((file) => copyFileSync(BINARY, file));
    });

    test('with_a_configuration_that_is_wrong_too', async () => {
        const { pid } = await ask(daemon, 'status');
        const { apps } = daemon.settings;
        const socket = /control socket path=(\S+)/.exec(daemon.log)[1];
        daemon.settings.apps = [{ app_id: 'app' }];
        daemon.configure();
        const { code } = await command(daemon, 'upgrade', '--control-socket', socket);
        assert.equal(code, 1);
        const says = (what) => eventually(() => what.test(daemon.log), `${what} in the log`);
        await says(/apps\[0\]\.key is missing/);
        daemon.settings.apps = apps;
        daemon.settings.scaling = { enabled: true };
        daemon.configure();
        assert.equal((await command(daemon, 'upgrade', '--control-socket', socket)).code, 1);
        await says(/scaling\.enabled is new since the start/);
        delete daemon.settings.scaling;
        daemon.configure();
        assert.equal((await ask(daemon, 'status')).pid, pid);
    });
});

/// Counts what it is told, and nothing else: thousands of them have to fit into this process.
class Listener {
    numbers = [];
    problem;
    #bytes = Buffer.alloc(0);

    constructor(raw) {
        this.socket = raw.socket;
        this.socket.removeAllListeners('data');
        this.socket.on('data', (chunk) => this.#take(chunk));
        this.socket.on('close', () => (this.problem ??= 'closed'));
    }

    #take(chunk) {
        this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
        for (;;) {
            const taken = takeFrame(this.#bytes);
            if (!taken) return;
            this.#bytes = taken.rest;
            const { event, data } = JSON.parse(taken.frame.payload);
            if (event !== 'number') this.problem ??= `told ${event}`;
            if (Number(data) !== this.numbers.length) this.problem ??= `${data} after ${this.numbers.length}`;
            this.numbers.push(data);
        }
    }
}

describe('ten upgrades under load', () => {
    const daemon = useDaemon({});
    const count = 5000;

    test('lose_nothing_and_double_nothing', { timeout: 60 * DEADLINE }, async () => {
        const listeners = await inWaves(count, 100, async () => {
            const client = await RawWebSocket.open(daemon, '/app/app-key');
            await client.next('connection_established');
            client.sendText(subscribe('numbers'));
            await client.next('subscription_succeeded');
            return new Listener(client);
        });
        let isOver = false;
        let published = 0;
        const load = (async () => {
            for (; !isOver; ++published) {
                await daemon.api().publish('numbers', 'number', String(published));
            }
        })();
        for (let i = 0; i < 10; ++i) {
            const before = published;
            await eventually(() => published > before + 2, 'load');
            await upgrade(daemon);
        }
        isOver = true;
        await within(load, 'the last event', 4 * DEADLINE);
        await eventually(
            () => listeners.every(({ numbers, problem }) => problem || numbers.length === published),
            `${published} events for everybody`,
            4 * DEADLINE,
        );
        assert.deepEqual([...new Set(listeners.map(({ problem }) => problem))], [undefined]);
        assert.ok(published > 30);
        listeners.forEach(({ socket }) => socket.destroy());
    });
});
