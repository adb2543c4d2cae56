import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** npm runs scripts in the package's folder. */
const command = join(process.cwd(), 'dist/cli/main.js');

/** Where everything is made that comes of the faces, and what it is made from. All paths are absolute. */
export interface Work {
  readonly folder: string;
  /** The collection: `manifest.csv` and the photos that it names. */
  readonly faces: string;
  /** Another collection of the same kind, with wide margins. */
  readonly fairface: string;
  /** The weights that fine-tuning starts from. */
  readonly weights: string;
  /** The seed's definitions, a folder for each network. */
  readonly definitions: string;
  say(line: string): void;
}

/**
 * Calls `limn WORDS…` in the work folder and shows it; passed over if what it makes is there, unless `again` says that the
 * command sees for itself what is left to do. Errors: it fails.
 */
export async function limn(
  work: Work,
  makes: string,
  words: readonly string[],
  { again = false } = {},
): Promise<void> {
  const line = `limn ${words.map(quoted).join(' ')}`;
  if (!again && existsSync(join(work.folder, makes))) {
    work.say(`# ${makes} is there already: ${line}`);
    return;
  }
  work.say(`\n$ ${line}`);
  const child = spawn(process.execPath, [command, ...words], { cwd: work.folder, stdio: 'inherit' });
  // Ctrl-C reaches the command as well, which may want to keep what it has: wait for it.
  const wait = () => {};
  process.on('SIGINT', wait);
  const end = () => child.kill('SIGTERM');
  process.on('SIGTERM', end);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject).once('close', (...how) => resolve(how));
  });
  process.off('SIGINT', wait).off('SIGTERM', end);
  if (code !== 0) throw new Error(`limn ${words[0]} ended with ${signal ?? code}`);
  if (!existsSync(join(work.folder, makes))) throw new Error(`limn ${words[0]} ended without ${makes}`);
}

const quoted = (word: string): string => (/^[\w./:=,@%+-]+$/.test(word) ? word : `'${word}'`);

/** Writes a text file whole or not at all. */
export async function write(work: Work, path: string, text: string): Promise<void> {
  const file = join(work.folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.part`, text);
  await rename(`${file}.part`, file);
}
