// SPDX-License-Identifier: MIT
// The units that `fanfare systemd` prints, as systemd itself judges them.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { BINARY, cleanEnvironment, testApp } from '../support/daemon.mjs';

const hasAnalyze = existsSync('/usr/bin/systemd-analyze');

describe('systemd units', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'fanfare-units-'));
    after(() => rmSync(folder, { recursive: true }));

    /// A unit for this configuration; its file and its text.
    function unit(name, config, args = [], { cwd = folder, env = {} } = {}) {
        const file = path.join(folder, 'fanfare.json');
        writeFileSync(file, JSON.stringify(config));
        const all = ['systemd', '--config', file, ...args];
        const options = { cwd, env: cleanEnvironment(env), encoding: 'utf8', stdio: 'pipe' };
        const text = execFileSync(BINARY, all, options);
        writeFileSync(path.join(folder, name), text);
        return { file: path.join(folder, name), text, config: file };
    }

    const units = [
        ['fanfare.service', {}, []],
        ['fanfare.service', { server: { port: 443 } }, []],
        ['fanfare.socket', { server: { host: '::1', port: 443 } }, ['--socket']],
    ];
    for (const [name, config, args] of units) {
        const title = `${name}_for_${JSON.stringify(config.server ?? 'the_defaults')}`;
        test(`systemd_understands_${title}`, { skip: !hasAnalyze }, () => {
            const service = unit('fanfare.service', config);
            const { file } = unit(name, config, args);
            const { status, stderr } = spawnSync(
                'systemd-analyze',
                ['verify', '--man=no', ...new Set([file, service.file])],
                { encoding: 'utf8' },
            );
            assert.equal(status, 0, stderr);
            // It names what it does not understand, and still succeeds.
            assert.doesNotMatch(stderr, /fanfare\.(service|socket)/);
        });
    }

    test('the_service_is_confined', { skip: !hasAnalyze }, () => {
        for (const [config, most] of [[{}, 1.5], [{ server: { port: 443 } }, 1.8]]) {
            const { file } = unit('fanfare.service', config);
            const args = ['security', '--offline=yes', file];
            const report = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
            const exposure = Number(/exposure level for fanfare\.service: ([\d.]+)/.exec(report.stdout)?.[1]);
            assert.ok(exposure <= most, report.stdout + report.stderr);
        }
    });

    test('what_the_service_is_started_with_is_what_it_was_printed_with', () => {
        const folderOfApp = path.join(folder, 'an app');
        const at = path.join(folderOfApp, '.env');
        execFileSync('mkdir', ['-p', folderOfApp]);
        writeFileSync(at, 'REVERB_APP_ID=1\nREVERB_APP_KEY=k\nREVERB_APP_SECRET=s\n');
        const args = ['--port', '9100', '--path', '100%', '--binary', '/opt/fanfare', '--user', 'www-data'];
        const { text, config } = unit('fanfare.service', {}, args, { cwd: folderOfApp });
        const command = `/opt/fanfare start --port 9100 --path 100%% --config ${config} --env-file "${at}"`;
        assert.ok(text.includes(`\nExecStart=${command}\n`), text);
        assert.match(text, /\nUser=www-data\n/);
    });

    test('what_is_below_home_is_within_reach_whichever_setting_names_it', () => {
        const link = path.join(folder, 'link');
        symlinkSync('/home', link);
        const protection = (config) =>
            /^ProtectHome=(.*)$/m.exec(unit('fanfare.service', config, ['--binary', '/usr/bin/fanfare']).text)[1];
        assert.equal(protection({}), 'yes');
        const file = '/home/forge/file';
        for (const config of [
            { server: { tls_certificate_file: path.join(link, 'forge/file') } },
            { server: { tls_more_certificates: ['/etc/one.pem', `/etc/other.pem:${file}`] } },
            { scaling: { server: { tls_ca_file: file } } },
            { scaling: { server: { tls_certificate_file: file, tls_key_file: '/etc/key.pem' } } },
            { scaling: { server: { tls_certificate_file: '/etc/cert.pem', tls_key_file: file } } },
            { apps_database: { driver: 'sqlite', database: file } },
            { apps: [testApp({ webhook_tls_ca_file: file })] },
        ]) {
            assert.equal(protection(config), 'read-only', JSON.stringify(config));
        }
    });

    test('the_drain_window_of_the_configuration_fits_into_the_time_to_stop', () => {
        assert.match(unit('fanfare.service', { server: { drain_window: 300 } }).text, /\nTimeoutStopSec=330\n/);
    });

    test('what_comes_from_the_environment_is_named_since_the_service_will_not_have_it', () => {
        const file = path.join(folder, 'fanfare.json');
        writeFileSync(file, JSON.stringify({ apps: [testApp()] }));
        const { stderr } = spawnSync(BINARY, ['systemd', '--config', file], {
            cwd: folder,
            env: cleanEnvironment({ FANFARE_SHARDS: '3' }),
            encoding: 'utf8',
        });
        assert.match(stderr, /server\.shards is from the environment: FANFARE_SHARDS, which the service does not/);
    });

    test('a_host_to_which_systemd_cannot_listen_is_refused_in_one_line', () => {
        assert.throws(
            () => unit('fanfare.socket', { server: { host: 'localhost' } }, ['--socket']),
            (error) => error.status === 2 && /localhost:8080 is nothing that systemd/.test(error.stderr),
        );
    });
});
