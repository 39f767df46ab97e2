// SPDX-License-Identifier: MIT
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cleanEnvironment, Process } from './daemon.mjs';
import { DEADLINE } from './deadline.mjs';

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
