// SPDX-License-Identifier: MIT
// `cmake --install` of the build that is tested.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { BINARY, REPOSITORY } from '../support/daemon.mjs';

const build = path.dirname(BINARY);
const isThere = existsSync(path.join(build, 'cmake_install.cmake')) && existsSync('/usr/bin/cmake');

describe('cmake --install', { skip: !isThere && 'no build folder, or no cmake' }, () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'fanfare-install-'));
    after(() => rmSync(folder, { recursive: true }));

    const packaged = readFileSync(path.join(REPOSITORY, 'deploy/systemd/fanfare.service'), 'utf8');
    for (const prefix of ['/usr', '/opt/fanfare']) {
        test(`the_unit_starts_the_program_below_${prefix}`, () => {
            const root = path.join(folder, prefix.replaceAll('/', '-'));
            const env = { ...process.env, DESTDIR: root };
            execFileSync('cmake', ['--install', build, '--prefix', prefix], { env, stdio: 'pipe' });
            const unit = readFileSync(path.join(root, prefix, 'lib/systemd/system/fanfare.service'), 'utf8');
            const program = path.join(prefix, 'bin/fanfare');
            assert.equal(unit, packaged.replaceAll('/usr/bin/fanfare', program));
            assert.ok(existsSync(path.join(root, program)));
        });
    }
});
