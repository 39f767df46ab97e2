// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { PusherClient } from '../support/pusher_client.mjs';
import { channelAuth, hmac } from '../support/sign.mjs';

describe('channel signatures', () => {
    const apps = [testApp(), namedApp('other')];
    const daemon = useDaemon({ apps });
    const [app, other] = apps;

    const subscribe = (client, data) => client.send('pusher:subscribe', { data });
    const accepted = async (client, data) => {
        subscribe(client, data);
        await client.expect('pusher_internal:subscription_succeeded', (got) => got.channel === data.channel);
        client.unsubscribe(data.channel);
        await client.expectNothing();
    };
    const refused = async (client, data) => {
        subscribe(client, data);
        await client.expectSubscriptionError(data.channel, { type: 'AuthError', status: 401 });
    };

    test('r040_the_suites_signer_agrees_with_the_published_vectors', () => {
        const vector = { key: '278d425bdf160c739803', secret: '7ad3773142a6692b25b8' };
        assert.equal(
            channelAuth(vector, '1234.1234', 'private-foobar'),
            `${vector.key}:58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4`,
        );
        const member = '{"user_id":10,"user_info":{"name":"Mr. Channels"}}';
        assert.equal(
            channelAuth(vector, '1234.1234', 'presence-foobar', member),
            `${vector.key}:31935e7d86dba64c2a90aed31fdc61869f9b22ba9d8863bba239c03ca481bc80`,
        );
    });

    test('r040_only_the_right_signature_opens_a_private_channel', async () => {
        const client = await PusherClient.connect(daemon);
        const channel = 'private-a';
        const auth = channelAuth(app, client.socketId, channel);
        const hex = auth.split(':')[1];
        await accepted(client, { channel, auth });
        const wrong = {
            'another channel': channelAuth(app, client.socketId, 'private-b'),
            'another socket': channelAuth(app, '1.1', channel),
            'another secret': channelAuth({ ...app, secret: 'app-secreT' }, client.socketId, channel),
            'another app': channelAuth(other, client.socketId, channel),
            'another key': `other-key:${hex}`,
            'the key in another case': `APP-KEY:${hex}`,
            'no key': hex,
            'an empty key': `:${hex}`,
            'key only': 'app-key',
            'key and colon': 'app-key:',
            'two keys': `app-key:app-key:${hex}`,
            'upper-case hex': `app-key:${hex.toUpperCase()}`,
            'a short signature': auth.slice(0, -1),
            'a long signature': `${auth}0`,
            'white space': `${auth} `,
            'leading white space': ` ${auth}`,
            'no hex': `app-key:${'g'.repeat(64)}`,
        };
        for (const text of Object.values(wrong)) await refused(client, { channel, auth: text });
        await accepted(client, { channel, auth });
    });

    test('r040_the_same_rules_hold_for_encrypted_and_presence_channels', async () => {
        const client = await PusherClient.connect(daemon);
        const member = '{"user_id":"1"}';
        const hidden = channelAuth(app, client.socketId, 'private-encrypted-a');
        await accepted(client, { channel: 'private-encrypted-a', auth: hidden });
        await refused(client, { channel: 'private-encrypted-b', auth: hidden });
        const present = channelAuth(app, client.socketId, 'presence-a', member);
        await accepted(client, { channel: 'presence-a', auth: present, channel_data: member });
        await refused(client, { channel: 'presence-b', auth: present, channel_data: member });
    });

    test('r040_a_signature_of_the_previous_connection_is_refused', async () => {
        const first = await PusherClient.connect(daemon);
        const auth = channelAuth(app, first.socketId, 'private-a');
        await first.close();
        await refused(await PusherClient.connect(daemon), { channel: 'private-a', auth });
    });

    test('r041_channel_data_is_signed_for_presence', async () => {
        const client = await PusherClient.connect(daemon);
        const channel = 'presence-signed';
        const member = '{"user_id":"1","user_info":{"name":"Zoë"}}';
        await accepted(client, {
            channel,
            channel_data: member,
            auth: channelAuth(app, client.socketId, channel, member),
        });
        // Exact bytes: the same JSON written differently is another string.
        const spaced = member.replace(':', ': ');
        await accepted(client, {
            channel,
            channel_data: spaced,
            auth: channelAuth(app, client.socketId, channel, spaced),
        });
        for (const forged of [spaced, member.replace('1', '2'), `${member} `]) {
            await refused(client, {
                channel,
                channel_data: forged,
                auth: channelAuth(app, client.socketId, channel, member),
            });
        }
        await refused(client, {
            channel,
            channel_data: member,
            auth: channelAuth(app, client.socketId, channel),
        });
    });

    test('r041_channel_data_is_signed_for_private_when_given', async () => {
        const client = await PusherClient.connect(daemon);
        const channel = 'private-with-data';
        const plain = channelAuth(app, client.socketId, channel);
        const extra = '{"note":1}';
        const signed = channelAuth(app, client.socketId, channel, extra);
        await accepted(client, { channel, auth: signed, channel_data: extra });
        await refused(client, { channel, auth: plain, channel_data: extra });
        await refused(client, { channel, auth: signed });
        for (const absent of [undefined, null, '']) {
            await accepted(client, { channel, auth: plain, channel_data: absent });
        }
        await refused(client, {
            channel,
            channel_data: '',
            auth: channelAuth(app, client.socketId, channel, ''),
        });
    });

    test('r042_a_signature_wrong_in_any_single_place_is_refused', async () => {
        // That the time does not tell the place is for the unit tests; that no place is skipped is here.
        const client = await PusherClient.connect(daemon);
        const channel = 'private-a';
        const hex = hmac(app.secret, `${client.socketId}:${channel}`);
        for (let at = 0; at < hex.length; at += 1) {
            const digit = hex[at] === '0' ? '1' : '0';
            const auth = `${app.key}:${hex.slice(0, at)}${digit}${hex.slice(at + 1)}`;
            await refused(client, { channel, auth });
        }
    });

    test('r043_an_encrypted_payload_passes_unchanged', async () => {
        const client = await PusherClient.connect(daemon);
        await client.subscribe('private-encrypted-a');
        const data = '{"nonce":"4sVYwy4j\\/8dCcjyxtPCWyk19GaaViaW9","ciphertext":"fTmv+w== "}';
        await daemon.api().publish('private-encrypted-a', 'secret', data);
        const got = await client.expect('secret');
        assert.equal(got.data, data);
        assert.deepEqual(got.keys, ['event', 'data', 'channel']);
    });
});

describe('keys and secrets that are being replaced', () => {
    const app = testApp({ previous_keys: ['app-key:old-secret', 'old-key:oldest-secret'] });
    const daemon = useDaemon({ apps: [app] });

    test('r040_every_pair_of_the_app_connects_and_signs_and_no_other', async () => {
        for (const key of ['app-key', 'old-key']) {
            const client = await PusherClient.connect(daemon, { app: { ...app, key } });
            const sign = (credentials) =>
                channelAuth({ ...app, ...credentials }, client.socketId, 'private-a');
            for (const credentials of [
                {},
                { secret: 'old-secret' },
                { key: 'old-key', secret: 'oldest-secret' },
            ]) {
                client.send('pusher:subscribe', { data: { channel: 'private-a', auth: sign(credentials) } });
                await client.expect('pusher_internal:subscription_succeeded');
            }
            for (const credentials of [{ key: 'old-key' }, { secret: 'oldest-secret' }]) {
                client.send('pusher:subscribe', { data: { channel: 'private-a', auth: sign(credentials) } });
                await client.expectSubscriptionError('private-a', { type: 'AuthError', status: 401 });
            }
        }
    });
});
