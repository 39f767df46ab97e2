// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { eventually } from '../support/deadline.mjs';
import { PusherClient } from '../support/pusher_client.mjs';

describe('batch', () => {
    const apps = [testApp(), namedApp('wide', { max_batch_size: 50 })];
    const daemon = useDaemon({ apps });
    const send = (batch, app = apps[0]) => daemon.api(app).post('/batch_events', { batch });
    const item = (i, more) => ({ name: `n${i}`, channel: 'b', data: String(i), ...more });
    const items = (count) => Array.from({ length: count }, (_, i) => item(i));

    async function subscriber(channel = 'b') {
        const client = await PusherClient.connect(daemon);
        await client.subscribe(channel);
        return client;
    }

    test('r089_items_are_delivered_in_order_in_the_form_of_events', async () => {
        const client = await subscriber();
        const answer = await send(items(10));
        assert.equal(answer.status, 200);
        assert.equal(answer.body, '{"batch":[]}');
        for (let i = 0; i < 10; i += 1) {
            await client.expectText(`{"event":"n${i}","data":"${i}","channel":"b"}`);
        }
        await client.expectNothing();
    });

    test('r089_socket_id_and_info_are_per_item', async () => {
        const [client, other] = [await subscriber('mixed'), await subscriber('mixed')];
        for (const node of daemon.cluster?.nodes ?? [daemon]) {
            await eventually(async () => {
                const info = { info: 'subscription_count' };
                return (await node.api().query('/channels/mixed', info)).subscription_count === 2;
            }, 'every node counts both');
        }
        const answer = await send([
            { name: 'first', channel: 'mixed', data: '1', socket_id: client.socketId },
            { name: 'second', channel: 'mixed', data: '2', info: 'subscription_count' },
            { name: 'third', channels: ['mixed', 'elsewhere'], data: '3' },
        ]);
        assert.equal(answer.status, 200, answer.body);
        assert.equal(answer.body, '{"batch":[{},{"subscription_count":2},{}]}');
        await client.expect('second');
        await client.expect('third');
        for (const name of ['first', 'second', 'third']) await other.expect(name);
    });

    test('r089_more_items_than_allowed_are_400', async () => {
        const client = await subscriber();
        const answer = await send(items(11));
        assert.equal(answer.status, 400);
        assert.match(answer.body, /Cannot batch-send more than 10 messages at once/);
        await client.fence(daemon.api(), 'b');
        assert.equal((await send(items(50), apps[1])).status, 200);
        const wide = await send(items(51), apps[1]);
        assert.equal(wide.status, 400);
        assert.match(wide.body, /more than 50/);
    });

    test('r089_nothing_is_sent_when_an_item_is_wrong', async () => {
        const client = await subscriber();
        for (const bad of [
            { channel: 'b', data: '1' },
            item(1, { data: undefined }),
            item(1, { data: 7 }),
            item(1, { channel: undefined }),
            item(1, { socket_id: 7 }),
            item(1, { info: [] }),
        ]) {
            const answer = await send([item(0), bad]);
            assert.equal(answer.status, 422, answer.body);
            const fields = Object.keys(answer.json());
            assert.ok(fields.every((field) => field.startsWith('batch.1.')), answer.body);
        }
        for (const bad of [item(1, { channel: 'a b' }), item(1, { name: 'pusher:x' })]) {
            assert.equal((await send([item(0), bad])).status, 400);
        }
        await client.fence(daemon.api(), 'b');
    });

    test('r089_the_fields_of_an_item_are_named_by_their_place', async () => {
        const answer = await send([{ data: '1', channel: 'b' }, item(1, { data: 5 })]);
        const errors = answer.json();
        assert.deepEqual(Object.keys(errors), ['batch.0.name', 'batch.1.data']);
        assert.match(errors['batch.0.name'][0], /name field is required\.$/);
        assert.match(errors['batch.1.data'][0], /data field must be a string\.$/);
    });

    test('r089_a_missing_or_empty_batch_is_422', async () => {
        const required = { batch: ['The batch field is required.'] };
        for (const body of [{}, { batch: [] }, { batch: null }]) {
            const answer = await daemon.api().post('/batch_events', JSON.stringify(body));
            assert.equal(answer.status, 422, answer.body);
            assert.deepEqual(answer.json(), required);
        }
        for (const batch of ['x', 7, [7], ['x'], [null]]) {
            const { status } = await send(batch);
            assert.ok([400, 422].includes(status), `${JSON.stringify(batch)}: ${status}`);
        }
        assert.equal((await daemon.api().post('/batch_events', 'no json')).status, 400);
    });
});
