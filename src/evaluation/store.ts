import { fail } from '../common/error.ts';
import { type FileSystem, partsOfFile, readText, type Storage } from '../common/files.ts';
import { quoted } from '../common/quoted.ts';
import { isShard, SHARD_FILE, type Shard } from '../common/shard.ts';
import type { Answer, Result, ResultInfo } from './result.ts';
import { answerColumns, answerLine, headerLine, parseAnswers } from './table.ts';

/** The files of a result folder. */
export const INFO_FILE = 'result.json';
/** The file of a result folder that holds the answer of every photo. */
export const ANSWERS_FILE = 'answers.csv';

/** Predictions of an evaluation that is not finished. */
export const UNFINISHED_FILE = 'unfinished.jsonl';

/** The paths of all files that an evaluation writes into its folder. */
export const resultFiles = (folder: string, files: FileSystem): string[] =>
  [UNFINISHED_FILE, ANSWERS_FILE, INFO_FILE, SHARD_FILE].map((name) => files.join(folder, name));

const format = 'limn result 1';
const shardFormat = 'limn evaluation shard 1';

/**
 * Writes a result as a folder, made if need be: `answers.csv`, a table for any program, then `result.json`, which says
 * all else and the table's hash, so that a table without its record, or with another's, is noticed. Both files are
 * written whole or not at all. `measures` go into `result.json` for people and other programs; limn computes them anew.
 */
export async function writeResult(
  folder: string,
  { info, answers }: Result,
  storage: Storage,
  measures?: Readonly<Record<string, unknown>>,
): Promise<void> {
  const table = await writeAnswers(folder, answers, storage);
  const record = { format, ...info, answers: table, ...(measures && { measures }) };
  await storage.files.write(storage.files.join(folder, INFO_FILE), `${JSON.stringify(record, null, 2)}\n`);
}

/** Writes a shard of a result in the same way; its record is `shard.json`. */
export async function writeResultShard(
  folder: string,
  { info, answers }: Result,
  shard: Shard,
  storage: Storage,
): Promise<void> {
  const table = await writeAnswers(folder, answers, storage);
  const record = { format: shardFormat, shard, ...info, answers: table };
  await storage.files.write(storage.files.join(folder, SHARD_FILE), `${JSON.stringify(record, null, 2)}\n`);
}

/** What a record says of its table. */
interface TableRecord {
  readonly file: string;
  readonly sha256: string;
  readonly rows: number;
}

async function writeAnswers(
  folder: string,
  answers: readonly Answer[],
  { files, sha256 }: Storage,
): Promise<TableRecord> {
  const columns = answerColumns(answers);
  const hash = sha256();
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
  await files.write(files.join(folder, ANSWERS_FILE), parts);
  return { file: ANSWERS_FILE, sha256: hash.digest(), rows: answers.length };
}

/** Whether a folder holds a finished result. */
export const isResult = async (folder: string, files: FileSystem): Promise<boolean> =>
  (await files.kindOf(files.join(folder, INFO_FILE))) === 'file';

/**
 * Reads a result folder. Errors name the file: missing, no result of limn or a newer one's, damaged, or a table that is
 * not the one that was written.
 */
export async function readResult(folder: string, storage: Storage): Promise<Result> {
  const { info, table } = await readRecord(folder, storage.files);
  return { info, answers: await readAnswers(folder, table, INFO_FILE, storage) };
}

/** Whether a folder holds a shard of a result. */
export const isResultShard = async (folder: string, files: FileSystem): Promise<boolean> =>
  (await files.kindOf(files.join(folder, SHARD_FILE))) === 'file';

/** Reads a shard of a result. Errors: as of {@link readResult}. */
export async function readResultShard(
  folder: string,
  storage: Storage,
): Promise<Result & { readonly shard: Shard }> {
  const { info, table, shard } = await readRecord(folder, storage.files, true);
  return { shard: shard!, info, answers: await readAnswers(folder, table, SHARD_FILE, storage) };
}

async function readAnswers(
  folder: string,
  table: { readonly sha256: string },
  record: string,
  { files, sha256 }: Storage,
): Promise<Answer[]> {
  const path = files.join(folder, ANSWERS_FILE);
  const hash = sha256();
  const answers: Answer[] = [];
  for await (const answer of parseAnswers(textOf(files, path, hash), path)) answers.push(answer);
  if (hash.digest() !== table.sha256) {
    fail(
      path,
      `not the table that ${record} tells of`,
      'it was changed or its writing interrupted: evaluate again',
    );
  }
  return answers;
}

/** What a result says of itself, without its answers. Errors: as {@link readResult}'s of `result.json`. */
export async function readResultInfo(folder: string, files: FileSystem): Promise<ResultInfo> {
  return (await readRecord(folder, files)).info;
}

async function readRecord(
  folder: string,
  files: FileSystem,
  ofShard = false,
): Promise<{ info: ResultInfo; table: { sha256: string }; shard?: Shard }> {
  const [file, wanted] = ofShard ? [SHARD_FILE, shardFormat] : [INFO_FILE, format];
  const path = files.join(folder, file);
  const kind = await files.kindOf(folder);
  if (kind === undefined) fail(folder, 'no such file or folder', 'check the path');
  if (kind === 'file') fail(folder, 'is a file', 'give the folder that an evaluation wrote');
  if ((await files.kindOf(path)) !== 'file') {
    if (!ofShard && (await isResultShard(folder, files)))
      fail(folder, 'one shard of a result', 'merge it with the others, and give what they make');
    fail(folder, `no result: it holds no ${file}`, 'give the folder that an evaluation wrote');
  }
  const text = await readText(files, path, 'a result of limn');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    fail(path, 'damaged: no JSON', 'evaluate again');
  }
  const { format: found, answers: table, measures: _, shard, ...info } = value as Record<string, unknown>;
  if (found !== wanted) {
    const known = typeof found === 'string' && found.startsWith(wanted.slice(0, -2));
    fail(
      path,
      known ? `a ${quoted(found)}, this limn reads '${wanted}'` : 'no result of limn',
      'evaluate again',
    );
  }
  if (!isInfo(info) || !hasStrings(table, ['sha256']) || (ofShard && !isShard(shard)))
    fail(path, 'damaged: parts are missing', 'evaluate again');
  return {
    info: info as unknown as ResultInfo,
    table: table as { sha256: string },
    ...(isShard(shard) && { shard }),
  };
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
  files: FileSystem,
  path: string,
  hash: { update(bytes: Uint8Array): unknown },
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  for await (const bytes of partsOfFile(files, path)) {
    hash.update(bytes);
    yield decoder.decode(bytes, { stream: true });
  }
  yield decoder.decode();
}
