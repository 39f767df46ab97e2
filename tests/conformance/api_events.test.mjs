// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { inWaves } from '../support/deadline.mjs';
import { PusherClient } from '../support/pusher_client.mjs';

describe('events', () => {
    const apps = [testApp(), namedApp('free', { allow_reserved_event_names: true })];
    const daemon = useDaemon({ apps, server: { max_request_size: 50_000 } });
    const api = () => daemon.api();
    const connect = () => PusherClient.connect(daemon);

    async function subscriber(...channels) {
        const client = await connect();
        for (const channel of channels) await client.subscribe(channel);
        return client;
    }

    test('r084_an_event_is_delivered_in_the_documented_form', async () => {
        const client = await subscriber('orders', 'private-orders');
        const answer = await api().post('/events', { name: 'Shipped', data: '{"id":1}', channel: 'orders' });
        assert.equal(answer.status, 200);
        assert.equal(answer.body, '{}');
        assert.equal(answer.headers['content-type'], 'application/json');
        assert.equal(answer.headers['content-length'], '2');
        assert.equal(answer.headers['cache-control'], 'no-cache, private');
        assert.ok(Number.isFinite(Date.parse(answer.headers.date)));
        await client.expectText('{"event":"Shipped","data":"{\\"id\\":1}","channel":"orders"}');
    });

    test('r084_one_publish_reaches_up_to_100_channels', async () => {
        const names = Array.from({ length: 100 }, (_, i) => `many-${i}`);
        const client = await subscriber(...names);
        assert.deepEqual(await api().publish(names, 'e', 'd'), {});
        const channels = (await client.take(100)).map((got) => got.channel);
        assert.deepEqual([...channels].sort(), [...names].sort());
        await client.expectNothing();

        for (const count of [101, 500]) {
            const tooMany = Array.from({ length: count }, (_, i) => `many-${i}`);
            const refused = await api().post('/events', { name: 'e', data: 'd', channels: tooMany });
            assert.equal(refused.status, 400, refused.body);
        }
        await client.expectNothing();
    });

    test('r084_frames_of_one_publish_come_in_the_order_of_its_list', async () => {
        const names = ['list-c', 'list-a', 'list-d', 'list-b', 'list-e'];
        const client = await subscriber(...[...names].sort());
        for (let round = 0; round < 20; round += 1) {
            await api().publish(names, 'e', String(round));
            assert.deepEqual((await client.take(5)).map((got) => got.channel), names);
        }
    });

    test('r084_a_channel_listed_twice_gets_the_event_once', async () => {
        const client = await subscriber('double');
        await api().publish(['double', 'other', 'double'], 'once', 'd');
        await client.expect('once');
        await client.fence(api(), 'double');
    });

    test('r084_channels_wins_over_channel', async () => {
        const client = await subscriber('listed', 'single');
        const event = { name: 'e', data: 'd', channels: ['listed'], channel: 'single' };
        assert.equal((await api().post('/events', event)).status, 200);
        await client.expect('e', (got) => got.channel === 'listed');
        await client.fence(api(), 'single');
    });

    test('r084_events_of_one_connection_keep_their_order', async () => {
        const clients = await inWaves(6, 6, () => subscriber('ordered'));
        for (let i = 0; i < 100; i += 1) await api().publish('ordered', 'n', String(i));
        for (const client of clients) {
            for (let i = 0; i < 100; i += 1) await client.expect('n', (got) => got.data === String(i));
        }
    });

    test('r085_data_arrives_byte_for_byte', async () => {
        const client = await subscriber('bytes');
        for (const data of [
            '{"a":1}',
            ' {"a" : 1 } \n',
            '  ',
            'plain text, no JSON',
            '/slash \\/ "quotes" \\ back\\\\slash',
            'unicode é 日本 😀 \u2028\u2029 \ufeff \ufffd',
            'control \u0000\u0001\b\f\n\r\t\u001f\u007f',
            '<script>&\'"</script>',
            '0',
            'null',
            '[]',
            'x'.repeat(40_000),
        ]) {
            await api().publish('bytes', 'e', data);
            const got = await client.expect('e');
            assert.equal(got.data, data);
            assert.deepEqual(got.keys, ['event', 'data', 'channel']);
        }
        // The same character written differently in the request is the same string.
        const escaped = '{"name":"\\u0065","channel":"bytes","data":"\\u00e9\\/\\ud83d\\ude00"}';
        assert.equal((await api().post('/events', escaped)).status, 200);
        assert.equal((await client.expect('e')).data, 'é/😀');
    });

    test('r085_event_names_pass_unchanged', async () => {
        const client = await subscriber('names');
        for (const name of ['App\\Events\\X', '.dot', 'ünï', 'a b', 'client-from-server', '"', 'x'.repeat(200)]) {
            await api().publish('names', name, '1');
            await client.expect(name);
        }
    });

    test('r085_invalid_utf8_reaches_nobody', async () => {
        const client = await subscriber('utf8');
        for (const bad of ['c0af', 'eda080', 'ff']) {
            const body = Buffer.concat([
                Buffer.from('{"name":"e","channel":"utf8","data":"'),
                Buffer.from(bad, 'hex'),
                Buffer.from('"}'),
            ]);
            const answer = await api().post('/events', body);
            assert.equal(answer.status, 400, answer.body);
        }
        await client.fence(api(), 'utf8');
    });

    test('r086_socket_id_is_excluded_and_nobody_else', async () => {
        const clients = await inWaves(6, 6, () => subscriber('others'));
        for (const sender of clients.slice(0, 3)) {
            await api().publish('others', 'e', '1', { socket_id: sender.socketId });
            await sender.fence(api(), 'others');
            for (const client of clients) {
                if (client === sender) continue;
                await client.expect('e');
            }
        }
    });

    test('r086_an_unknown_or_malformed_socket_id_excludes_nobody', async () => {
        const client = await subscriber('unknown');
        for (const id of ['1.1', '999999999.1', 'abc', '', '1', '1.2.3']) {
            await api().publish('unknown', 'e', '1', { socket_id: id });
            await client.expect('e');
        }
    });

    test('r087_info_answers_for_each_kind_of_channel', async () => {
        await subscriber('info-public', 'private-info');
        await subscriber('info-public');
        for (const id of ['1', '1', '2']) await (await connect()).join('presence-info', id);
        const names = ['info-public', 'private-info', 'presence-info', 'info-empty', 'presence-empty'];
        const info = 'user_count,subscription_count,occupied,nonsense';
        const answer = await api().post('/events', { name: 'e', data: '1', channels: names, info });
        assert.equal(answer.status, 200);
        assert.deepEqual(answer.json(), {
            channels: {
                'info-public': { occupied: true, subscription_count: 2 },
                'private-info': { occupied: true, subscription_count: 1 },
                'presence-info': { occupied: true, user_count: 2 },
                'info-empty': { occupied: false },
                'presence-empty': { occupied: false },
            },
        });
        const one = await api().publish('info-public', 'e', '1', { info: 'subscription_count' });
        assert.deepEqual(one, { channels: { 'info-public': { subscription_count: 2 } } });
        const none = await api().publish('info-public', 'e', '1', { info: 'user_count' });
        assert.deepEqual(none, { channels: { 'info-public': {} } });
        assert.match(answer.body, /"occupied":true,"subscription_count":2/);
    });

    const noName = { name: ['The name field is required.'] };
    const noData = { data: ['The data field is required.'] };
    const noChannel = {
        channels: ['The channels field is required when channel is not present.'],
        channel: ['The channel field is required when channels is not present.'],
    };
    const good = { name: 'e', data: 'd', channel: 'c' };
    const without = (key) => Object.fromEntries(Object.entries(good).filter(([name]) => name !== key));

    test('r088_each_validation_error_is_422_with_reverbs_field_map', async () => {
        const text = (field) => ({ [field]: [`The ${field.replace('_', ' ')} field must be a string.`] });
        for (const [body, expected] of [
            [without('name'), noName],
            [{ ...good, name: null }, noName],
            [{ ...good, name: '' }, noName],
            [{ ...good, name: '  ' }, noName],
            [{ ...good, name: 7 }, text('name')],
            [{ ...good, name: ['e'] }, text('name')],
            [without('data'), noData],
            [{ ...good, data: null }, noData],
            [{ ...good, data: '' }, noData],
            [{ ...good, data: { a: 1 } }, text('data')],
            [{ ...good, data: 7 }, text('data')],
            [{ ...good, data: true }, text('data')],
            [without('channel'), noChannel],
            [{ ...without('channel'), channels: 'c' }, { channels: ['The channels field must be an array.'] }],
            [{ ...good, channel: 7 }, text('channel')],
            [{ ...good, socket_id: null }, text('socket_id')],
            [{ ...good, socket_id: 1.2 }, text('socket_id')],
            [{ ...good, info: 7 }, text('info')],
            [{ ...good, info: ['user_count'] }, text('info')],
            [{}, { ...noName, ...noData, ...noChannel }],
        ]) {
            const answer = await api().post('/events', JSON.stringify(body));
            assert.equal(answer.status, 422, `${JSON.stringify(body)}: ${answer.body}`);
            assert.equal(answer.headers['content-type'], 'application/json');
            assert.deepEqual(answer.json(), expected);
            assert.deepEqual(Object.keys(answer.json()), Object.keys(expected));
        }
    });

    test('r088_channel_entries_must_be_strings', async () => {
        for (const channels of [[7], ['ok', null], [['a']], []]) {
            const answer = await api().post('/events', { name: 'e', data: 'd', channels });
            assert.ok([400, 422].includes(answer.status), `${JSON.stringify(channels)}: ${answer.status}`);
        }
    });

    test('r088_a_body_that_is_no_json_object_is_400', async () => {
        for (const body of ['x', '{', '[]', '"e"', 'null', '7', '{"name":"e",}', `${JSON.stringify(good)}x`, '']) {
            const answer = await api().post('/events', body);
            assert.equal(answer.status, 400, `${body}: ${answer.body}`);
            assert.doesNotMatch(answer.body, /[<\n]/);
        }
        const deep = `{"name":"e","data":"d","channel":"c","x":${'['.repeat(5000)}${']'.repeat(5000)}}`;
        assert.equal((await api().post('/events', deep)).status, 400);
    });

    test('r088_limits_and_bad_names_are_400', async () => {
        for (const change of [
            { name: 'x'.repeat(201) },
            { channel: '' },
            { channel: 'a b' },
            { channel: 'x'.repeat(201) },
            { channel: 'größe' },
            { name: 'pusher:ping' },
            { name: 'pusher_internal:member_added' },
        ]) {
            const answer = await api().post('/events', { ...good, ...change });
            const isEmpty = change.channel === '';
            assert.ok(answer.status === 400 || (isEmpty && answer.status === 422), `${JSON.stringify(change)}: ${answer.status} ${answer.body}`);
        }
        const answer = await daemon.api(apps[1]).post('/events', { ...good, name: 'pusher:x' });
        assert.equal(answer.status, 200, answer.body);
    });

    test('r088_old_events_in_the_query_are_not_supported', async () => {
        const params = { name: 'e', channel: 'c' };
        assert.equal((await api().post('/events', 'raw data', { params })).status, 400);
    });
});
