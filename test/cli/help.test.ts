import assert from 'node:assert/strict';
import test from 'node:test';
import type { Command } from 'commander';
import { buildProgram } from '../../apps/cli/src/program.ts';

const program = buildProgram({
  env: () => Promise.reject(new Error('--help reads the environment')),
  print: () => undefined,
  write: () => undefined,
  log: () => undefined,
  signal: new AbortController().signal,
});

/** The commands that do something: of a group, those in it. */
const leaves = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
const pathOf = (command: Command): string[] => (command.parent ? [...pathOf(command.parent), command.name()] : []);

function helpOf(command: Command): string {
  let help = '';
  const write = (text: string) => {
    help += text;
  };
  command.configureOutput({ writeOut: write, writeErr: write }).outputHelp();
  return help;
}

for (const command of leaves(program)) {
  const path = pathOf(command);
  test(`help of ${path.join(' ')}: a description, described arguments and options, and valid examples`, () => {
    assert.match(command.description(), /^[A-Z].*\.$/s);
    for (const argument of command.registeredArguments)
      assert.ok(argument.description, `argument ${argument.name()} has no description`);
    for (const option of command.options) assert.ok(option.description, `option ${option.flags} has no description`);
    const examples = helpOf(command)
      .split('\n')
      .flatMap((line) => (line.startsWith('  $ ablate ') ? [line.slice('  $ ablate '.length)] : []));
    assert.ok(examples.length > 0, 'no example');
    for (const example of examples) {
      assert.deepEqual(example.split(' ').slice(0, path.length), path, example);
      const flags = example.split(' ').filter((word) => word.startsWith('-'));
      for (const flag of flags)
        assert.ok(
          command.options.some(({ long, short }) => flag === long || flag === short),
          `${example}: unknown option ${flag}`,
        );
      for (const option of command.options.filter(({ mandatory }) => mandatory))
        assert.ok(example.includes(`${option.long} `), `${example}: ${option.long} is missing`);
    }
  });
}

test('every group of commands has a description', () => {
  for (const group of program.commands.filter(({ commands }) => commands.length > 0))
    assert.match(group.description(), /^[A-Z].*\.$/);
});
