// SPDX-License-Identifier: MIT
// What Pusher's users take for granted, with the unmodified client and the unmodified server SDK.
import assert from 'node:assert/strict';
import http from 'node:http';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import PusherServer from 'pusher';
import Pusher from 'pusher-js'; // for Node it is the build with encryption
import { nextEvent, reachesState, useClients } from '../support/clients.mjs';
import { testApp, useDaemon } from '../support/daemon.mjs';
import { eventually } from '../support/deadline.mjs';

/// The app's endpoints for channels and users: the user is whom X-User names, with X-Watchlist.
function useApp(sdk) {
    const app = {};
    const answer = (form, headers, path) => {
        const id = headers['x-user'];
        const socketId = form.get('socket_id');
        if (path === '/user-auth') {
            const watchlist = (headers['x-watchlist'] ?? '').split(',').filter(Boolean);
            const user = { id, user_info: { name: `Name of ${id}` }, watchlist };
            return sdk().authenticateUser(socketId, user);
        }
        return sdk().authorizeChannel(socketId, form.get('channel_name'));
    };
    const server = http.createServer(async (request, response) => {
        let body = '';
        for await (const chunk of request) body += chunk;
        const result = answer(new URLSearchParams(body), request.headers, request.url);
        response.writeHead(200, { 'Content-Type': 'application/json' });
        response.end(JSON.stringify(result));
    });
    before(async () => {
        await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
        app.url = `http://127.0.0.1:${server.address().port}`;
    });
    after(() => {
        server.closeAllConnections();
        server.close();
    });
    return app;
}

describe('pusher-js with all that Pusher has', () => {
    const daemon = useDaemon({
        apps: [testApp({ watchlist_events: true, subscription_count: true })],
    });
    const masterKey = randomBytes(32).toString('base64');
    const sdk = () =>
        new PusherServer({
            appId: daemon.app.app_id,
            key: daemon.app.key,
            secret: daemon.app.secret,
            host: daemon.host,
            port: String(daemon.port),
            useTLS: false,
            encryptionMasterKeyBase64: masterKey,
        });
    const app = useApp(sdk);
    useClients();
    const clients = [];
    after(() => clients.forEach((client) => client.disconnect()));

    function connect(user = 'ann', watchlist = '') {
        const headers = { 'X-User': user, 'X-Watchlist': watchlist };
        const client = new Pusher(daemon.app.key, {
            cluster: 'unused',
            wsHost: daemon.host,
            wsPort: daemon.port,
            forceTLS: false,
            enabledTransports: ['ws'],
            channelAuthorization: { endpoint: `${app.url}/auth`, headers },
            userAuthentication: { endpoint: `${app.url}/user-auth`, headers },
        });
        clients.push(client);
        return client;
    }

    async function signedIn(user, watchlist) {
        const client = await reachesState(connect(user, watchlist), 'connected');
        client.signin();
        await client.user.signinDonePromise;
        return client;
    }

    test('r043_the_stock_client_decrypts_what_the_sdk_encrypts', async () => {
        const channel = connect().subscribe('private-encrypted-orders');
        await nextEvent(channel, 'pusher:subscription_succeeded');
        const secret = { card: '4111', name: 'Zoë' };
        const got = nextEvent(channel, 'paid');
        await sdk().trigger('private-encrypted-orders', 'paid', secret);
        assert.deepEqual(await got, secret);
    });

    test('r043_an_encrypted_cache_channel_replays_its_ciphertext', async () => {
        const name = 'private-encrypted-cache-orders';
        await sdk().trigger(name, 'paid', { n: 1 });
        const channel = connect().subscribe(name);
        assert.deepEqual(await nextEvent(channel, 'paid'), { n: 1 });
    });

    test('r055_a_cache_channel_replays_or_misses', async () => {
        const empty = connect().subscribe('cache-empty');
        await nextEvent(empty, 'pusher:cache_miss');
        await sdk().trigger('cache-full', 'e', { n: 1 });
        const full = connect().subscribe('cache-full');
        assert.deepEqual(await nextEvent(full, 'e'), { n: 1 });
    });

    test('r070_pusher_user_signs_in', async () => {
        const client = await signedIn('ann');
        assert.equal(client.user.user_data.id, 'ann');
        assert.equal(client.user.user_data.user_info.name, 'Name of ann');
    });

    test('r072_send_to_user_reaches_the_user', async () => {
        const [one, two, other] = [await signedIn('bob'), await signedIn('bob'), await signedIn('cid')];
        const strangers = [];
        other.user.bind_global((name) => strangers.push(name));
        const got = [one, two].map((client) => nextEvent(client.user, 'hello'));
        await sdk().sendToUser('bob', 'hello', { n: 1 });
        assert.deepEqual(await Promise.all(got), [{ n: 1 }, { n: 1 }]);
        const marked = nextEvent(other.user, 'mark');
        await sdk().sendToUser('cid', 'mark', {});
        await marked;
        assert.deepEqual(strangers.filter((name) => name === 'hello'), []);
    });

    test('r073_terminate_user_connections_ends_them_for_good', async () => {
        const client = await signedIn('dan');
        await sdk().terminateUserConnections('dan');
        await reachesState(client, 'disconnected');
    });

    test('r054_a_signed_in_user_is_a_presence_member_without_channel_data', async () => {
        const client = await signedIn('eve');
        const members = await nextEvent(
            client.subscribe('presence-room'),
            'pusher:subscription_succeeded',
        );
        assert.equal(members.me.id, 'eve');
        assert.deepEqual(members.me.info, { name: 'Name of eve' });
    });

    test('r074_the_watchlist_tells_online_and_offline', async () => {
        const watcher = await reachesState(connect('wim', 'fay,gus'), 'connected');
        const offline = nextEvent(watcher.user.watchlist, 'offline');
        watcher.signin();
        assert.deepEqual((await offline).user_ids, ['fay', 'gus']);
        const online = nextEvent(watcher.user.watchlist, 'online');
        const fay = await signedIn('fay');
        assert.deepEqual((await online).user_ids, ['fay']);
        const gone = nextEvent(watcher.user.watchlist, 'offline', 15_000);
        fay.disconnect();
        assert.deepEqual((await gone).user_ids, ['fay']);
    });

    test('r075_the_subscription_count_is_known_to_the_channel', async () => {
        const channel = connect().subscribe('counted');
        const counts = [];
        channel.bind('pusher:subscription_count', (data) => counts.push(data.subscription_count));
        await eventually(() => counts.at(-1) === 1, 'one subscriber');
        connect().subscribe('counted');
        await eventually(() => counts.at(-1) === 2, 'two subscribers');
        assert.equal(channel.subscriptionCount, 2);
    });
});
