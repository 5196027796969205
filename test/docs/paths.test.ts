import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { REPOSITORY } from '@ablate/files';

const pages = [
  ...readdirSync(REPOSITORY).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(REPOSITORY, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

/** Paths in backticks: `apps/api/src/server.ts`, `packages/search`. */
const CODE = /`((?:apps|bench|docs|packages|prisma|scripts|studies|test)\/[\w./-]+)`/g;
/** Targets of links to files. */
const LINK = /\]\(([\w./-]+)(?:#[\w-]*)?\)/g;

for (const page of pages)
  test(`every path in ${page} exists`, () => {
    const text = readFileSync(join(REPOSITORY, page), 'utf8');
    const paths = [
      ...[...text.matchAll(CODE)].map(([, path = '']) => path),
      ...[...text.matchAll(LINK)].map(([, target = '']) => join(dirname(page), target)),
    ];
    assert.deepEqual(
      paths.filter((path) => !existsSync(join(REPOSITORY, path))),
      [],
    );
  });
