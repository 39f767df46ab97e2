// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/// A certificate for `addresses` and `names` that signs itself, for so many days, which may be over. `file` is
/// also what makes it trusted.
export class SelfSigned {
    constructor(names = [], subject = 'test', { days = 2, addresses = ['127.0.0.1'] } = {}) {
        this.folder = mkdtempSync(path.join(os.tmpdir(), 'fanfare-certificate-'));
        this.file = path.join(this.folder, 'certificate.pem');
        this.keyFile = path.join(this.folder, 'key.pem');
        const alternatives = [
            ...addresses.map((address) => `IP:${address}`),
            ...names.map((name) => `DNS:${name}`),
        ].join(',');
        execFileSync(
            'openssl',
            [
                ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
                ...['-days', String(Math.max(days, 1)), '-subj', `/CN=${subject}`],
                ...['-addext', `subjectAltName=${alternatives}`],
                ...['-keyout', this.keyFile, '-out', this.file],
            ],
            { stdio: 'ignore' },
        );
        if (days < 1) this.#expire(days);
        this.options = { key: readFileSync(this.keyFile), cert: readFileSync(this.file) };
    }

    /// `req` makes none that has expired, but one can be signed again.
    #expire(days) {
        const signing = ['-signkey', this.keyFile, '-days', String(days), '-out', `${this.file}.new`];
        execFileSync('openssl', ['x509', '-in', this.file, ...signing], { stdio: 'ignore' });
        renameSync(`${this.file}.new`, this.file);
    }

    remove() {
        rmSync(this.folder, { recursive: true, force: true });
    }
}
