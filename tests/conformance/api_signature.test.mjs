// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { eventually } from '../support/deadline.mjs';
import { fetchRaw } from '../support/http.mjs';
import { expectCounted, metricsAnywhere } from '../support/metrics.mjs';
import { encodeQuery, hmac, md5, signedParams, stringToSign, unixTime } from '../support/sign.mjs';

const event = '{"name":"foo","channels":["project-3"],"data":"{\\"some\\":\\"data\\"}"}';
const vectorApp = testApp({
    app_id: '3',
    key: '278d425bdf160c739803',
    secret: '7ad3773142a6692b25b8',
});
const vectorPost = {
    auth_key: vectorApp.key,
    auth_timestamp: '1353088179',
    auth_version: '1.0',
    body_md5: 'ec365a775a4cd0599faeb73354201b6f',
};
const vectorPostSignature = 'da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c';

/// Sends a POST of events with these query parameters.
const post = (daemon, params, { path = '/apps/3/events', body = event, method = 'POST' } = {}) =>
    fetchRaw(daemon, { method, target: `${path}?${encodeQuery(params)}`, body });

async function expect401(response, cause) {
    const answer = await response;
    assert.equal(answer.status, 401, answer.body);
    assert.match(answer.body, /^Authentication signature invalid\./);
    assert.ok(!answer.body.trim().includes('\n'), 'one line');
    assert.doesNotMatch(answer.body, /[0-9a-f]{64}/, 'the expected signature is printed');
    if (cause) assert.match(answer.body, cause);
}

async function expect200(response, what = '') {
    const answer = await response;
    assert.equal(answer.status, 200, `${what} ${answer.body}`);
}

describe('request signatures, any time', () => {
    const daemon = useDaemon({ apps: [vectorApp], server: { auth_timestamp_tolerance: 0 } });
    const sign = (params, method = 'POST', path = '/apps/3/events') =>
        hmac(vectorApp.secret, stringToSign(method, path, params));

    test('r080_the_published_vectors_are_accepted', async () => {
        assert.equal(md5(event), vectorPost.body_md5);
        assert.equal(sign(vectorPost), vectorPostSignature);
        await expect200(post(daemon, { ...vectorPost, auth_signature: vectorPostSignature }));
        const get = {
            auth_key: vectorApp.key,
            auth_timestamp: '1353088179',
            auth_version: '1.0',
            filter_by_prefix: 'presence-',
            info: 'user_count',
            auth_signature: '16819168891cb5dfd72b5c7a5d3d602605b26c6ba1930033b5e2eeeb65010291',
        };
        await expect200(fetchRaw(daemon, { target: `/apps/3/channels?${encodeQuery(get)}` }));
    });

    test('r080_every_single_change_is_refused', async () => {
        const good = { ...vectorPost, auth_signature: vectorPostSignature };
        const changes = [
            { auth_timestamp: '1353088180' },
            { auth_key: 'other' },
            { auth_version: '1.1' },
            { auth_version: '2.0' },
            { body_md5: 'ec365a775a4cd0599faeb73354201b6e' },
            { extra: 'parameter' },
            { auth_signature: vectorPostSignature.replace('d', 'e') },
            { auth_signature: vectorPostSignature.toUpperCase() },
            { auth_signature: vectorPostSignature.slice(1) },
            { auth_signature: '' },
            { auth_key: '' },
        ];
        for (const change of changes) await expect401(post(daemon, { ...good, ...change }));
        for (const name of ['auth_key', 'auth_timestamp', 'auth_version', 'auth_signature']) {
            const { [name]: _, ...rest } = good;
            await expect401(post(daemon, rest));
        }
        await expect401(post(daemon, good, { body: event.replace('foo', 'fop') }), /body_md5/);
        await expect401(post(daemon, good, { path: '/apps/3/batch_events' }));
        const otherSecret = hmac(`${vectorApp.secret}x`, stringToSign('POST', '/apps/3/events', vectorPost));
        await expect401(post(daemon, { ...vectorPost, auth_signature: otherSecret }), /mismatch/i);
        await expect401(post(daemon, { ...vectorPost, auth_signature: sign(vectorPost, 'GET') }));
        const unsigned = await fetchRaw(daemon, { target: '/apps/3/channels' });
        assert.equal(unsigned.status, 401);
    });

    test('r080_the_order_of_the_parameters_does_not_matter', async () => {
        const reversed = { auth_signature: vectorPostSignature };
        for (const [key, value] of Object.entries(vectorPost).reverse()) reversed[key] = value;
        await expect200(post(daemon, reversed));
    });

    test('r081_tolerance_0_accepts_all_times', async () => {
        for (const time of ['1', '1353088179', '4102444800']) {
            const params = { ...vectorPost, auth_timestamp: time };
            await expect200(post(daemon, { ...params, auth_signature: sign(params) }));
        }
    });

    test('r083_the_body_is_never_unsigned', async () => {
        const { body_md5: digest, ...withoutDigest } = vectorPost;
        // Signed over it but not sent: Reverb's behaviour.
        await expect200(post(daemon, { ...withoutDigest, auth_signature: sign(vectorPost) }));
        await expect401(post(daemon, { ...withoutDigest, auth_signature: sign(withoutDigest) }));
        await expect401(post(daemon, { ...vectorPost, auth_signature: sign(withoutDigest) }));
        const wrong = { ...vectorPost, body_md5: digest.toUpperCase() };
        await expect401(post(daemon, { ...wrong, auth_signature: sign(wrong) }));
    });

    test('r083_an_empty_body_may_be_signed_with_and_without_its_digest', async () => {
        const path = '/apps/3/channels';
        const bare = { auth_key: vectorApp.key, auth_timestamp: '1', auth_version: '1.0' };
        const empty = { ...bare, body_md5: md5('') };
        for (const [sent, signed] of [[bare, bare], [empty, empty], [empty, bare]]) {
            const params = { ...sent, auth_signature: sign(signed, 'GET', path) };
            await expect200(fetchRaw(daemon, { target: `${path}?${encodeQuery(params)}` }));
        }
    });

    test('r083_array_parameters_are_joined_and_keys_lower_cased', async () => {
        const path = '/apps/3/channels';
        const bare = { auth_key: vectorApp.key, auth_timestamp: '1', auth_version: '1.0' };
        const get = (signed, query) =>
            fetchRaw(daemon, {
                target: `${path}?${query}&auth_signature=${sign(signed, 'GET', path)}`,
            });
        const joined = { ...bare, info: 'subscription_count,user_count' };
        for (const list of [
            'info[]=subscription_count&info[]=user_count',
            'info%5B%5D=subscription_count&info%5B%5D=user_count',
            'info%5B0%5D=subscription_count&info%5B1%5D=user_count', // http_build_query of PHP
        ]) {
            await expect200(get(joined, `${encodeQuery(bare)}&${list}`), list);
        }
        const upper = 'AUTH_KEY=278d425bdf160c739803&Auth_Timestamp=1&auth_VERSION=1.0';
        await expect200(get(bare, upper));
    });
});

