import { createHash } from 'node:crypto';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { fail, failRequest, type LimnError } from '../common/error.ts';
import { plural } from '../common/format.ts';
import { openDataset } from '../data/open.node.ts';
import { differences, type Journal, openJournal, removeJournal } from '../evaluation/journal.node.ts';
import type { Reading } from '../evaluation/labels.ts';
import { type Measures, measure } from '../evaluation/measures.ts';
import type { Answer, Result, ResultInfo } from '../evaluation/result.ts';
import { isResult, readResult, writeResult } from '../evaluation/store.node.ts';
import { type Question, survey } from '../evaluation/survey.ts';
import type { Graph, Head } from '../graph/index.ts';
import { headOf } from '../relevance/scores.ts';
import { ask } from './asking.ts';
import {
  type Candidate,
  candidateOf,
  type FoldOptions,
  identityOf,
  infoOf,
  type Setting,
} from './candidate.ts';
import { complainOfMissing } from './dataset.ts';
import { complain } from './errors.ts';
import { type Host, hostFor } from './host.ts';
import { type LoadedModel, loadModel } from './model.ts';
import { makeFolder } from './output.ts';

/** A finished evaluation. */
export interface Evaluated {
  readonly folder: string;
  readonly result: Result;
  readonly measures: Measures;
}

/** A model's file, what it is called, and where its result goes. */
export interface Entrant {
  readonly path: string;
  readonly name: string;
  readonly folder: string;
}

/** Evaluates models on one data set and writes a result folder for each; all must have the same classes. */
export async function evaluateOn(
  entrants: readonly Entrant[],
  data: string,
  options: FoldOptions,
): Promise<Evaluated[]> {
  const [first] = entrants as readonly [Entrant];
  const loaded = await loadModel(first.path);
  const opened = await openData(data, loaded, options);
  const candidate = candidateOf(first, loaded, opened, options);
  const hash = createHash('sha256');
  const columns = { person: options.personColumn, fold: options.foldColumn };
  const { dataset, column } = opened;
  const surveyed = await survey(dataset, column, candidate.reading, (text) => hash.update(text), columns);
  const setting: Setting = { ...opened, survey: surveyed, sha256: hash.digest('hex') };
  await complainOfMissing(dataset, options.skipBad);
  const inputs = surveyed.questions.length * (options.crops === 'ten' ? 10 : 1);
  const host = await hostFor(candidate.graph, inputs, options);
  const done: Evaluated[] = [];
  // As many as memory holds answer together, so that photos are not decoded for each.
  const together = Math.max(1, Math.floor(freemem() / 2 / (host.workers * cost(candidate.graph))));
  for (let i = 0; i < entrants.length; i += together) {
    const candidates: Candidate[] = [];
    for (const entrant of entrants.slice(i, i + together)) {
      const next =
        entrant === first ? candidate : candidateOf(entrant, await loadModel(entrant.path), opened, options);
      if (!sameClasses(next.head, candidate.head)) {
        failRequest(entrant.path, `its classes are not those of ${first.path}`, 'evaluate them one by one');
      }
      candidates.push(next);
    }
    done.push(...(await askAll(candidates, setting, host, options)));
  }
  return done;
}

const cost = (graph: Graph): number =>
  2 * [...graph.constants.values()].reduce((sum, { data }) => sum + data.byteLength, 0) + 200e6;

const sameClasses = (a: Head, b: Head): boolean =>
  a.kind === b.kind && JSON.stringify(a.labels) === JSON.stringify(b.labels);

/** The data and the column of its labels that is asked for. */
async function openData(
  path: string,
  { model }: LoadedModel,
  options: FoldOptions,
): Promise<Pick<Setting, 'dataset' | 'column' | 'target'>> {
  const { images, target, as } = options;
  const wanted = target ?? (as === 'adience' ? 'age' : undefined);
  const manifest = /\.[ct]sv$/i.test(path);
  const dataset = await openDataset(path, {
    images,
    ...(manifest && wanted !== undefined && { columns: { labels: [wanted] } }),
  });
  const columns = dataset.labelColumns;
  if (wanted !== undefined)
    return { dataset, column: columns.includes(wanted) ? wanted : columns[0]!, target: wanted };
  const main = headOf(model, options.head).name;
  if (columns.includes(main)) return { dataset, column: main, target: main };
  return columns.length === 1
    ? { dataset, column: columns[0]!, target: columns[0]! }
    : failRequest('--target', `${path} has several labels`, `choose one: ${columns.join(', ')}`);
}

