// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { eventually } from '../support/deadline.mjs';
import { PusherClient } from '../support/pusher_client.mjs';
import { hmac, userAuth } from '../support/sign.mjs';

const userChannel = (id) => `#server-to-user-${id}`;
const event = (name, data, channel) =>
    `{"event":"${name}","data":${JSON.stringify(data)},"channel":"${channel}"}`;

describe('sign-in', () => {
    const daemon = useDaemon();
    const connect = () => PusherClient.connect(daemon);

    test('r070_the_published_vector', () => {
        const app = testApp({ key: '278d425bdf160c739803', secret: '7ad3773142a6692b25b8' });
        assert.equal(
            userAuth(app, '1234.1234', '{"id":"12345"}'),
            `${app.key}:4708d583dada6a56435fb8bc611c77c359a31eebde13337c16ab43aa6de336ba`,
        );
    });

    test('r070_the_user_data_comes_back_byte_for_byte', async () => {
        for (const text of ['{"id":"12345"}', ' {"user_info":{"n":"Zoë\\u0041"},"id":"7","x":1.0} ']) {
            const got = await (await connect()).signIn(text);
            assert.deepEqual(got.keys, ['event', 'data']);
            assert.deepEqual(got.inner(), { user_data: text });
        }
    });

    test('r071_a_wrong_signature_is_refused_and_the_connection_stays', async () => {
        const client = await connect();
        const data = '{"id":"1"}';
        const right = userAuth(client.app, client.socketId, data);
        const wrong = [
            `other:${right.split(':')[1]}`,
            right.split(':')[1],
            right.toUpperCase(),
            `${client.app.key}:${hmac('no secret', `${client.socketId}::user::${data}`)}`,
            `${client.app.key}:${hmac(client.app.secret, `${client.socketId}:user:${data}`)}`,
            '',
        ];
        for (const auth of wrong) {
            client.sendSignIn(data, auth);
            await client.expectError(4009, 'Connection is unauthorized');
        }
        await client.signIn(data);
    });

    test('r071_user_data_without_a_usable_id_is_refused', async () => {
        const client = await connect();
        const bad = ['{}', '{"id":""}', '{"id":7}', '{"id":null}', '[]', 'x', '"7"'];
        bad.push(JSON.stringify({ id: 'x'.repeat(129) }));
        bad.push('{"id":"7","watchlist":"8"}', '{"id":"7","watchlist":[8]}');
        for (const data of bad) {
            client.sendSignIn(data);
            await client.expectError(4009);
        }
        client.send('pusher:signin', { data: {} });
        await client.expectError(4009);
        await client.signIn({ id: 'ü'.repeat(128) });
    });

    test('r071_a_second_sign_in_has_to_be_as_the_same_user', async () => {
        const client = await connect();
        await client.signIn({ id: '7' });
        await client.signIn({ id: '7', user_info: { again: true } });
        client.sendSignIn('{"id":"8"}');
        await client.expectError(4009);
        await client.expectNothing();
    });

    test('r072_events_for_a_user_reach_each_of_its_connections_once', async () => {
        const [one, two, other, nobody] = await Promise.all([1, 2, 3, 4].map(connect));
        const id = 'user 7/ü#:';
        await one.signIn({ id });
        await two.signIn({ id });
        await other.signIn({ id: 'user 8' });
        const channel = userChannel(id);
        two.send('pusher:subscribe', { data: { channel, auth: '' } });
        await two.expect('pusher_internal:subscription_succeeded', (got) => got.channel === channel);
        await daemon.api().publish(channel, 'hello', '{"n":1}');
        await daemon.api().publish(channel, 'hello', '{"n":2}');
        for (const client of [one, two]) {
            for (const n of [1, 2]) await client.expectText(event('hello', `{"n":${n}}`, channel));
        }
        for (const client of [one, two, other, nobody]) await client.expectNothing();
    });

    test('r072_unsubscribing_from_it_changes_nothing', async () => {
        const client = await connect();
        await client.signIn({ id: 'loyal' });
        client.unsubscribe(userChannel('loyal'));
        await client.expectNothing();
        await daemon.api().publish(userChannel('loyal'), 'e', '1');
        await client.expect('e');
    });

    test('r059_nobody_else_may_subscribe_to_the_channel_of_a_user', async () => {
        const [client, member] = [await connect(), await connect()];
        await member.signIn({ id: '70' });
        for (const channel of [userChannel('70'), userChannel(''), '#watchers-of-user-70', '#x']) {
            client.send('pusher:subscribe', { data: { channel, auth: '' } });
            await client.expectSubscriptionError(channel, { type: 'AuthError', status: 401 });
        }
        member.send('pusher:subscribe', { data: { channel: userChannel('71'), auth: '' } });
        await member.expectSubscriptionError(userChannel('71'), { type: 'AuthError', status: 401 });
    });

    test('r059_clients_may_not_send_to_hidden_channels', async () => {
        const client = await connect();
        await client.signIn({ id: '72' });
        client.whisper(userChannel('72'), 'client-x', 1);
        await client.expectError(4009, 'The client is not a member of the specified channel.');
    });

    test('r059_only_the_channels_of_users_may_be_published_to', async () => {
        for (const channel of ['#x', '#watchers-of-user-1', '#server-to-user-', '#server-to-user']) {
            const answer = await daemon.api().post('/events', { name: 'e', data: '1', channel });
            assert.equal(answer.status, 400, `${channel}: ${answer.body}`);
        }
    });

    test('r090_channels_of_users_are_not_listed', async () => {
        const client = await connect();
        await client.signIn({ id: 'unlisted' });
        await client.subscribe('listed');
        const channels = await eventually(async () => {
            const got = (await daemon.api().query('/channels')).channels;
            return got.listed && got;
        }, 'the channel is listed');
        assert.deepEqual(Object.keys(channels).filter((name) => name.startsWith('#')), []);
    });

    test('r039_hidden_subscriptions_do_not_count', async () => {
        const app = daemon.settings.apps[0];
        assert.equal(app.max_subscriptions, undefined);
        const client = await connect();
        await client.signIn({ id: 'many' });
        for (let i = 0; i < 1000; i += 1) await client.subscribe(`many-${i}`);
        client.sendSubscribe('one-too-many');
        await client.expectSubscriptionError('one-too-many', { type: 'LimitReached', code: 4301 });
    });

    test('r054_a_signed_in_user_joins_presence_channels_without_channel_data', async () => {
        const client = await connect();
        await client.signIn({ id: '7', user_info: { name: 'Zoë' }, secret: 1 });
        const got = await client.subscribe('presence-signed-in');
        assert.deepEqual(got.inner().presence, {
            count: 1,
            ids: ['7'],
            hash: { 7: { name: 'Zoë' } },
        });
        const other = await connect();
        other.sendSubscribe('presence-signed-in');
        await other.expectSubscriptionError('presence-signed-in', { type: 'InvalidData' });
    });
});

