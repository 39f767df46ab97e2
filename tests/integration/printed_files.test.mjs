// SPDX-License-Identifier: MIT
// What the binary prints about itself is what lies in the repository, so that neither goes without the other.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { BINARY, cleanEnvironment, REPOSITORY } from '../support/daemon.mjs';

const packaged = ['--binary', '/usr/bin/fanfare'];
const inRepository = (name) => readFileSync(path.join(REPOSITORY, name), 'utf8');

describe('printed files', () => {
    const cwd = mkdtempSync(path.join(os.tmpdir(), 'fanfare-printed-'));
    after(() => rmSync(cwd, { recursive: true }));
    const print = (...args) =>
        execFileSync(BINARY, args, { cwd, env: cleanEnvironment(), encoding: 'utf8' });

    for (const [file, ...args] of [
        ['docs/configuration.md', 'config-reference'],
        ['deploy/man/fanfare.json.5', 'config-reference', '--man'],
        ['deploy/nginx/fanfare.conf', 'nginx'],
        ['deploy/supervisor/fanfare.conf', 'supervisor', ...packaged],
        ['deploy/systemd/fanfare.service', 'systemd', ...packaged],
        ['deploy/systemd/fanfare.socket', 'systemd', '--socket'],
    ]) {
        test(`${file}_is_what_fanfare_${args.join('_')}_prints`, () => {
            assert.equal(inRepository(file), print(...args));
        });
    }
});
