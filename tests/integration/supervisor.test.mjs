// SPDX-License-Identifier: MIT
// The program that `fanfare supervisor` prints, under a supervisord of the test's own.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { BINARY, cleanEnvironment, Daemon, freePort } from '../support/daemon.mjs';
import { DEADLINE, eventually } from '../support/deadline.mjs';
import { fetchRaw } from '../support/http.mjs';
import { PusherClient } from '../support/pusher_client.mjs';

const run = promisify(execFile);

/// What Debian's supervisord.conf has, with everything below one folder.
const mainConfiguration = (folder) => `
[unix_http_server]
file=${folder}/socket
[supervisord]
nodaemon=true
logfile=${folder}/supervisord.log
pidfile=${folder}/pid
childlogdir=${folder}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://${folder}/socket
[include]
files=${folder}/fanfare.conf
`;

describe('supervisor', () => {
    const daemon = new Daemon({ server: { drain_window: 1 } });
    const folder = mkdtempSync(path.join(os.tmpdir(), 'fanfare-supervisor-'));
    const file = path.join(folder, 'supervisord.conf');
    let supervisord;
    let exit;

    /// supervisorctl, whose status says more about the program than about the question.
    const control = async (...words) => {
        try {
            return (await run('supervisorctl', ['-c', file, ...words])).stdout.trim();
        } catch (error) {
            return error.stdout.trim();
        }
    };
    const pid = async () => Number(await control('pid', 'fanfare'));
    const isUp = async () => (await fetchRaw(daemon, { target: '/up' })).status === 200;
    const log = () => readFileSync(path.join(folder, 'supervisord.log'), 'utf8');

    before(async () => {
        daemon.port = await freePort();
        daemon.configure();
        const args = ['supervisor', '--config', daemon.file, '--user', os.userInfo().username];
        const program = execFileSync(BINARY, args, {
            cwd: daemon.directory,
            env: cleanEnvironment(),
            encoding: 'utf8',
        });
        writeFileSync(path.join(folder, 'fanfare.conf'), program.replace('/var/log/supervisor', folder));
        writeFileSync(file, mainConfiguration(folder));
        supervisord = spawn('supervisord', ['-c', file], { env: cleanEnvironment(), stdio: 'ignore' });
        exit = new Promise((resolve) => supervisord.once('close', resolve));
        await eventually(isUp, 'the program of supervisor', 2 * DEADLINE);
    });

    after(async () => {
        supervisord.kill('SIGTERM');
        await exit;
        daemon.remove();
        rmSync(folder, { recursive: true });
    });

    test('starts_it_anew_when_it_dies', async () => {
        await eventually(async () => (await control('status')).includes('RUNNING'), 'RUNNING');
        const first = await pid();
        process.kill(first, 'SIGKILL');
        await eventually(async () => (await pid()) > 0 && (await pid()) !== first, 'another', 2 * DEADLINE);
        await eventually(isUp, 'the next process', 2 * DEADLINE);
        assert.match(log(), /exited: fanfare \(terminated by SIGKILL; not expected\)/);
    });

    test('a_hang_up_reloads_it', async () => {
        daemon.settings.apps.push({ app_id: 'more', key: 'more-key', secret: 'more-secret' });
        daemon.configure();
        await control('signal', 'HUP', 'fanfare');
        const more = daemon.settings.apps.at(-1);
        await eventually(async () => (await daemon.api(more).connections()) === 0, 'the app that is added');
    });

    test('a_stop_drains_it', async () => {
        await eventually(async () => (await control('status')).includes('RUNNING'), 'RUNNING');
        const client = await PusherClient.connect(daemon);
        const stopped = control('stop', 'fanfare');
        await client.expectTermination(4200, undefined, 2 * DEADLINE);
        assert.match(await stopped, /fanfare: stopped/);
        assert.match(log(), /stopped: fanfare \(exit status 0\)/);
        assert.match(await control('status'), /STOPPED/);
    });
});
