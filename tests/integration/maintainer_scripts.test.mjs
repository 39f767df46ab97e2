// SPDX-License-Identifier: MIT
// What the Debian package does when it comes and goes: its scripts, on a system whose commands only say what they are asked.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { REPOSITORY } from '../support/daemon.mjs';

/// Each writes its words to the log; some answer, as the variables say.
const COMMANDS = {
    adduser: '',
    chmod: '',
    chown: '',
    'deb-systemd-helper': '',
    'deb-systemd-invoke': '',
    'dpkg-statoverride': 'exit 1',
    getent: 'exit ${HAS_USER:-0}',
    stat: 'echo ${OWNER:-root:root}',
    systemctl: 'case "$*" in *is-active*) case " $ACTIVE " in *" $3 "*) ;; *) exit 3 ;; esac ;; esac',
    'systemd-run': 'echo "no app is configured" >&2; exit ${CHECK:-0}',
    fanfare: 'echo upgraded; echo "why not" >&2; exit ${UPGRADE:-0}',
};

class System {
    root = mkdtempSync(path.join(os.tmpdir(), 'fanfare-scripts-'));
    #log = this.at('log');

    constructor() {
        for (const folder of ['etc/default', 'etc/fanfare', 'run/systemd/system', 'usr/bin']) {
            mkdirSync(this.at(folder), { recursive: true });
        }
        for (const [name, answer] of Object.entries(COMMANDS)) {
            const file = this.at(`usr/bin/${name}`);
            writeFileSync(file, `#!/bin/sh\necho "${name} $*" >>${this.#log}\n${answer}\n`);
            chmodSync(file, 0o755);
        }
        writeFileSync(this.at('etc/fanfare/fanfare.json'), '{}');
    }

    at(name) {
        return path.join(this.root, name);
    }

    hasSocket(...ports) {
        mkdirSync(this.at('run/fanfare'), { recursive: true });
        for (const port of ports) writeFileSync(this.at(`run/fanfare/fanfare-${port}.sock`), '');
        return this;
    }

