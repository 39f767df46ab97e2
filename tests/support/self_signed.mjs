// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/// A certificate for 127.0.0.1 and `names` that signs itself. `file` is also what makes it trusted.
export class SelfSigned {
    constructor(names = [], subject = 'test') {
        this.folder = mkdtempSync(path.join(os.tmpdir(), 'fanfare-certificate-'));
        this.file = path.join(this.folder, 'certificate.pem');
        this.keyFile = path.join(this.folder, 'key.pem');
        const alternatives = ['IP:127.0.0.1', ...names.map((name) => `DNS:${name}`)].join(',');
        execFileSync(
            'openssl',
            [
                ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
                ...['-days', '2', '-subj', `/CN=${subject}`],
                ...['-addext', `subjectAltName=${alternatives}`],
                ...['-keyout', this.keyFile, '-out', this.file],
            ],
            { stdio: 'ignore' },
        );
        this.options = { key: readFileSync(this.keyFile), cert: readFileSync(this.file) };
    }

    remove() {
        rmSync(this.folder, { recursive: true, force: true });
    }
}
