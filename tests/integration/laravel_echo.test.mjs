// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { useAuthServer } from '../support/auth_server.mjs';
import {
    Calls,
    echoClient,
    occurrence,
    serverSdk,
    subscribed,
    useClients,
} from '../support/clients.mjs';
import { testApp, useDaemon } from '../support/daemon.mjs';
import { eventually } from '../support/deadline.mjs';

describe('laravel-echo', () => {
    const daemon = useDaemon({ apps: [testApp({ accept_client_events_from: 'members' })] });
    const auth = useAuthServer(daemon);
    useClients();
    const connect = (user, options) => echoClient(daemon, { auth, user, ...options });
    const publish = (channels, event, data, params) =>
        serverSdk(daemon).trigger(channels, event, data, params);

    test('r084_a_public_channel_listens_to_an_event_class', async () => {
        const channel = await subscribed(connect('ann').channel('orders'));
        const events = new Calls();
        channel.listen('OrderShipped', events.record);
        await publish('orders', 'App\\Events\\OrderShipped', { order: { id: 7 } });
        assert.deepEqual(await events.next(), { order: { id: 7 } });
    });

    test('r085_broadcast_as_names_with_a_leading_dot', async () => {
        const channel = await subscribed(connect('ann').channel('names'));
        const events = new Calls();
        channel.listen('.order.shipped', events.record);
        channel.listen('.App\\Models\\OrderUpdated', events.record);
        await publish('names', 'order.shipped', { n: 1 });
        await publish('names', 'App\\Models\\OrderUpdated', { n: 2 });
        assert.deepEqual(await events.next(), { n: 1 });
        assert.deepEqual(await events.next(), { n: 2 });
    });

    test('r085_notifications_and_model_broadcasts_arrive', async () => {
        const channel = connect('ann').private('App.Models.User.1');
        await subscribed(channel);
        const [notifications, models] = [new Calls(), new Calls()];
        channel.notification(notifications.record);
        channel.listen('.UserUpdated', models.record);
        const name = 'Illuminate\\Notifications\\Events\\BroadcastNotificationCreated';
        await publish('private-App.Models.User.1', name, { id: 'uuid', type: 'App\\Notifications\\Paid' });
        assert.deepEqual(await notifications.next(), { id: 'uuid', type: 'App\\Notifications\\Paid' });
        await publish('private-App.Models.User.1', 'UserUpdated', { model: { id: 1 }, connection: null });
        assert.deepEqual(await models.next(), { model: { id: 1 }, connection: null });
    });

    test('r037_error_fires_on_a_bad_signature', async () => {
        auth.forge = (answer) => ({ ...answer, auth: answer.auth.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')) });
        try {
            // One after the other: each is listened to before its error can have come.
            for (const open of [(echo) => echo.private('forged'), (echo) => echo.join('forged')]) {
                const channel = open(connect('ann'));
                const error = await occurrence('.error()', (resolve) => channel.error(resolve));
                assert.equal(error.type, 'AuthError');
                assert.equal(error.status, 401);
            }
        } finally {
            auth.forge = (answer) => answer;
        }
    });

    test('r037_error_fires_when_the_app_refuses', async () => {
        const channel = connect('').private('refused');
        const error = await occurrence('.error()', (resolve) => channel.error(resolve));
        assert.equal(error.status, 403);
    });

    test('r060_whispers_go_both_ways_on_private_channels', async () => {
        const [ann, bob] = [connect('ann').private('chat'), connect('bob').private('chat')];
        await Promise.all([subscribed(ann), subscribed(bob)]);
        const [atAnn, atBob] = [new Calls(), new Calls()];
        ann.listenForWhisper('typing', atAnn.record);
        bob.listenForWhisper('typing', atBob.record);
        ann.whisper('typing', { name: 'ann' });
        assert.deepEqual(await atBob.next(), { name: 'ann' });
        bob.whisper('typing', { name: 'bob', empty: {} });
        assert.deepEqual(await atAnn.next(), { name: 'bob', empty: {} });
        assert.equal(atAnn.pending + atBob.pending, 0, 'nobody heard itself');
    });

    test('r060_whispers_work_on_encrypted_and_presence_channels', async () => {
        const [ann, bob] = [connect('ann').join('chat'), connect('bob').join('chat')];
        await Promise.all([subscribed(ann), subscribed(bob)]);
        const atBob = new Calls();
        bob.listenForWhisper('typing', atBob.record);
        ann.whisper('typing', 'text');
        assert.equal(await atBob.next(), 'text');
    });

    test('r086_to_others_reaches_all_but_the_sender', async () => {
        const [ann, bob] = [connect('ann'), connect('bob')];
        const events = { ann: new Calls(), bob: new Calls() };
        const annChannel = await subscribed(ann.channel('board'));
        const bobChannel = await subscribed(bob.channel('board'));
        annChannel.listen('.moved', events.ann.record);
        bobChannel.listen('.moved', events.bob.record);
        // Axios sends this id as X-Socket-ID, and Laravel passes it on.
        await publish('board', 'moved', { n: 1 }, { socket_id: ann.socketId() });
        await publish('board', 'moved', { n: 2 });
        assert.deepEqual(await events.bob.next(), { n: 1 });
        assert.deepEqual(await events.ann.next(), { n: 2 });
        assert.deepEqual(await events.bob.next(), { n: 2 });
    });

    test('r046_here_joining_leaving_with_several_tabs_per_user', async () => {
        const [here, joining, leaving] = [new Calls(), new Calls(), new Calls()];
        connect('ann').join('room').here(here.record).joining(joining.record).leaving(leaving.record);
        assert.deepEqual(await here.next(), [{ id: 'ann', name: 'Name of ann' }]);

        const tabs = [connect('bob'), connect('bob')];
        for (const tab of tabs) {
            const seen = new Calls();
            tab.join('room').here(seen.record);
            assert.deepEqual((await seen.next()).map((user) => user.id), ['ann', 'bob']);
        }
        assert.deepEqual(await joining.next(), { id: 'bob', name: 'Name of bob' });
        tabs[0].leave('room');
        await eventually(async () => {
            const response = await serverSdk(daemon).get({ path: '/channels/presence-room/users' });
            return (await response.json()).users.length === 2;
        }, 'bob is still there');
        tabs[1].disconnect();
        assert.deepEqual(await leaving.next(), { id: 'bob', name: 'Name of bob' });
        assert.equal(joining.pending, 0, 'joined once');
        assert.equal(leaving.pending, 0, 'left once');
    });

    test('r033_leave_ends_all_kinds_of_a_channel', async () => {
        const echo = connect('ann');
        await subscribed(echo.channel('gone'));
        await subscribed(echo.private('gone'));
        await subscribed(echo.join('gone'));
        echo.leave('gone');
        await eventually(async () => {
            const response = await serverSdk(daemon).get({ path: '/channels' });
            const names = Object.keys((await response.json()).channels);
            return !names.some((name) => name.endsWith('gone'));
        }, 'all three are vacated');
    });

    test('r073_a_terminated_client_stays_away', async () => {
        const echo = connect('mallory');
        await subscribed(echo.join('terminated'));
        const states = new Calls();
        echo.connector.pusher.connection.bind('state_change', states.record);
        await serverSdk(daemon).terminateUserConnections('mallory');
        assert.equal((await states.next()).current, 'disconnected');
        await assert.rejects(states.next('a reconnect', 1500));
    });
});