describe('request signatures', () => {
    const apps = [testApp(), namedApp('other'), namedApp('off', { enabled: false })];
    const daemon = useDaemon({ apps });
    const [app, other] = apps;

    const timed = (offset) =>
        daemon.api().get('/channels', { auth_timestamp: String(unixTime() + offset) });

    test('r081_600_seconds_either_way_are_accepted_and_601_refused', async () => {
        for (const offset of [0, -598, 600]) await expect200(timed(offset));
        for (const offset of [-601, 603, -100000, 100000]) await expect401(timed(offset), /Timestamp/);
        const text = (await timed(-743)).body;
        assert.match(text, /74[345] s old/);
        assert.match(text, new RegExp(String(unixTime()).slice(0, 7)), 'the server time is shown');
        for (const value of ['', 'abc', '1e9', '-1', '99999999999999999999']) {
            await expect401(daemon.api().get('/channels', { auth_timestamp: value }));
        }
    });

    test('r080_the_key_of_another_app_is_refused', async () => {
        const path = `/apps/${app.app_id}/channels`;
        const params = signedParams(other, { method: 'GET', path });
        await expect401(fetchRaw(daemon, { target: `${path}?${encodeQuery(params)}` }));
    });

    test('r082_encoded_and_decoded_paths_and_values_are_accepted', async () => {
        const decoded = '/apps/app/users/a b/terminate_connections';
        const encoded = '/apps/app/users/a%20b/terminate_connections';
        for (const signedPath of [decoded, encoded]) {
            const params = signedParams(app, { method: 'POST', path: signedPath, body: '{}' });
            const answer = await post(daemon, params, { path: encoded, body: '{}' });
            assert.equal(answer.status, 200, `${signedPath}: ${answer.body}`);
        }
        const path = '/apps/app/channels';
        const params = signedParams(app, { method: 'GET', path, extra: { filter_by_prefix: 'a b,c=d' } });
        const query = encodeQuery(params);
        for (const form of [query, query.replaceAll('%20', '+'), query.replaceAll('%2C', ',')]) {
            await expect200(fetchRaw(daemon, { target: `${path}?${form}` }));
        }
    });

    test('r094_an_unknown_app_is_404_before_any_signature_check', async () => {
        const answer = await fetchRaw(daemon, { method: 'POST', target: '/apps/nobody/events', body: '{}' });
        assert.equal(answer.status, 404);
        assert.equal(answer.body, 'No matching application for ID [nobody].');
    });

    test('r094_a_disabled_app_is_403', async () => {
        const answer = await daemon.api(apps[2]).get('/channels');
        assert.equal(answer.status, 403);
    });
});

