// SPDX-License-Identifier: MIT
// The Debian package that cpack makes of the build that is tested: what is in it, and that it works from there.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { after, before, describe, test } from 'node:test';
import { BINARY, cleanEnvironment, Daemon, freePort, REPOSITORY, testApp } from '../support/daemon.mjs';
import { eventually } from '../support/deadline.mjs';
import { fetchRaw } from '../support/http.mjs';

const build = path.dirname(BINARY);

/// A package is made of a release; other presets have other prefixes.
function reasonToSkip() {
    const cache = path.join(build, 'CMakeCache.txt');
    if (!existsSync(cache) || !readFileSync(cache, 'utf8').includes('\nCMAKE_INSTALL_PREFIX:PATH=/usr\n')) {
        return 'not the build of a package';
    }
    return existsSync('/usr/bin/dpkg-shlibdeps') ? false : 'no dpkg-dev';
}

describe('the Debian package', { skip: reasonToSkip() }, () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'fanfare-package-'));
    const root = path.join(folder, 'root');
    const control = path.join(folder, 'control');
    const inRoot = (name) => path.join(root, name);
    let file;
    after(() => rmSync(folder, { recursive: true }));

    before(() => {
        const command = 'umask 022 && exec cpack --config "$0/CPackConfig.cmake" -B "$1"';
        execFileSync('sh', ['-c', command, build, folder], { stdio: 'pipe' });
        file = path.join(folder, readdirSync(folder).find((name) => name.endsWith('.deb')));
        execFileSync('dpkg-deb', ['-x', file, root]);
        execFileSync('dpkg-deb', ['-e', file, control]);
    });

    const field = (name) => execFileSync('dpkg-deb', ['-f', file, name], { encoding: 'utf8' }).trim();

    test('has_what_an_operator_needs_and_no_demo', () => {
        for (const [name, mode] of [
            ['etc/fanfare', 0o755],
            ['etc/fanfare/fanfare.json', 0o640],
            ['usr/bin/fanfare', 0o755],
            ['usr/lib/systemd/system/fanfare.service', 0o644],
            ['usr/lib/systemd/system/fanfare.socket', 0o644],
            ['usr/share/bash-completion/completions/fanfare', 0o644],
            ['usr/share/doc/fanfare/README.md', 0o644],
            ['usr/share/doc/fanfare/copyright', 0o644],
            ['usr/share/doc/fanfare/docs/configuration.md', 0o644],
            ['usr/share/doc/fanfare/examples/fanfare.example.json', 0o644],
            ['usr/share/doc/fanfare/examples/grafana/fanfare.json', 0o644],
            ['usr/share/doc/fanfare/examples/nginx/fanfare.conf', 0o644],
            ['usr/share/doc/fanfare/examples/prometheus/alerts.yml', 0o644],
            ['usr/share/doc/fanfare/examples/supervisor/fanfare.conf', 0o644],
        ]) {
            assert.equal(statSync(inRoot(name)).mode & 0o777, mode, name);
        }
        const list = execFileSync('dpkg-deb', ['-c', file], { encoding: 'utf8' }).trim().split('\n');
        for (const line of list) assert.match(line, / root\/root .* \.\/(etc|usr)\//);
        assert.doesNotMatch(list.join('\n'), /demo|\.hpp|\.a\n/);
        for (const page of ['man1/fanfare.1', 'man5/fanfare.json.5']) {
            const text = gunzipSync(readFileSync(inRoot(`usr/share/man/${page}.gz`))).toString();
            assert.match(text, /^\.TH FANFARE/m);
        }
        const unit = readFileSync(inRoot('usr/lib/systemd/system/fanfare.service'), 'utf8');
        assert.equal(unit, readFileSync(path.join(REPOSITORY, 'deploy/systemd/fanfare.service'), 'utf8'));
    });

    test('says_what_it_depends_on_and_what_is_configuration', () => {
        assert.equal(field('Package'), 'fanfare');
        for (const needed of ['adduser', 'libc6', 'libssl3', 'libhiredis', 'libpq5', 'libmariadb3']) {
            assert.ok(field('Depends').includes(needed), field('Depends'));
        }
        assert.equal(readFileSync(path.join(control, 'conffiles'), 'utf8'), '/etc/fanfare/fanfare.json\n');
        for (const script of ['postinst', 'prerm', 'postrm']) {
            assert.equal(statSync(path.join(control, script)).mode & 0o777, 0o755);
            execFileSync('sh', ['-n', path.join(control, script)]);
        }
        const version = execFileSync(inRoot('usr/bin/fanfare'), ['--version'], { encoding: 'utf8' });
        assert.equal(field('Version'), version.trim());
        const changes = gunzipSync(readFileSync(inRoot('usr/share/doc/fanfare/changelog.gz'))).toString();
        assert.ok(changes.startsWith(`fanfare (${version.trim()}) `));
    });

    test('starts_once_its_configuration_has_an_app', async () => {
        const configuration = inRoot('etc/fanfare/fanfare.json');
        const start = ['start', '--config', configuration];
        const options = { cwd: folder, env: cleanEnvironment(), encoding: 'utf8' };
        const refusal = spawnSync(inRoot('usr/bin/fanfare'), start, options);
        assert.equal(refusal.status, 2);
        assert.match(refusal.stderr, /^fanfare: no app is configured.*\n$/);

        // As somebody edits it.
        const daemon = new Daemon({ port: await freePort() });
        try {
            const example = /\/\/ (\{"app_id": .*\})/;
            const text = readFileSync(configuration, 'utf8');
            assert.match(text, example);
            const edited = text.replace(example, JSON.stringify(testApp())).replace('8080', daemon.port);
            writeFileSync(configuration, edited);
            const child = spawn(inRoot('usr/bin/fanfare'), start, { ...options, stdio: 'ignore' });
            const exit = new Promise((resolve) => child.once('close', resolve));
            await eventually(async () => (await fetchRaw(daemon, { target: '/up' })).status === 200, '/up');
            assert.equal(await daemon.api().connections(), 0);
            child.kill('SIGTERM');
            assert.equal(await exit, 0);
        } finally {
            daemon.remove();
        }
    });

    const hasLintian = existsSync('/usr/bin/lintian');
    test('lintian_has_no_complaint', { skip: !hasLintian && 'no lintian' }, () => {
        const args = ['--allow-root', '--fail-on', 'error,warning', file];
        const { status, stdout, stderr } = spawnSync('lintian', args, { encoding: 'utf8' });
        assert.equal(status, 0, stdout + stderr);
    });
});
