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

    const commands = [...print('--help').matchAll(/^ {2}([a-z][a-z-]+)(, [\w:]+)? {2,}/gm)].map(([, name]) => name);
    const flagsOf = (...command) =>
        [...print(...command, '--help').matchAll(/(?<=^ {2}.*)--[a-z-]+(?=[ ,])/gm)].map(([flag]) => flag);
    /// What bash offers after these words.
    const completions = (...words) => {
        const script = `source deploy/completion/fanfare.bash
            COMP_WORDS=("$@" '') COMP_CWORD=$# && _fanfare && printf '%s\\n' "\${COMPREPLY[@]}"`;
        const args = ['-c', script, 'bash', 'fanfare', ...words];
        return execFileSync('bash', args, { cwd: REPOSITORY, encoding: 'utf8' }).trim().split('\n');
    };

    test('bash_completes_every_command_and_its_flags', () => {
        assert.ok(commands.includes('start') && commands.includes('nginx'), commands.join());
        const expected = [...commands, 'reverb:start', ...flagsOf()];
        assert.deepEqual(completions().sort(), expected.sort());
        for (const command of commands) {
            assert.deepEqual(completions(command).sort(), flagsOf(command).sort(), command);
        }
    });

    test('the_manual_page_knows_every_command_and_flag', () => {
        const page = inRepository('deploy/man/fanfare.1').replaceAll('\\-', '-');
        for (const word of commands.flatMap((command) => [command, ...flagsOf(command)])) {
            assert.ok(page.includes(word), word);
        }
    });
});
