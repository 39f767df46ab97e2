// SPDX-License-Identifier: MIT
// The demo page (docs/demo) in a real Chromium against the real daemon: stock pusher-js and
// laravel-echo on both sides of every feature that the page shows.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { chromium } from 'playwright-core';

import { repository, start_demo_server } from './demo_server.mjs';

const deadline_ms = 15_000;
const screenshots = join(repository, 'build/screenshots');

let server;
let browser;

/** One pane of the page as its user sees it. */
class PaneView {
    constructor(page, side) {
        this.root = page.getByTestId(`pane-${side}`);
    }

    part(testid) {
        return this.root.getByTestId(testid);
    }

    async waits_for_state(state) {
        await this.root.locator(`[data-testid="state"][data-state="${state}"]`).waitFor();
    }

    async waits_for_channels() {
        for (const type of ['public', 'private', 'presence']) {
            await this.root.locator(`[data-testid="channel-${type}"][data-state="subscribed"]`).waitFor();
        }
    }

    async waits_for_member(name, state = 'visible') {
        await this.part('members').locator(`[data-name="${name}"]`).waitFor({ state });
    }

    entries(text) {
        return this.part('log-entry').filter({ hasText: text });
    }

    async received(text) {
        await this.entries(text).first().waitFor();
    }

    async broadcast(text, channel, { to_others = false } = {}) {
        await this.part('publish-message').fill(text);
        await this.part('publish-channel').selectOption(channel);
        await this.part('publish-others').setChecked(to_others);
        await this.part('publish-send').click();
    }
}

/**
 * Opens the page in a fresh browser context, waits until both clients are connected and subscribed,
 * runs `act`, and fails on anything the console or the network complained about.
 */
async function with_demo(names, act) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(deadline_ms);
    try {
        const page = await context.newPage();
        const complaints = [];
        page.on('console', (line) => {
            if (['error', 'warning'].includes(line.type())) complaints.push(line.text());
        });
        page.on('pageerror', (error) => complaints.push(String(error)));
        page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
        page.on('request', (request) => {
            if (!request.url().startsWith(`${server.url}/`) && !request.url().startsWith('data:')) {
                complaints.push(`foreign request: ${request.url()}`);
            }
        });

        await page.goto(`${server.url}/demo/?names=${names.join()}`);
        const [left, right] = [new PaneView(page, 'left'), new PaneView(page, 'right')];
        for (const pane of [left, right]) {
            await pane.waits_for_state('connected');
            await pane.waits_for_channels();
        }
        await act({ page, left, right });
        assert.deepEqual(complaints, []);
    } finally {
        await context.close();
    }
}

