// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { encodeFrame } from '../support/frames.mjs';
import { appPath, expectRefused, PusherClient } from '../support/pusher_client.mjs';
import { eventually } from '../support/deadline.mjs';

describe('origins', () => {
    const apps = [
        testApp(),
        namedApp('exact', { allowed_origins: ['laravel.com', 'Other.Test'] }),
        namedApp('wild', { allowed_origins: ['*.example.com'] }),
        namedApp('full', { allowed_origins: ['https://strict.test', 'ported.test:8443'] }),
        namedApp('mixed', { allowed_origins: ['laravel.com', '*'] }),
    ];
    const [, exact, wild, full, mixed] = apps;
    const daemon = useDaemon({ apps });

    const accepted = (app, origin) =>
        PusherClient.connect(daemon, { app, headers: { Origin: origin } });
    const refused = (app, origin) =>
        expectRefused(daemon, appPath(app), 4009, 'Origin not allowed', {
            headers: { Origin: origin },
        });

    test('r008_a_refused_origin_gets_4009_and_nothing_it_sent_is_handled', async () => {
        await PusherClient.connect(daemon, {
            app: exact,
            headers: { Origin: 'https://laravel.com' },
        });
        const early = Buffer.concat([
            encodeFrame({ payload: '{"event":"pusher:subscribe","data":{"channel":"taken"}}' }),
            encodeFrame({ payload: '{"event":"pusher:ping"}' }),
        ]);
        await expectRefused(daemon, appPath(exact), 4009, 'Origin not allowed', {
            headers: { Origin: 'https://evil.test' },
            early,
        });
        const api = daemon.api(exact);
        assert.deepEqual(await api.query('/channels/taken'), { occupied: false });
        await eventually(async () => (await api.connections()) === 1, 'only the watcher is counted');
    });

    test('r009_exact_host_any_case_scheme_and_port', async () => {
        for (const origin of [
            'http://laravel.com',
            'https://laravel.com',
            'https://laravel.com:8443',
            'http://LARAVEL.com',
            'https://other.test',
        ]) {
            await accepted(exact, origin);
        }
        for (const origin of [
            'https://www.laravel.com',
            'https://laravel.com.evil.test',
            'https://evillaravel.com',
            'https://evil.test/laravel.com',
            'https://laravel.com@evil.test',
        ]) {
            await refused(exact, origin);
        }
    });

    test('r009_a_star_matches_any_run_of_characters', async () => {
        await accepted(wild, 'https://a.example.com');
        await accepted(wild, 'https://a.b.example.com:3000');
        await refused(wild, 'https://example.com');
        await refused(wild, 'https://a.example.com.evil.test');
        await refused(wild, 'https://axexample.com');
    });

    test('r009_a_pattern_with_scheme_or_port_checks_it', async () => {
        await accepted(full, 'https://strict.test');
        await refused(full, 'http://strict.test');
        await accepted(full, 'https://ported.test:8443');
        await refused(full, 'https://ported.test:9000');
    });

    test('r009_missing_null_and_schemeless_origins_are_refused', async () => {
        await refused(exact, undefined);
        await refused(exact, 'null');
        await refused(exact, 'laravel.com');
        await refused(exact, '');
    });

    test('r009_a_lone_star_allows_all', async () => {
        for (const app of [apps[0], mixed]) {
            for (const origin of [undefined, 'null', 'laravel.com', 'https://anything.test']) {
                await accepted(app, origin);
            }
        }
    });
});
