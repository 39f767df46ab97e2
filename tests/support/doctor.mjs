// SPDX-License-Identifier: MIT
// `fanfare doctor`, and what it says.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cleanEnvironment, Process, testApp } from './daemon.mjs';
import { DEADLINE } from './deadline.mjs';
import { Nginx } from './nginx.mjs';

/// The .env of an app that broadcasts to the server. `changes`: other values; undefined: no such line.
export function laravelEnv({ app, host = '127.0.0.1', port, scheme = 'http' }, changes = {}) {
    const lines = {
        APP_ENV: 'local',
        APP_URL: 'http://localhost',
        BROADCAST_CONNECTION: 'reverb',
        REVERB_APP_ID: app.app_id,
        REVERB_APP_KEY: app.key,
        REVERB_APP_SECRET: app.secret,
        REVERB_HOST: host,
        REVERB_PORT: port,
        REVERB_SCHEME: scheme,
        VITE_REVERB_APP_KEY: '"${REVERB_APP_KEY}"',
        VITE_REVERB_HOST: '"${REVERB_HOST}"',
        VITE_REVERB_PORT: '"${REVERB_PORT}"',
        VITE_REVERB_SCHEME: '"${REVERB_SCHEME}"',
        ...changes,
    };
    return Object.entries(lines)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `${name}=${value}\n`)
        .join('');
}

/// Runs `fanfare doctor` with the configuration of a server that need not run, for the app with this .env.
/// `text` is what it prints for people if `json` is false.
export async function doctor(daemon, { dotenv, flags = [], env = {}, files, json = true } = {}) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'fanfare-doctor-'));
    try {
        const app = dotenv === undefined ? [] : ['--laravel', folder];
        if (dotenv !== undefined) writeFileSync(path.join(folder, '.env'), dotenv);
        const args = ['doctor', '--config', daemon.file, ...app, ...flags, ...(json ? ['--json'] : [])];
        const process = new Process(args.map(String), { cwd: daemon.directory, env: cleanEnvironment(env), files });
        const { code } = await process.ended(6 * DEADLINE);
        process.assertClean();
        const answer = json ? JSON.parse(process.stdout) : {};
        return { code, folder, text: process.stdout, ...answer };
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

/// In a file the default is that of Reverb, against which `fanfare check` warns.
export const safeApp = (settings = {}) => testApp({ accept_client_events_from: 'members', ...settings });
export const withApps = (options = {}) => ({ apps: [safeApp()], ...options });

/// Not ok, as `area: what`.
export const complaints = ({ findings }) =>
    findings
        .filter(({ severity }) => ['warning', 'error'].includes(severity))
        .map(({ area, what }) => `${area}: ${what}`);

/// The only complaint, which has a reason and a fix.
export function complaint(report) {
    assert.equal(complaints(report).length, 1, complaints(report).join('\n'));
    const finding = report.findings.find(({ severity }) => ['warning', 'error'].includes(severity));
    assert.ok(finding.why && finding.fix, JSON.stringify(finding));
    return finding;
}

export const finding = ({ findings }, area, pattern) => {
    const found = findings.find((each) => each.area === area && pattern.test(each.what));
    assert.ok(found, `${area}: ${pattern} in ${JSON.stringify(findings, null, 1)}`);
    return found;
};

export function assertWell(report) {
    assert.deepEqual(complaints(report), []);
    assert.equal(report.code, 0);
    assert.match(finding(report, 'round trip', /arrives/).what, /\(\d+ ms\)$/);
}

/// nginx in front of the daemon, with the site as `edit` leaves it.
export async function behindNginx(daemon, options, check) {
    const nginx = new Nginx(daemon, options);
    try {
        await nginx.start();
        await check(nginx);
    } finally {
        await nginx.stop();
    }
}