    /// What the script has asked of whom, without its root, and what it has said.
    run(script, words, env = {}) {
        rmSync(this.#log, { force: true });
        const { status, stdout, stderr } = spawnSync(path.join(REPOSITORY, 'deploy/debian', script), words, {
            env: { PATH: `${this.at('usr/bin')}:${process.env.PATH}`, DPKG_ROOT: this.root, ...env },
            encoding: 'utf8',
        });
        assert.equal(status, 0, stdout + stderr);
        const log = existsSync(this.#log) ? readFileSync(this.#log, 'utf8').replaceAll(this.root, '') : '';
        return { calls: log.trim().split('\n'), stdout, stderr };
    }
}

const RUNS = { ACTIVE: 'fanfare.service' };
const starts = ({ calls }) => calls.filter((call) => /^deb-systemd-invoke (re)?start/.test(call));

describe('maintainer scripts', () => {
    const systems = [];
    after(() => systems.forEach(({ root }) => rmSync(root, { recursive: true })));
    const system = () => systems[systems.push(new System()) - 1];

    test('an_upgrade_is_in_place_whoever_runs_the_service_on_whatever_port', () => {
        const done = system().hasSocket(9100).run('postinst', ['configure', '0.0.9'], RUNS);
        assert.ok(done.calls.includes('fanfare upgrade --control-socket /run/fanfare/fanfare-9100.sock'));
        assert.deepEqual(starts(done), []);
        assert.equal(done.stdout, '');
    });

    test('where_it_cannot_be_in_place_it_is_a_restart_and_says_why', () => {
        const refused = system().hasSocket(8080).run('postinst', ['configure', '0.0.9'], { ...RUNS, UPGRADE: '1' });
        assert.deepEqual(starts(refused), ['deb-systemd-invoke restart fanfare.service']);
        assert.match(refused.stderr, /why not/);
        for (const one of [system(), system().hasSocket(8080, 9100)]) {
            const unknown = one.run('postinst', ['configure', '0.0.9'], RUNS);
            assert.deepEqual(starts(unknown), ['deb-systemd-invoke restart fanfare.service']);
            assert.match(unknown.stderr, /does not have one control socket/);
        }
    });

    test('variables_of_the_service_are_read_by_systemd_and_not_by_a_shell', () => {
        const one = system();
        writeFileSync(one.at('etc/default/fanfare'), `REVERB_APP_SECRET=$(touch ${one.at('run-by-a-shell')})\n`);
        const { calls } = one.run('postinst', ['configure', '']);
        assert.ok(!existsSync(one.at('run-by-a-shell')));
        const check = calls.find((call) => call.startsWith('systemd-run '));
        assert.match(check, / --property=EnvironmentFile=-\/etc\/default\/fanfare \/usr\/bin\/fanfare check$/);
    });

    test('the_first_time_it_is_started_if_its_configuration_lets_it', () => {
        const started = system().run('postinst', ['configure', '']);
        assert.deepEqual(starts(started), ['deb-systemd-invoke start fanfare.service']);
        const not = system().run('postinst', ['configure', ''], { CHECK: '2' });
        assert.deepEqual(starts(not), []);
        assert.match(not.stderr, /no app is configured/);
        assert.match(not.stdout, /not started/);
    });

    test('what_ran_when_the_package_was_removed_runs_when_it_is_back', () => {
        const one = system();
        const removed = one.run('prerm', ['remove'], { ACTIVE: 'fanfare.service fanfare.socket' });
        assert.ok(removed.calls.includes('deb-systemd-invoke stop fanfare.socket fanfare.service'));
        const back = one.run('postinst', ['configure', '0.1.0']);
        assert.deepEqual(starts(back), ['deb-systemd-invoke start fanfare.socket fanfare.service']);
        assert.deepEqual(starts(one.run('postinst', ['configure', '0.1.0'])), [], 'the next upgrade');
    });

    test('what_the_operator_has_stopped_stays_so', () => {
        const one = system();
        one.run('prerm', ['upgrade', '0.2.0']);
        assert.deepEqual(starts(one.run('postinst', ['configure', '0.1.0'])), []);
        one.run('prerm', ['remove']);
        assert.deepEqual(starts(one.run('postinst', ['configure', '0.1.0'])), []);
    });

    test('a_purge_leaves_nothing_of_what_the_scripts_have_noted', () => {
        const one = system();
        one.run('prerm', ['remove'], RUNS);
        one.run('postrm', ['remove']);
        assert.ok(existsSync(one.at('var/lib/fanfare')));
        one.run('postrm', ['purge']);
        assert.ok(!existsSync(one.at('var/lib/fanfare')));
    });

    test('the_user_of_the_image_is_a_number_and_the_package_leaves_it_as_it_is', () => {
        const image = readFileSync(path.join(REPOSITORY, 'deploy/Dockerfile'), 'utf8');
        const [, uid] = /^USER (\d+):\d+$/m.exec(image);
        assert.ok(image.indexOf(`useradd --uid ${uid} `) < image.indexOf('apt-get install'));
        const adds = (env) => system().run('postinst', ['configure', ''], env).calls.join('\n').includes('adduser');
        assert.ok(adds({ HAS_USER: '2' }));
        assert.ok(!adds({}));
    });

    test('the_configuration_is_given_to_the_service_once_and_its_owner_then_stays', () => {
        const chown = 'chown root:fanfare /etc/fanfare/fanfare.json';
        assert.ok(system().run('postinst', ['configure', '']).calls.includes(chown));
        for (const version of ['', '0.0.9']) {
            const { calls } = system().run('postinst', ['configure', version], { OWNER: 'root:www-data' });
            assert.doesNotMatch(calls.join('\n'), /^ch(own|mod) /m);
        }
    });
});