describe('causes of a refused signature', () => {
    const daemon = useDaemon({ apps: [vectorApp], server: { debug: true, ...metricsAnywhere } });
    const path = '/apps/3/events';

    /// Sends a signed event with `extra` in its query, then without `missing`.
    const send = (extra, missing, body = event) => {
        const { [missing]: _, ...params } = signedParams(vectorApp, { method: 'POST', path, body, extra });
        return post(daemon, { ...params, ...(extra.auth_signature && extra) });
    };
    const old = () => String(unixTime() - 743);

    for (const [cause, text, request] of [
        ['unknown_key', /auth_key is not a key of this app\.$/, () => send({ auth_key: 'other' })],
        ['unknown_key', /auth_key is missing\.$/, () => send({}, 'auth_key')],
        ['auth_version', /auth_version must be 1\.0\.$/, () => send({ auth_version: '1.1' })],
        ['timestamp_missing', /auth_timestamp is missing\.$/, () => send({}, 'auth_timestamp')],
        ['timestamp_malformed', /auth_timestamp must be a time in whole seconds\.$/, () =>
            send({ auth_timestamp: 'now' })],
        ['clock_skew', /Timestamp is 74\d s old \(auth_timestamp \d+, server time \d+, tolerance 600 s\)\.$/, () =>
            send({ auth_timestamp: old() })],
        ['body_md5_mismatch', /body_md5 does not match the body\.$/, () => send({ body_md5: md5('') })],
        ['body_md5_missing', /body_md5 is missing, and .+\.$/, () =>
            send({ auth_signature: '0'.repeat(64) }, 'body_md5')],
        ['signature_missing', /auth_signature is missing\.$/, () => send({}, 'auth_signature')],
        ['signature_mismatch', /Signature mismatch\.$/, () => send({ auth_signature: '0'.repeat(64) })],
    ]) {
        test(`r080_the_refusal_says_${cause}_and_is_counted`, () =>
            expectCounted(daemon, 'api_requests_refused', cause, () => expect401(request(), text)));
    }

    test('r080_the_log_has_the_text_that_should_have_been_signed', async () => {
        const body = '{"name":"logged"}';
        const params = signedParams(vectorApp, { method: 'POST', path, body });
        await expect401(post(daemon, { ...params, auth_signature: 'wrong' }, { body }));
        const { auth_signature: right, ...signed } = params;
        const expected = stringToSign('POST', path, signed).replaceAll('\n', '\\x0a');
        await eventually(
            () => daemon.log.includes(`reason="Signature mismatch." to_sign="${expected}"`),
            expected,
        );
        assert.ok(!daemon.log.includes(right), 'the right signature is in the log');
        assert.ok(!daemon.log.includes(vectorApp.secret), 'the secret is in the log');
    });
});

describe('keys and secrets that are being replaced', () => {
    const rotated = testApp({ previous_keys: ['app-key:old-secret', 'old-key:oldest-secret'] });
    const daemon = useDaemon({ apps: [rotated, namedApp('other')] });
    const ask = (credentials) => daemon.api({ ...rotated, ...credentials }).get('/channels');

    test('r080_every_pair_of_the_app_is_accepted_and_no_other', async () => {
        await expect200(ask({}));
        await expect200(ask({ secret: 'old-secret' }));
        await expect200(ask({ key: 'old-key', secret: 'oldest-secret' }));
        await expect401(ask({ key: 'old-key' }), /mismatch/);
        await expect401(ask({ key: 'old-key', secret: 'old-secret' }), /mismatch/);
        await expect401(ask({ secret: 'oldest-secret' }), /mismatch/);
        await expect401(ask({ key: 'other-key', secret: 'other-secret' }), /not a key/);
    });
});

describe('request signatures with a prefix', () => {
    const daemon = useDaemon({ server: { path: '/ws' } });

    test('r082_signed_with_and_without_the_prefix_are_accepted', async () => {
        for (const path of ['/apps/app/channels', '/ws/apps/app/channels']) {
            const params = signedParams(daemon.app, { method: 'GET', path });
            await expect200(fetchRaw(daemon, { target: `/ws/apps/app/channels?${encodeQuery(params)}` }));
        }
        const params = signedParams(daemon.app, { method: 'GET', path: '/wt/apps/app/channels' });
        await expect401(fetchRaw(daemon, { target: `/ws/apps/app/channels?${encodeQuery(params)}` }));
    });
});