describe('terminating users', () => {
    const apps = [
        testApp(),
        namedApp('signin', { terminate_matches: 'signin' }),
        namedApp('presence', { terminate_matches: 'presence' }),
    ];
    const daemon = useDaemon({ apps });

    async function cast(app) {
        const [signedIn, member, both, other] = await Promise.all(
            [1, 2, 3, 4].map(() => PusherClient.connect(daemon, { app })),
        );
        await signedIn.signIn({ id: '7' });
        await both.signIn({ id: '7' });
        await both.join('presence-a', '7');
        await member.join('presence-b', '7');
        await other.signIn({ id: '8' });
        await other.join('presence-c', '77');
        return { signedIn, member, both, other };
    }

    const expectations = [
        ['signed_in_and_presence_members_by_default', apps[0], ['signedIn', 'member', 'both']],
        ['signed_in_only_if_so_set', apps[1], ['signedIn', 'both']],
        ['presence_members_only_if_so_set', apps[2], ['member', 'both']],
    ];
    for (const [name, app, gone] of expectations) {
        test(`r073_${name}`, async () => {
            const clients = await cast(app);
            const path = '/users/7/terminate_connections';
            const answer = await daemon.api(app).post(path, {});
            assert.deepEqual([answer.status, answer.body], [200, '{}']);
            for (const [who, client] of Object.entries(clients)) {
                if (gone.includes(who)) {
                    await client.expectTermination(4009, 'You got disconnected by the app.');
                } else {
                    await client.expectNothing();
                }
            }
        });
    }
});

describe('connections that have to prove themselves', () => {
    const daemon = useDaemon({ apps: [testApp({ authorization_timeout: 1 })] });
    const connect = () => PusherClient.connect(daemon);

    test('r071_who_does_not_sign_in_is_closed_with_4009', async () => {
        const [idle, busy, signedIn, member] = await Promise.all([1, 2, 3, 4].map(connect));
        await busy.subscribe('public');
        await signedIn.signIn({ id: '7' });
        await member.subscribe('private-x');
        for (const client of [idle, busy]) {
            await client.expectTermination(4009, 'Connection not authorized within timeout');
        }
        for (const client of [signedIn, member]) await client.expectNothing();
    });

    test('r071_a_refused_subscription_proves_nothing', async () => {
        const client = await connect();
        client.send('pusher:subscribe', { data: { channel: 'private-x', auth: 'no' } });
        await client.expectSubscriptionError('private-x', { type: 'AuthError', status: 401 });
        await client.expectTermination(4009, 'Connection not authorized within timeout');
    });
});
