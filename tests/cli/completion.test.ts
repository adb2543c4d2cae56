import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { methodNames } from '../../src/attribution/method.ts';
import { folder, limn } from './limn.ts';

const dir = folder();
const at = (shell: string) =>
  ['/usr/bin', '/bin', '/usr/local/bin'].map((path) => join(path, shell)).find(existsSync);

/** Asks a shell what it offers after words, the last of which is begun. */
const ask: Readonly<Record<string, (words: readonly string[]) => string>> = {
  bash: (words) =>
    `source ${dir}/bash; COMP_WORDS=(${words.join(' ')} ${words.at(-1) === '' ? "''" : ''}); COMP_CWORD=${words.length - 1}; _limn; printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: (words) =>
    `compdef() { :; }; source ${dir}/zsh; compadd() { shift; print -l -- $@; }; _describe() { print -l -- $items; }; _files() { :; }
     words=(${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length}; _limn`,
  fish: (words) => `source ${dir}/fish; complete -C '${words.join(' ')}'`,
};

describe.each(['bash', 'zsh', 'fish'])('in %s', (shell) => {
  beforeAll(async () => {
    writeFileSync(join(dir, shell), (await limn(['completion', shell])).stdout);
  });

  const program = at(shell);
  if (!program) console.warn(`${shell} is not here: its completion is not tried`);

  it.skipIf(!program)('commands, options and values are offered where they belong', () => {
    const offered = (...words: string[]) => {
      const args = { bash: ['--norc', '-c'], zsh: ['-f', '-c'], fish: ['--no-config', '-c'] }[shell] ?? [];
      const said = execFileSync(program ?? '', [...args, ask[shell](words)], { encoding: 'utf8', cwd: dir });
      // What is described stands after a tab or a colon.
      return said.split('\n').flatMap((line) => /^([^\t:]+)/.exec(line)?.[1] ?? []);
    };
    expect(offered('limn', '')).toEqual(expect.arrayContaining(['explain', 'import', 'completion']));
    expect(offered('limn', 'import', '')).toEqual(expect.arrayContaining(['caffe', 'onnx', 'hf', 'tfjs']));
    expect(offered('limn', 'explain', 'net.onnx', '--')).toEqual(
      expect.arrayContaining(['--method', '--output', '--quiet', '--help']),
    );
    expect(offered('limn', 'explain', '--')).not.toContain('--solver');
    expect(offered('limn', 'import', 'caffe', '--ch')).toContain('--channels');
    expect(offered('limn', '-q', 'explain', '--method', '')).toEqual(
      expect.arrayContaining([...methodNames]),
    );
  });
});

it.each([
  [[], 'limn completion bash, zsh, fish: one of them'],
  [['tcsh'], "'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish"],
])('says which shells there are: %j', async (args, said) => {
  const { code, stdout, stderr } = await limn(['completion', ...args]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(said);
});
