// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import PusherServer from 'pusher';
import { useAuthServer } from '../support/auth_server.mjs';
import {
    Calls,
    nextEvent,
    pusherClient,
    reachesState,
    serverSdk,
    useClients,
} from '../support/clients.mjs';
import { newDaemon, freePort, testApp, useDaemon } from '../support/daemon.mjs';
import { DEADLINE, eventually } from '../support/deadline.mjs';

const authorizedBy = (auth, user) => ({
    channelAuthorization: { endpoint: auth.url, headers: { 'X-User': user } },
});

describe('pusher-js', () => {
    const daemon = useDaemon({ apps: [testApp({ accept_client_events_from: 'members' })] });
    const auth = useAuthServer(daemon);
    useClients();
    const connect = (options) => pusherClient(daemon, options);

    test('r002_it_connects_and_knows_its_socket_id', async () => {
        const pusher = await reachesState(connect(), 'connected');
        assert.match(pusher.connection.socket_id, /^\d+\.\d+$/);
    });

    test('r084_a_public_channel_receives_events_of_the_sdk', async () => {
        const channel = connect().subscribe('orders');
        await nextEvent(channel, 'pusher:subscription_succeeded');
        const event = nextEvent(channel, 'App\\Events\\Shipped');
        await serverSdk(daemon).trigger('orders', 'App\\Events\\Shipped', { id: 1, name: 'é/"<>' });
        assert.deepEqual(await event, { id: 1, name: 'é/"<>' });
    });

    test('r040_a_private_channel_is_authorized_by_the_app', async () => {
        const channel = connect(authorizedBy(auth, 'ann')).subscribe('private-ann');
        await nextEvent(channel, 'pusher:subscription_succeeded');
        const event = nextEvent(channel, 'e');
        await serverSdk(daemon).trigger('private-ann', 'e', 'plain text');
        assert.equal(await event, 'plain text');
    });

    test('r036_a_bad_signature_raises_subscription_error_and_leaves_the_connection', async () => {
        auth.forge = () => ({ auth: `app-key:${'0'.repeat(64)}` });
        try {
            const pusher = connect(authorizedBy(auth, 'ann'));
            const error = await nextEvent(pusher.subscribe('private-forged'), 'pusher:subscription_error');
            assert.equal(error.type, 'AuthError');
            assert.equal(error.status, 401);
            assert.equal(pusher.connection.state, 'connected');
        } finally {
            auth.forge = (answer) => answer;
        }
    });

    test('r045_presence_members_come_and_go', async () => {
        const [ann, bob] = [connect(authorizedBy(auth, 'ann')), connect(authorizedBy(auth, 'bob'))];
        const here = ann.subscribe('presence-room');
        const members = await nextEvent(here, 'pusher:subscription_succeeded');
        assert.equal(members.count, 1);
        assert.equal(here.members.me.id, 'ann');
        const added = nextEvent(here, 'pusher:member_added');
        const joined = await nextEvent(bob.subscribe('presence-room'), 'pusher:subscription_succeeded');
        assert.deepEqual(Object.keys(joined.members).sort(), ['ann', 'bob']);
        assert.deepEqual(await added, { id: 'bob', info: { id: 'bob', name: 'Name of bob' } });
        const removed = nextEvent(here, 'pusher:member_removed');
        bob.disconnect();
        assert.equal((await removed).id, 'bob');
        assert.equal(here.members.count, 1);
    });

    test('r060_client_events_reach_the_others_with_metadata', async () => {
        const [ann, bob] = [connect(authorizedBy(auth, 'ann')), connect(authorizedBy(auth, 'bob'))];
        const [from, to] = [ann.subscribe('presence-talk'), bob.subscribe('presence-talk')];
        await Promise.all([from, to].map((channel) => nextEvent(channel, 'pusher:subscription_succeeded')));
        const received = new Promise((resolve) => {
            to.bind('client-typing', (data, metadata) => resolve({ data, metadata }));
        });
        from.bind('client-typing', () => assert.fail('the sender got its own event'));
        assert.equal(from.trigger('client-typing', { a: {}, b: [] }), true);
        assert.deepEqual(await received, { data: { a: {}, b: [] }, metadata: { user_id: 'ann' } });
    });

    test('r033_unsubscribe_stops_the_events', async () => {
        const pusher = connect();
        const [left, kept] = [pusher.subscribe('left'), pusher.subscribe('kept')];
        await Promise.all([left, kept].map((channel) => nextEvent(channel, 'pusher:subscription_succeeded')));
        left.bind('e', () => assert.fail('an event after unsubscribe'));
        pusher.unsubscribe('left');
        const sdk = serverSdk(daemon);
        await eventually(
            async () => !('left' in (await (await sdk.get({ path: '/channels' })).json()).channels),
            'left is vacated',
        );
        await sdk.trigger('left', 'e', {});
        const event = nextEvent(kept, 'e');
        await sdk.trigger('kept', 'e', {});
        await event;
    });

    test('r043_with_encryption_decrypts_what_the_sdk_encrypted', async () => {
        const secret = 'x'.repeat(32);
        const master = Buffer.from(secret).toString('base64');
        const sdk = new PusherServer({
            appId: daemon.app.app_id,
            key: daemon.app.key,
            secret: daemon.app.secret,
            host: daemon.host,
            port: String(daemon.port),
            useTLS: false,
            encryptionMasterKeyBase64: master,
        });
        const pusher = connect({
            channelAuthorization: {
                customHandler: ({ socketId, channelName }, done) =>
                    done(null, sdk.authorizeChannel(socketId, channelName)),
            },
        });
        const channel = pusher.subscribe('private-encrypted-safe');
        await nextEvent(channel, 'pusher:subscription_succeeded');
        const event = nextEvent(channel, 'secret');
        await sdk.trigger('private-encrypted-safe', 'secret', { deep: ['é', 1.5] });
        assert.deepEqual(await event, { deep: ['é', 1.5] });
    });

    test('r007_an_unknown_key_ends_in_disconnected_without_a_retry', async () => {
        const pusher = connect({ key: 'nobody' });
        const error = nextEvent(pusher.connection, 'error');
        await reachesState(pusher, 'disconnected');
        const { data } = (await error).error;
        assert.deepEqual(data, { code: 4001, message: 'Application does not exist' });
        const attempts = new Calls();
        pusher.connection.bind('connecting', attempts.record);
        // A client that retries does so after one second at most.
        await assert.rejects(attempts.next('an attempt', 1500));
    });
});