/** A candidate whose answers are not all there. */
interface Unfinished {
  readonly candidate: Candidate;
  readonly info: ResultInfo;
  readonly path: string;
  readonly journal: Journal;
}

/** Asks candidates about all images that are not answered yet, and writes their results. */
async function askAll(
  candidates: readonly Candidate[],
  setting: Setting,
  host: Host,
  options: FoldOptions,
): Promise<Evaluated[]> {
  const unfinished: Unfinished[] = [];
  const evaluated = new Map<Candidate, Evaluated>();
  try {
    for (const candidate of candidates) {
      const info = infoOf(candidate, setting, options);
      const known = options.restart ? undefined : await finishedIn(candidate.folder, info);
      if (known) evaluated.set(candidate, known);
      else unfinished.push(await begin(candidate, info, options.restart));
    }
    const broken =
      unfinished.length > 0 ? await ask(unfinished, setting, host, options) : new Map<number, LimnError>();
    for (const { message } of broken.values()) complain(message);
    if (broken.size > 0 && !options.skipBad) {
      fail(
        setting.dataset.name,
        `${plural(broken.size, 'photo')} cannot be read; all other answers are kept`,
        'repair them, or go on without them: --skip-bad',
      );
    }
    const { questions } = setting.survey;
    const skipped = questions
      .filter(({ index }) => broken.has(index))
      .map(({ index, image }) => ({ image, error: broken.get(index)!.message }));
    for (const { candidate, info, path, journal } of unfinished) {
      const answers = answersOf(questions, journal, candidate.reading, options.fold);
      const result = { info: { ...info, ...(skipped.length > 0 && { skipped }) }, answers };
      const finished = evaluatedAs(candidate.folder, result);
      await write(finished);
      await removeJournal(path);
      evaluated.set(candidate, finished);
    }
  } finally {
    for (const { journal } of unfinished) await journal.close();
  }
  return candidates.map((candidate) => evaluated.get(candidate)!);
}

async function begin(candidate: Candidate, info: ResultInfo, restart = false): Promise<Unfinished> {
  await makeFolder(candidate.folder);
  const path = join(candidate.folder, 'unfinished.jsonl');
  if (restart) await removeJournal(path);
  return { candidate, info, path, journal: await openJournal(path, identityOf(info)) };
}

function answersOf(
  questions: readonly Question[],
  { said }: Journal,
  reading: Reading,
  fold: number | undefined,
): Answer[] {
  return questions.flatMap(({ index, ...question }) => {
    const answer = said.get(index);
    if (!answer) return [];
    const inFold = fold !== undefined && { fold: String(fold) };
    return { ...question, ...inFold, ...answer, scores: reading.scores(answer.scores) };
  });
}

/**
 * The same evaluation if the folder holds it already; its name and place become those that are given now. Errors: the
 * folder holds another.
 */
async function finishedIn(folder: string, info: ResultInfo): Promise<Evaluated | undefined> {
  if (!(await isResult(folder))) return undefined;
  const found = await readResult(folder);
  const other = differences(identityOf(found.info), identityOf(info));
  if (other.length > 0) {
    fail(
      folder,
      `holds a result with another ${other.join(', ')}`,
      'give another folder with -o, or replace it with --restart',
    );
  }
  const { name, place } = info;
  const evaluated = evaluatedAs(folder, { ...found, info: { ...found.info, name, place } });
  if (JSON.stringify([name, place]) !== JSON.stringify([found.info.name, found.info.place]))
    await write(evaluated);
  return evaluated;
}

const evaluatedAs = (folder: string, result: Result): Evaluated => ({
  folder,
  result,
  measures: measure(result),
});

const write = ({ folder, result, measures }: Evaluated): Promise<void> =>
  writeResult(folder, result, { ...measures });
