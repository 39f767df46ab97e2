// SPDX-License-Identifier: MIT
// A real nginx with the site that `fanfare nginx` prints for a daemon; a process of the test's own.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { BINARY, cleanEnvironment, freePort } from './daemon.mjs';
import { eventually } from './deadline.mjs';
import { fetchRaw } from './http.mjs';

const NGINX = process.env.NGINX_BIN ?? '/usr/sbin/nginx';

const hasIpv6 = () => Object.values(os.networkInterfaces()).flat().some(({ family }) => family === 'IPv6');

/// What surrounds a site in Debian's nginx.conf, with everything below one folder.
const mainConfiguration = (folder) => `
daemon off;
worker_processes 1;
${process.getuid() === 0 ? 'user root;' : ''}
pid ${folder}/pid;
error_log ${folder}/error.log warn;
events { worker_connections 1024; }
http {
    access_log off;
    ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
        .join('\n    ')}
    include ${folder}/site.conf;
}
`;

export class Nginx {
    host = '127.0.0.1';

    /// `certificate`: a SelfSigned, for HTTPS. `edit`: what somebody has made of the site.
    constructor(daemon, { certificate, edit = (site) => site } = {}) {
        this.daemon = daemon;
        this.app = daemon.app;
        this.certificate = certificate;
        this.edit = edit;
        this.folder = mkdtempSync(path.join(os.tmpdir(), 'fanfare-nginx-'));
    }

    site() {
        const { certificate } = this;
        const tls = certificate
            ? ['--certificate', certificate.file, '--certificate-key', certificate.keyFile]
            : ['--plain'];
        const args = ['nginx', '--config', this.daemon.file, '--listen', this.port, ...tls].map(String);
        const text = execFileSync(BINARY, args, {
            encoding: 'utf8',
            env: cleanEnvironment(),
            stdio: 'pipe',
        });
        return this.edit(hasIpv6() ? text : text.replace(/.*listen \[::\].*\n/, ''));
    }

    /// The daemon has started.
    async start() {
        this.port = await freePort();
        writeFileSync(path.join(this.folder, 'site.conf'), this.site());
        writeFileSync(path.join(this.folder, 'nginx.conf'), mainConfiguration(this.folder));
        const args = ['-p', this.folder, '-c', 'nginx.conf', '-e', 'error.log'];
        this.child = spawn(NGINX, args, { stdio: ['ignore', 'pipe', 'pipe'] });
        this.exit = new Promise((resolve) => this.child.once('close', resolve));
        let output = '';
        this.child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
        await eventually(async () => {
            if (this.child.exitCode !== null) throw new Error(output);
            // Of an HTTPS port a plain request gets 400, which is an answer too.
            return (await fetchRaw(this, { target: '/' })).status >= 400;
        }, 'nginx');
        return this;
    }

    async stop() {
        this.child?.kill('SIGTERM');
        await this.exit;
        this.remove();
    }

    remove() {
        rmSync(this.folder, { recursive: true, force: true });
    }
}