describe('pusher-js with a path', () => {
    const daemon = useDaemon({ server: { path: '/realtime' } });
    useClients();

    test('r005_ws_path_reaches_a_server_with_a_prefix', async () => {
        const pusher = pusherClient(daemon, { wsPath: '/realtime' });
        const channel = pusher.subscribe('orders');
        await nextEvent(channel, 'pusher:subscription_succeeded');
        // The PHP SDK puts the prefix into the URL and signs without it; the Node SDK has no prefix.
        const event = nextEvent(channel, 'e');
        const body = { name: 'e', channel: 'orders', data: '1' };
        const sent = await daemon.api().post('/events', body, { prefix: '/realtime' });
        assert.equal(sent.status, 200, sent.body);
        await event;
    });
});

describe('pusher-js and a restart', () => {
    useClients();

    test('it_reconnects_and_restores_its_subscriptions', async () => {
        const daemon = newDaemon({ port: await freePort() });
        await daemon.start();
        try {
            const pusher = pusherClient(daemon);
            const channel = pusher.subscribe('orders');
            await nextEvent(channel, 'pusher:subscription_succeeded');
            const firstId = pusher.connection.socket_id;
            const again = nextEvent(channel, 'pusher:subscription_succeeded', 4 * DEADLINE);
            await daemon.stop();
            await daemon.start();
            await again;
            assert.notEqual(pusher.connection.socket_id, firstId);
            const event = nextEvent(channel, 'e');
            await serverSdk(daemon).trigger('orders', 'e', { n: 1 });
            assert.deepEqual(await event, { n: 1 });
            pusher.disconnect();
        } finally {
            await daemon.stop();
            daemon.remove();
        }
    });

    test('it_reconnects_after_a_crash_too', async () => {
        const daemon = newDaemon({ port: await freePort() });
        await daemon.start();
        try {
            const pusher = pusherClient(daemon);
            const channel = pusher.subscribe('orders');
            await nextEvent(channel, 'pusher:subscription_succeeded');
            const again = nextEvent(channel, 'pusher:subscription_succeeded', 4 * DEADLINE);
            await daemon.kill();
            await daemon.start();
            await again;
            pusher.disconnect();
        } finally {
            await daemon.stop();
            daemon.remove();
        }
    });
});
