// SPDX-License-Identifier: MIT
// The dispatcher of webhooks with real receivers, good and bad, through tests/webhooks/webhook_driver.cpp.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { cleanEnvironment, testApp } from '../support/daemon.mjs';
import { DEADLINE, eventually, within } from '../support/deadline.mjs';
import { SelfSigned } from '../support/self_signed.mjs';
import { behaviours, WebhookReceiver } from '../support/webhook_receiver.mjs';

const DRIVER = process.env.FANFARE_WEBHOOK_DRIVER;
const FOREVER = 30_000;

/// The dispatcher with an app of these settings.
class Driver {
    output = '';
    #child;
    #file;

    constructor(settings) {
        this.folder = mkdtempSync(path.join(os.tmpdir(), 'fanfare-webhooks-'));
        this.#file = path.join(this.folder, 'fanfare.json');
        this.#write(settings);
        this.#child = spawn(DRIVER, [this.#file], { env: cleanEnvironment() });
        for (const stream of [this.#child.stdout, this.#child.stderr]) {
            stream.setEncoding('utf8').on('data', (text) => (this.output += text));
        }
        this.exit = new Promise((resolve) => this.#child.once('close', resolve));
    }

    #write(settings) {
        const app = testApp({ webhook_batch_window_ms: 0, ...settings });
        writeFileSync(this.#file, JSON.stringify({ apps: [app] }));
    }

    tell(...words) {
        this.#child.stdin.write(`${words.join(' ')}\n`);
    }

    occupied(channel, timeMs = 1) {
        this.tell('occupied', 'app', timeMs, channel);
    }

    configure(settings) {
        this.#write(settings);
        this.tell('configure');
    }

    async counters() {
        const before = this.output.length;
        this.tell('counters');
        const found = () => /^counters (.*)$/m.exec(this.output.slice(before));
        const [, text] = await eventually(found, 'the counters');
        return Object.fromEntries(text.split(' ').map((pair) => pair.split('=')));
    }

    logged(pattern) {
        return eventually(() => pattern.exec(this.output), `${pattern} in\n${this.output}`);
    }

    /// The whole log. A second time it does nothing.
    async stop(patience = 0) {
        if (this.#child.exitCode !== null) return this.output;
        this.tell('stop', patience);
        const code = await within(this.exit, `the end of the driver\n${this.output}`, FOREVER);
        rmSync(this.folder, { recursive: true, force: true });
        assert.equal(code, 0, this.output);
        assert.doesNotMatch(this.output, /Sanitizer|runtime error:/);
        return this.output;
    }
}

describe('webhooks', () => {
    const cleanup = [];
    let certificate;

    before(() => {
        certificate = new SelfSigned();
    });
    after(() => certificate.remove());
    afterEach(async () => {
        for (const clean of cleanup.splice(0).reverse()) await clean();
    });

    async function receiver(options) {
        const made = await new WebhookReceiver(testApp(), options).start();
        cleanup.push(() => made.close());
        return made;
    }

    function driver(settings) {
        const made = new Driver(settings);
        cleanup.push(() => made.stop());
        return made;
    }

    test('r100_the_sdk_accepts_a_request_and_its_headers_are_spelt_like_pushers', async () => {
        const hook = await receiver();
        const headers = { Authorization: 'Bearer t', 'X-Empty': '' };
        const webhooks = driver({ webhooks: [{ url: hook.url, headers }] });
        webhooks.tell('whisper', 'app', 1327078148132, 'private-ä', '{"a": 1}');
        const [request] = await hook.received(1);
        assert.ok(request.isValid);
        assert.equal(
            request.rawBody,
            '{"time_ms":1327078148132,"events":[{"name":"client_event","channel":"private-ä",' +
                '"event":"client-e","data":"{\\"a\\": 1}","socket_id":"1.2"}]}',
        );
        const named = (name) => request.rawHeaders[request.rawHeaders.indexOf(name) + 1];
        assert.equal(named('Content-Type'), 'application/json');
        assert.equal(named('X-Pusher-Key'), testApp().key);
        assert.match(named('X-Pusher-Signature'), /^[0-9a-f]{64}$/);
        assert.equal(named('User-Agent'), 'Fanfare-Webhook/1');
        assert.equal(named('Authorization'), 'Bearer t');
        assert.equal(request.headers['x-empty'], '');
        assert.equal(request.headers.expect, undefined);
    });

    test('r104_a_burst_is_a_few_requests_over_one_connection', async () => {
        const hook = await receiver();
        const webhooks = driver({
            webhooks: [hook.url],
            webhook_batch_size: 50,
            webhook_batch_window_ms: 60_000,
        });
        for (let i = 0; i < 150; ++i) webhooks.occupied(`c${i}`, i);
        const requests = await hook.received(3);
        assert.deepEqual(
            hook.events.map(({ channel }) => channel),
            Array.from({ length: 150 }, (_, i) => `c${i}`),
        );
        assert.deepEqual(requests.map(({ timeMs }) => timeMs), [0, 50, 100]);
        assert.equal(new Set(requests.map(({ socket }) => socket)).size, 1);
    });

    test('r103_failures_are_tried_again_with_growing_pauses_and_later_events_wait', async () => {
        const hook = await receiver();
        hook.answerNext(behaviours.close, behaviours.status(503), behaviours.ok);
        const webhooks = driver({ webhooks: [hook.url] });
        const start = Date.now();
        webhooks.occupied('a', 7);
        await hook.received(1);
        webhooks.occupied('b', 8);
        const requests = await hook.received(4, 2 * DEADLINE);
        assert.ok(Date.now() - start >= 3000);
        assert.deepEqual(
            requests.map(({ timeMs, events }) => [timeMs, events[0].channel]),
            [[7, 'a'], [7, 'a'], [7, 'a'], [8, 'b']],
        );
        assert.equal(requests[0].rawBody, requests[2].rawBody);
        await eventually(async () => (await webhooks.counters()).delivered === '2', 'delivery');
        assert.equal((await webhooks.counters()).failed_attempts, '2');
    });

    test('r103_a_receiver_that_hangs_fails_after_the_timeout_and_slows_no_other', async () => {
        const [hanging, quick] = [await receiver(), await receiver()];
        hanging.answer(behaviours.hang);
        const webhooks = driver({ webhooks: [hanging.url, quick.url], webhook_timeout: 2 });
        webhooks.occupied('a');
        await hanging.received(1);
        webhooks.occupied('b');
        await eventually(() => quick.events.length === 2, 'both events');
        assert.equal(hanging.requests.length, 1);
        await webhooks.logged(/webhook failed .* reason="Operation timed out/);
        hanging.answer(behaviours.ok);
        await eventually(() => hanging.events.at(-1).channel === 'b', 'the waiting event');
        assert.equal(hanging.requests[1].rawBody, hanging.requests[0].rawBody);
    });

    test('r103_a_redirect_is_a_failure_and_is_not_followed', async () => {
        const [hook, elsewhere] = [await receiver(), await receiver()];
        hook.answer(behaviours.redirect(elsewhere.url));
        const webhooks = driver({ webhooks: [hook.url] });
        webhooks.occupied('a');
        await webhooks.logged(/webhook failed .* reason=status=307/);
        assert.equal(elsewhere.requests.length, 0);
    });

    test('r103_410_is_a_dead_letter_whose_line_has_no_secret_and_no_payload', async () => {
        const hook = await receiver();
        hook.answer(behaviours.status(410));
        const url = new URL(hook.url);
        const webhooks = driver({ webhooks: [`http://user:pw@${url.host}/hook?token=t`] });
        webhooks.tell('whisper', 'app', 1, 'private-a', '"secret payload"');
        await webhooks.logged(
            new RegExp(
                `^warning webhook given up app=app url=http://${url.host}/hook events=1 ` +
                    'first_channel=private-a reason=status=410$',
                'm',
            ),
        );
        assert.equal(hook.requests[0].path, '/hook?token=t');
        assert.equal(hook.requests[0].headers.authorization, `Basic ${btoa('user:pw')}`);
        assert.equal((await webhooks.counters()).dead_letters, '1');
        assert.doesNotMatch(await webhooks.stop(), /pw|token|payload/);
        assert.equal(hook.requests.length, 1);
    });

    test('r103_nobody_listening_is_a_failure_like_any_other', async () => {
        const hook = await receiver();
        const { url } = hook;
        hook.close();
        const webhooks = driver({ webhooks: [url] });
        webhooks.occupied('a');
        await webhooks.logged(/webhook failed .* reason="Failed to connect/);
    });

    test('https_with_a_trusted_certificate', async () => {
        const hook = await receiver({ certificate });
        const webhooks = driver({
            webhooks: [hook.url],
            webhook_tls_ca_file: certificate.file,
        });
        webhooks.occupied('a');
        const [request] = await hook.received(1);
        assert.ok(request.isValid);
    });

    test('https_with_an_unknown_certificate_sends_nothing_unless_told_to', async () => {
        const hook = await receiver({ certificate });
        const strict = driver({ webhooks: [hook.url] });
        strict.occupied('a');
        await strict.logged(/webhook failed .* reason="SSL certificate problem/);
        assert.equal(hook.requests.length, 0);
        const lax = driver({ webhooks: [hook.url], webhook_tls_verify: false });
        lax.occupied('b');
        const [request] = await hook.received(1);
        assert.equal(request.events[0].channel, 'b');
    });

    test('without_batching_each_event_is_a_request_and_each_channel_keeps_its_order', async () => {
        const hook = await receiver();
        const webhooks = driver({ webhooks: [hook.url], webhook_batching: false });
        for (let i = 0; i < 60; ++i) webhooks.occupied(`c${i % 6}`, i);
        const requests = await hook.received(60);
        assert.ok(requests.every(({ events, isValid }) => events.length === 1 && isValid));
        for (let channel = 0; channel < 6; ++channel) {
            const times = requests
                .filter(({ events }) => events[0].channel === `c${channel}`)
                .map(({ timeMs }) => timeMs);
            assert.deepEqual(times, Array.from({ length: 10 }, (_, i) => channel + 6 * i));
        }
    });

    test('a_stop_delivers_at_once_what_waits', async () => {
        const hook = await receiver();
        const webhooks = driver({ webhooks: [hook.url], webhook_batch_window_ms: 60_000 });
        webhooks.occupied('a');
        const log = await webhooks.stop(FOREVER);
        assert.equal(hook.events[0].channel, 'a');
        assert.match(log, /delivered=1 .* dropped=0 queued=0/);
    });

    test('a_stop_ends_with_its_patience_and_says_what_is_lost', async () => {
        const hook = await receiver();
        hook.answer(behaviours.hang);
        const webhooks = driver({ webhooks: [hook.url], webhook_timeout: 300 });
        webhooks.occupied('a');
        await hook.received(1);
        webhooks.occupied('b');
        const log = await webhooks.stop(300);
        assert.match(log, /warning webhooks lost at the end events=2/);
        assert.match(log, /dropped=2 queued=0/);
    });

    test('a_webhook_that_is_taken_away_gets_what_waits_and_the_new_one_the_next_event', async () => {
        const [first, second] = [await receiver(), await receiver()];
        const webhooks = driver({ webhooks: [first.url], webhook_batch_window_ms: 60_000 });
        await webhooks.counters(); // it has read its settings
        webhooks.occupied('a');
        webhooks.configure({ webhooks: [second.url] });
        webhooks.occupied('b');
        await Promise.all([first.received(1), second.received(1)]);
        assert.deepEqual(first.events.map(({ channel }) => channel), ['a']);
        assert.deepEqual(second.events.map(({ channel }) => channel), ['b']);
    });
});
