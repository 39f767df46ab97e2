// SPDX-License-Identifier: MIT
// Which requirement of the wire specification is proved by which test: writes docs/conformance.md, or with
// --check fails if the committed page is not what the tests say.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const page = path.join(repository, 'docs/conformance.md');
const requirements = JSON.parse(readFileSync(new URL('requirements.json', import.meta.url), 'utf8'));

/// The names of tests in a source: of `test('r001_…', …)` here, of `TEST(Suite, r001_…)` in C++. A name
/// that is put together (`r021_${…}`) is shown with a … in place of its variable parts.
const patterns = {
    '.mjs': /\btest\(\s*['"`](r\d{3}_(?:\$\{[^}]*\}|[^'"`$])*)['"`]/g,
    '.cpp': /\b(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w*?r\d{3}_\w+)\s*\)/g,
};

function* sources(directory) {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
        const full = path.join(directory, entry.name);
        if (entry.isDirectory() && entry.name !== 'node_modules') yield* sources(full);
        else if (entry.isFile() && /(\.test\.mjs|\.cpp)$/.test(entry.name)) yield full;
    }
}

function testsOf(file) {
    const pattern = patterns[path.extname(file)];
    return Array.from(readFileSync(file, 'utf8').matchAll(pattern), (match) => {
        const full = match[2] ? `${match[1]}.${match[2]}` : match[1];
        return {
            id: `R-${/r(\d{3})_/.exec(match[2] ?? match[1])[1]}`,
            name: full.replace(/\$\{[^}]*\}/g, '…'),
            file: path.relative(repository, file),
        };
    });
}

function collect() {
    const found = new Map(Object.keys(requirements).map((id) => [id, []]));
    for (const file of sources(path.join(repository, 'tests'))) {
        for (const { id, ...test } of testsOf(file)) {
            if (!found.has(id)) throw new Error(`${test.file}: ${test.name} is for no requirement`);
            found.get(id).push(test);
        }
    }
    return found;
}

/// The tests of a requirement, grouped by file.
function cell(tests) {
    if (tests.length === 0) return 'not yet';
    const files = [...new Set(tests.map(({ file }) => file))].sort();
    return files
        .map((file) => {
            const names = tests.filter((test) => test.file === file).map(({ name }) => `\`${name}\``);
            return `${file}: ${names.join(', ')}`;
        })
        .join('<br>');
}

function render(found) {
    const proved = [...found.values()].filter((tests) => tests.length > 0).length;
    const rows = [...found].map(([id, tests]) => `| ${id} | ${requirements[id]} | ${cell(tests)} |`);
    return `# Conformance

Written by \`node tests/conformance/report.mjs\` from the names of the tests; do not edit.
${proved} of ${found.size} requirements have a test.

| Requirement | In short | Tests |
|--|--|--|
${rows.join('\n')}
`;
}

const text = render(collect());
if (process.argv.includes('--check')) {
    let committed = '';
    try {
        committed = readFileSync(page, 'utf8');
    } catch {
        // A missing page is a stale one.
    }
    if (committed !== text) {
        console.error('docs/conformance.md is stale: run node tests/conformance/report.mjs');
        process.exit(1);
    }
} else {
    writeFileSync(page, text);
}
