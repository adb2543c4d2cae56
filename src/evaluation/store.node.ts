import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../common/atomic.node.ts';
import { failPath } from '../common/errno.node.ts';
import { fail } from '../common/error.ts';
import { readParts, readText } from '../common/file.node.ts';
import { quoted } from '../common/quoted.ts';
import type { Answer, Result, ResultInfo } from './result.ts';
import { answerLine, columnsOf, headerLine, parseAnswers } from './table.ts';

/** The files of a result folder. */
export const INFO_FILE = 'result.json';
export const ANSWERS_FILE = 'answers.csv';

const format = 'limn result 1';

/**
 * Writes a result as a folder, made if need be: `answers.csv`, a table for any program, then `result.json`, which says
 * all else and the table's hash, so that a table without its record, or with another's, is noticed. Both files are
 * written whole or not at all. `measures` go into `result.json` for people and other programs; limn computes them anew.
 */
export async function writeResult(
  folder: string,
  { info, answers }: Result,
  measures?: Readonly<Record<string, unknown>>,
): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => failPath(folder, error));
  const columns = columnsOf(answers);
  const hash = createHash('sha256');
  const parts: Uint8Array[] = [];
  let text = headerLine(columns);
  const flush = () => {
    const bytes = new TextEncoder().encode(text);
    hash.update(bytes);
    parts.push(bytes);
    text = '';
  };
  for (const answer of answers) {
    text += answerLine(answer, columns);
    if (text.length > 1e6) flush();
  }
  flush();
  await writeFileAtomic(join(folder, ANSWERS_FILE), parts);
  const table = { file: ANSWERS_FILE, sha256: hash.digest('hex'), rows: answers.length };
  const record = { format, ...info, answers: table, ...(measures && { measures }) };
  await writeFileAtomic(join(folder, INFO_FILE), `${JSON.stringify(record, null, 2)}\n`);
}

/** Whether a folder holds a finished result. */
export async function isResult(folder: string): Promise<boolean> {
  return stat(join(folder, INFO_FILE)).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

/**
 * Reads a result folder. Errors name the file: missing, no result of limn or a newer one's, damaged, or a table that is
 * not the one that was written.
 */
export async function readResult(folder: string): Promise<Result> {
  const { info, table } = await readRecord(folder);
  const path = join(folder, ANSWERS_FILE);
  const hash = createHash('sha256');
  const answers: Answer[] = [];
  try {
    for await (const answer of parseAnswers(textOf(path, hash), path)) answers.push(answer);
  } catch (error) {
    failPath(path, error);
  }
  if (hash.digest('hex') !== table.sha256) {
    fail(
      path,
      `not the table that ${INFO_FILE} tells of`,
      'it was changed or its writing interrupted: evaluate again',
    );
  }
  return { info, answers };
}

/** What a result says of itself, without its answers. Errors: as {@link readResult}'s of `result.json`. */
export async function readResultInfo(folder: string): Promise<ResultInfo> {
  return (await readRecord(folder)).info;
}

async function readRecord(folder: string): Promise<{ info: ResultInfo; table: { sha256: string } }> {
  const path = join(folder, INFO_FILE);
  const entry = await stat(folder).catch((error: unknown) => failPath(folder, error));
  if (!entry.isDirectory()) fail(folder, 'is a file', 'give the folder that limn evaluate -o wrote');
  if (!(await isResult(folder))) {
    fail(folder, `no result: it holds no ${INFO_FILE}`, 'give the folder that limn evaluate -o wrote');
  }
  const text = await readText(path, 'a result of limn');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    fail(path, 'damaged: no JSON', 'evaluate again');
  }
  const { format: found, answers: table, measures: _, ...info } = value as Record<string, unknown>;
  if (found !== format) {
    const known = typeof found === 'string' && found.startsWith('limn result');
    fail(
      path,
      known ? `a ${quoted(found)}, this limn reads '${format}'` : 'no result of limn',
      'evaluate again',
    );
  }
  if (!isInfo(info) || !hasStrings(table, ['sha256']))
    fail(path, 'damaged: parts are missing', 'evaluate again');
  return { info: info as unknown as ResultInfo, table: table as { sha256: string } };
}

function isInfo(info: Record<string, unknown>): boolean {
  const model = info.model as Record<string, unknown>;
  return (
    hasStrings(info, ['name']) &&
    hasStrings(model, ['network', 'file', 'sha256']) &&
    hasStrings(model.head, ['name', 'output', 'kind']) &&
    hasStrings(info.data, ['source', 'sha256']) &&
    typeof info.ordered === 'boolean' &&
    [info.settings, info.place, info.versions].every((each) => typeof each === 'object' && each !== null)
  );
}

const hasStrings = (value: unknown, keys: readonly string[]): boolean =>
  typeof value === 'object' &&
  value !== null &&
  keys.every((key) => typeof (value as Record<string, unknown>)[key] === 'string');

async function* textOf(
  path: string,
  hash: { update(bytes: Uint8Array): unknown },
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  for await (const bytes of readParts(path)) {
    hash.update(bytes);
    yield decoder.decode(bytes, { stream: true });
  }
  yield decoder.decode();
}
