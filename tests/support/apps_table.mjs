// SPDX-License-Identifier: MIT
// An SQLite file with soketi's table of apps, changed as another program would.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const PROGRAM = `
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=10) as database:
    database.execute(sys.argv[2], sys.argv[3:])
`;

export class AppsTable {
    constructor() {
        this.folder = mkdtempSync(path.join(os.tmpdir(), 'fanfare-apps-'));
        this.file = path.join(this.folder, 'apps.sqlite');
        this.run(
            `CREATE TABLE apps (id TEXT PRIMARY KEY, "key" TEXT NOT NULL UNIQUE, secret TEXT NOT NULL,
             max_connections INTEGER DEFAULT -1, enable_client_messages INTEGER DEFAULT 1,
             enabled INTEGER DEFAULT 1, max_backend_events_per_sec INTEGER DEFAULT -1,
             max_client_events_per_sec INTEGER DEFAULT -1, max_read_req_per_sec INTEGER DEFAULT -1,
             webhooks TEXT)`,
        );
    }

    run(statement, ...values) {
        execFileSync('python3', ['-c', PROGRAM, this.file, statement, ...values]);
    }

    insert(app, webhooks = []) {
        this.run(
            'INSERT INTO apps (id, "key", secret, webhooks) VALUES (?, ?, ?, ?)',
            ...[app.app_id, app.key, app.secret, JSON.stringify(webhooks)],
        );
    }

    /// Sets one column of the app.
    update(app, column, value) {
        this.run(`UPDATE apps SET "${column}" = ? WHERE id = ?`, value, app.app_id);
    }

    delete(app) {
        this.run('DELETE FROM apps WHERE id = ?', app.app_id);
    }

    /// The file is not where it was, and comes back.
    vanish() {
        renameSync(this.file, `${this.file}.away`);
    }

    comeBack() {
        renameSync(`${this.file}.away`, this.file);
    }

    remove() {
        rmSync(this.folder, { recursive: true, force: true });
    }
}

/// The settings of a server that uses the table, and soon sees what changes in it.
export const databaseOf = (table) => ({
    driver: 'sqlite',
    database: table.file,
    ttl: 1,
    negative_ttl: 1,
});
