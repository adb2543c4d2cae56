import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { expect } from 'vitest';
import { type Block, blocks } from './markdown.ts';
import { missingLine } from './output.ts';
import type { Playground } from './playground.ts';

const tsc = fileURLToPath(new URL('../../node_modules/typescript7/bin/tsc', import.meta.url));

/** A block that is run, with what it should print. */
export interface Step {
  readonly block: Block;
  readonly output: string | undefined;
  /** Why it is not run here. */
  readonly skipped: string | undefined;
}

const hasPython = (): boolean => {
  try {
    execFileSync('python3', ['-c', 'import numpy, onnxruntime'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** The commands, programs and files of a page, in order; a `text` block shows what the block before it prints. */
export function steps(page: string): Step[] {
  const all = blocks(page);
  return all.flatMap((block, i): Step[] => {
    const isFile = block.note?.startsWith('file ') ?? false;
    if (!isFile && !['sh', 'ts', 'html', 'python'].includes(block.language)) return [];
    const next = all[i + 1];
    const output = next?.language === 'text' ? next.code : undefined;
    return [{ block, output, skipped: reasonToSkip(block) }];
  });
}

function reasonToSkip({ language, note = '' }: Block): string | undefined {
  const [, reason] = /^skip, (.+)$/.exec(note) ?? [];
  if (reason) return reason;
  if (note === 'shared' && !existsSync(fileURLToPath(new URL('../../../shared/models', import.meta.url))))
    return 'the models in ../shared are not here';
  if (language === 'python' && !hasPython()) return 'Python has no onnxruntime here';
  return undefined;
}

/** Runs a step and holds what it printed against what the page shows. */
export async function perform({ block, output }: Step, place: Playground): Promise<void> {
  const printed = await performed(block, place);
  if (output === undefined) return;
  const missing = missingLine(output, printed);
  expect(missing === undefined, `not printed: ${missing}\nprinted:\n${printed}`).toBe(true);
}

async function performed({ language, code, line, note = '' }: Block, place: Playground): Promise<string> {
  const [, file] = /^file (\S+)$/.exec(note) ?? [];
  if (file) {
    place.write(file, `${code}\n`);
    return '';
  }
  if (language === 'sh') return place.run('bash', ['-euo', 'pipefail', '-c', code]);
  if (language === 'python') return place.run('python3', ['-c', code]);
  if (language !== 'ts') throw new Error(`a block of ${language} needs a note that says which file it is`);
  const name = `block-${line}.mjs`;
  place.write(name, (await transform(code, { loader: 'ts' })).code);
  return place.run(process.execPath, [name]);
}

/** Type-checks the TypeScript of pages as a user's compiler would, against the types that the package exports. */
export async function checkTypes(given: readonly string[], place: Playground): Promise<void> {
  const programs = given.flatMap((page) =>
    blocks(page)
      .filter(({ language }) => language === 'ts')
      .map(({ code, line }) => ({ code, name: `check-${page.replace(/[^a-z]+/g, '-')}-${line}.mts` })),
  );
  for (const { code, name } of programs) place.write(name, `${code}\nexport {};\n`);
  const config = {
    compilerOptions: {
      ...{ strict: true, noEmit: true, target: 'es2023', module: 'nodenext', types: ['node'] },
      lib: ['es2023', 'dom', 'dom.iterable'],
    },
    files: programs.map(({ name }) => name),
  };
  place.write('tsconfig.json', JSON.stringify(config));
  await place.run(process.execPath, [tsc, '-p', join(place.path, 'tsconfig.json')]);
}