describe('The demo page', { timeout: 180_000 }, () => {
    before(async () => {
        await mkdir(screenshots, { recursive: true });
        server = await start_demo_server();
        browser = await chromium.launch({
            executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
            headless: true,
            args: [
                '--no-sandbox', '--disable-gpu', '--disable-background-networking',
                '--disable-component-update', '--disable-extensions', '--disable-sync', '--no-first-run',
            ],
        });
    });

    after(async () => {
        await browser?.close();
        await server?.stop();
    });

    it('connects two clients with their own socket ids and measures the round trip', async () => {
        await with_demo(['Ada', 'Lin'], async ({ left, right }) => {
            const ids = [];
            for (const pane of [left, right]) {
                ids.push(await pane.part('socket-id').innerText());
                await pane.part('ping').filter({ hasText: /^\d+(\.\d)? ms$/ }).waitFor();
            }
            for (const id of ids) assert.match(id, /^\d+\.\d+$/);
            assert.notEqual(ids[0], ids[1]);
        });
    });

    it('lists both users in both panes', async () => {
        await with_demo(['Mary', 'Kurt'], async ({ left, right }) => {
            for (const pane of [left, right]) {
                await pane.waits_for_member('Mary');
                await pane.waits_for_member('Kurt');
            }
        });
    });

    for (const channel of ['announcements', 'private-orders', 'presence-lounge']) {
        it(`delivers a broadcast on ${channel} to both panes`, async () => {
            await with_demo(['Ada', 'Lin'], async ({ left, right }) => {
                const text = `Hello on ${channel}, Grüße, 你好`;
                await left.broadcast(text, channel);
                for (const pane of [left, right]) {
                    await pane.received(text);
                    const entry = pane.entries(text);
                    assert.equal(await entry.count(), 1);
                    assert.equal(await entry.getAttribute('data-channel'), channel);
                    assert.equal(await entry.getAttribute('data-event'), 'MessagePosted');
                    assert.match(await pane.part('latency').innerText(), /^\d+(\.\d)? ms$/);
                }
            });
        });
    }

    it('delivers one broadcast on three channels three times', async () => {
        await with_demo(['Ada', 'Lin'], async ({ left, right }) => {
            await right.broadcast('Everywhere', 'announcements private-orders presence-lounge');
            for (const pane of [left, right]) await pane.entries('Everywhere').nth(2).waitFor();
        });
    });

    it('spares the sender with toOthers', async () => {
        await with_demo(['Ada', 'Lin'], async ({ left, right }) => {
            await left.broadcast('Not to Ada', 'announcements', { to_others: true });
            await right.received('Not to Ada');
            // A later event on the same channel: once it is here, the first would have been too.
            await right.broadcast('To both', 'announcements');
            await left.received('To both');
            assert.equal(await left.entries('Not to Ada').count(), 0);
        });
    });

    it('whispers to the other pane only, and shows who is typing', async () => {
        await with_demo(['Ada', 'Lin'], async ({ left, right }) => {
            await left.waits_for_member('Lin');
            await right.waits_for_member('Ada');

            await left.part('whisper-input').pressSequentially('psst');
            await right.part('typing').filter({ hasText: 'Ada is typing' }).waitFor();
            assert.equal(await left.part('typing').innerText(), '');

            await left.part('whisper-send').click();
            await right.received('psst');
            const entry = right.entries('psst');
            assert.equal(await entry.getAttribute('data-kind'), 'whisper');
            assert.match(await entry.innerText(), /from Ada/);
            await right.part('typing').filter({ hasNotText: 'typing' }).waitFor();

            await right.broadcast('To both', 'presence-lounge');
            await left.received('To both');
            assert.equal(await left.entries('psst').count(), 0);
        });
    });

    it('takes a disconnected user off the list and puts it back', async () => {
        await with_demo(['Grace', 'Alan'], async ({ left, right }) => {
            await right.waits_for_member('Grace');
            const first_socket = await left.part('socket-id').innerText();

            await left.part('connection-toggle').click();
            await left.waits_for_state('disconnected');
            await left.waits_for_member('Alan', 'detached');
            await right.waits_for_member('Grace', 'detached');
            await right.received('Grace left');
            await right.waits_for_member('Alan');

            // What is broadcast meanwhile is not delivered later.
            await right.broadcast('While away', 'announcements');
            await right.received('While away');

            await left.part('connection-toggle').click();
            await left.waits_for_state('connected');
            await left.waits_for_channels();
            await right.waits_for_member('Grace');
            await right.received('Grace joined');
            await left.waits_for_member('Alan');
            assert.notEqual(await left.part('socket-id').innerText(), first_socket);

            await right.broadcast('Welcome back', 'announcements');
            await left.received('Welcome back');
            assert.equal(await left.entries('While away').count(), 0);
        });
    });

    it('counts users, not tabs: a second page of the same users changes nobody\'s list', async () => {
        await with_demo(['Ada', 'Lin'], async ({ right }) => {
            // Lin has seen Ada join if he was the first of the two to subscribe.
            await right.waits_for_member('Ada');
            const joined_before = await right.entries('Ada joined').count();
            await with_demo(['Ada', 'Lin'], async (second) => {
                await second.left.waits_for_member('Lin');
                assert.equal(await second.left.part('member').count(), 2);
            });
            await right.broadcast('Still two', 'presence-lounge');
            await right.received('Still two');
            await right.waits_for_member('Ada');
            assert.equal(await right.part('member').count(), 2);
            assert.equal(await right.entries('Ada joined').count(), joined_before);
            assert.equal(await right.entries('Ada left').count(), 0);
        });
    });

    it('looks right in light, dark and on a phone', async () => {
        await with_demo(['Ada', 'Lin'], async ({ page, left, right }) => {
            await left.broadcast('Doors open at eight', 'announcements');
            await right.received('Doors open at eight');
            await right.broadcast('Order 1042 shipped', 'private-orders', { to_others: true });
            await left.received('Order 1042 shipped');
            await left.part('whisper-input').fill('Did you see that?');
            await left.part('whisper-send').click();
            await right.received('Did you see that?');
            await right.part('whisper-input').pressSequentially('Yes');
            await left.part('typing').filter({ hasText: 'Lin is typing' }).waitFor();

            for (const colorScheme of ['light', 'dark']) {
                await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
                await page.screenshot({
                    path: join(screenshots, `demo-${colorScheme}.png`), fullPage: true,
                });
            }

            await page.emulateMedia({ colorScheme: 'light' });
            await page.setViewportSize({ width: 380, height: 800 });
            const overflow = await page.evaluate(
                () => document.documentElement.scrollWidth - document.documentElement.clientWidth);
            assert.equal(overflow, 0, 'the page scrolls sideways on a phone');
            // Chromium paints the part that the narrower layout added only after a frame or two.
            await page.evaluate(
                () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
            await page.screenshot({ path: join(screenshots, 'demo-phone.png'), fullPage: true });
        });
    });
});
