import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const main = join(root, 'dist/cli/main.js');

/** A folder that looks like a built clone to those who follow the documentation in it. */
export interface Playground {
  readonly path: string;
  /** Writes a file. */
  write(name: string, text: string): void;
  /** Runs a program; returns what it printed. Errors: it failed, with what it said. */
  run(file: string, args: readonly string[]): Promise<string>;
  remove(): void;
}

export function playground(): Playground {
  if (!existsSync(main)) throw new Error('dist/ is not built: npm run build');
  const path = mkdtempSync(join(tmpdir(), 'limn-docs-'));
  const bin = join(path, 'bin');
  for (const folder of ['bin', 'demo', 'node_modules', 'tests']) mkdirSync(join(path, folder));
  writeFileSync(join(bin, 'limn'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`, { mode: 0o755 });
  for (const name of ['astronaut-face.png', 'astronaut.jpg'])
    cpSync(join(root, 'demo', name), join(path, 'demo', name));
  symlinkSync(join(root, 'tests/fixtures'), join(path, 'tests/fixtures'));
  symlinkSync(root, join(path, 'node_modules/limn'));
  for (const name of ['.bin', '@types', 'onnxruntime-node', 'onnxruntime-web']) {
    symlinkSync(join(root, 'node_modules', name), join(path, 'node_modules', name));
  }
  const shared = join(root, '../shared');
  if (existsSync(shared)) {
    // Commands write models of their own beside those that are there.
    mkdirSync(join(path, 'models'));
    for (const name of readdirSync(join(shared, 'models'))) {
      symlinkSync(join(shared, 'models', name), join(path, 'models', name));
    }
    // A folder of its own: what an example writes must not get among the photos.
    mkdirSync(join(path, 'faces'));
    for (const name of readdirSync(join(shared, 'faces')))
      symlinkSync(join(shared, 'faces', name), join(path, 'faces', name));
    symlinkSync(join(shared, 'adience/folds'), join(path, 'folds'));
    symlinkSync(join(shared, 'adience'), join(path, 'adience'));
  }
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  return {
    path,
    write: (name, text) => writeFileSync(join(path, name), text),
    run: (file, args) =>
      new Promise((resolve, reject) => {
        execFile(file, args, { cwd: path, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
          if (error) reject(new Error(`${stdout}${stderr || error.message}`.trim()));
          else resolve(stdout);
        });
      }),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
