import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeFiles } from '../../../src/common/files.node.ts';
import { openLedger } from '../../../src/common/ledger.node.ts';
import { readJournal } from '../../../src/data/lmdb/journal.node.ts';
import {
  type Answer,
  openPredictions,
  parseAnswers,
  parsePublished,
  publishedFold,
  readResultInfo,
  writePublished,
} from '../../../src/evaluation/index.ts';
import { parseFaithfulness } from '../../../src/faithfulness/index.ts';
import { readPlan, readSpec, readTask, writePlan, writeTask } from '../../../src/plan/index.ts';
import { parseComparison } from '../../../src/report/index.ts';
import { parseEvents } from '../../../src/training/index.ts';
import { parseClock } from '../../../src/training/run/events.ts';
import { parseRecord, writeRecord } from '../../../src/training/run/record.ts';
import { readGridRecord } from '../../../src/verbs/index.ts';
import { unit } from '../../plan/units.ts';
import { FILE, type Format, seed, textOf, utf8 } from '../format.ts';

const spec = `definitions: nets   # a folder each
folds: [0, 2]
variables:
  target: {'age_*': age, 'gender_*': gender}
train:
  solver: solver_{fold}.prototxt
  weights:
    '*_fine': [w/one.caffemodel, 'w/{target}.caffemodel']
  data-root: data
  map: {/old/place: elsewhere}
  set: {max_iter: 20}
import:
  prototxt: deploy.prototxt
  mean: 104,117,123
evaluate:
  test: {data: 'lists/{target}_{fold}.txt', target: '{target}', crops: ten}
  val: {data: lmdb, images: pictures}
`;

const plan = writePlan({
  limn: '0.1.0',
  units: [unit('a', 'write $/out'), unit('b', 'copy $/out', { needs: [unit('a', 'write $/out').id] })],
});

const events = [
  {
    event: 'train',
    iteration: 4,
    rate: 0.01,
    loss: 0.7,
    outputs: [{ name: 'loss', index: 0, value: 0.7, weight: 1 }],
  },
  { event: 'test', iteration: 6, net: 0, outputs: [{ name: 'accuracy', index: 0, value: 'NaN' }] },
  { event: 'note', iteration: 6, note: { kind: 'ceiling' }, text: 'a note' },
];

const clock = [
  { event: 'start', iteration: 0, seconds: 0, date: '2026-01-01T00:00:00Z' },
  { event: 'train', iteration: 4, seconds: 1.5, imagesPerSecond: 24, waiting: 0.1 },
];

const lines = (values: readonly unknown[]) =>
  utf8(values.map((value) => `${JSON.stringify(value)}\n`).join(''));

const snapshot = writeRecord({
  ...{ iteration: 20, solver: 'SGD', seed: 7, parts: 2, seconds: 1.5, ceiling: 0 },
  smoothing: { window: 5, start: 0, losses: [1, 0.5], mean: 0.75 },
  logs: { log: 100, clock: 50, train: 200 },
  contents: { solver: 'a'.repeat(64) },
  model: { file: 'tiny_iter_20.caffemodel', bytes: 10, sha256: 'b'.repeat(64) },
  state: { file: 'tiny_iter_20.solverstate', bytes: 10, sha256: 'c'.repeat(64) },
});

const identity = { version: '1', model: 'm' };
const answer = (truth: number, single: number): Answer => ({
  ...{ image: 'x', truth, single, groups: {} },
  scores: [0.2, 0.5, 0.3],
});
const published = writePublished([
  publishedFold([answer(0, 1), answer(2, 2), answer(1, 1)]),
  publishedFold([answer(1, 0), answer(1, 2)]),
]);

/** Readers that want a file in a folder of its own. */
async function inFolder(name: string, bytes: Uint8Array, read: (folder: string) => Promise<unknown>) {
  const folder = mkdtempSync(join(tmpdir(), `limn-fuzz-${FILE}-`));
  try {
    writeFileSync(join(folder, name), bytes);
    await read(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function drained(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

export const recordFormats: readonly Format[] = [
  {
    name: 'spec',
    structure: 'text',
    words: [
      '&a',
      '*a',
      '!!float',
      '<<:',
      '|',
      '>',
      '---',
      '- ',
      '  ',
      '{fold}',
      '{',
      '[',
      'evaluate',
      'set',
      'seeds',
    ],
    seeds: [utf8(spec)],
    read: (bytes) => readSpec(textOf(bytes), FILE),
  },
  { name: 'plan', structure: 'json', seeds: [utf8(plan)], read: (bytes) => readPlan(textOf(bytes), FILE) },
  {
    name: 'unit',
    structure: 'json',
    seeds: [
      utf8(writeTask({ id: 'a'.repeat(64), name: 'x/y', verb: 'evaluate', request: { models: ['a.onnx'] } })),
    ],
    read: (bytes) => readTask(textOf(bytes), FILE),
  },
  {
    name: 'ledger',
    structure: 'json',
    words: ['../x', '/etc/passwd', '.'],
    seeds: [utf8(`{"file":"a.png","bytes":3,"sha256":"${'a'.repeat(64)}"}\n{"file":"log.jsonl"}\n`)],
    read: (bytes) =>
      inFolder('.limn.jsonl', bytes, async (folder) => {
        const ledger = await openLedger(folder);
        await ledger.made('.limn.jsonl');
      }),
  },
  {
    name: 'journal',
    structure: 'json',
    seeds: [utf8(`${JSON.stringify(identity)}\n[0,[0.1,0.9],1]\n[2,[0.5,0.5],null]\n`)],
    read: (bytes) =>
      inFolder('unfinished.jsonl', bytes, async (folder) => {
        const journal = await openPredictions(join(folder, 'unfinished.jsonl'), identity, nodeFiles);
        await journal.close();
      }),
  },
  {
    name: 'lmdb-journal',
    structure: 'json',
    seeds: [
      utf8(
        'id\n{"done":1,"skipped":[],"nextPage":3,"entries":1,"overflowPages":0,"leaves":[["0",2]],"lastKey":"0"}\n',
      ),
    ],
    read: (bytes) => inFolder('journal', bytes, (folder) => readJournal(join(folder, 'journal'), 'id')),
  },
  {
    name: 'result',
    structure: 'json',
    seeds: [seed('result.json')],
    read: (bytes) => inFolder('result.json', bytes, (folder) => readResultInfo(folder, nodeFiles)),
  },
  {
    name: 'answers',
    structure: 'text',
    words: ['"', '""', ',', 'truth', 'score:', 'group:', 'image', 'NaN', 'Infinity'],
    seeds: [seed('answers.csv')],
    read: (bytes) => drained(parseAnswers([textOf(bytes)], FILE)),
  },
  {
    name: 'published',
    structure: 'text',
    words: ['fold1:', 'all:', 'ConfMats:', 'confmat', '[[', ']]'],
    seeds: [utf8(published)],
    read: (bytes) => parsePublished(textOf(bytes), FILE),
  },
  {
    name: 'comparison',
    structure: 'json',
    seeds: [seed('comparison.json')],
    read: (bytes) => parseComparison(textOf(bytes), FILE),
  },
  {
    name: 'faithfulness',
    structure: 'json',
    seeds: [seed('faithfulness.json')],
    read: (bytes) => parseFaithfulness(textOf(bytes), FILE),
  },
  {
    name: 'grid',
    structure: 'json',
    seeds: [seed('grid.json')],
    read: (bytes) => readGridRecord(textOf(bytes), FILE),
  },
  {
    name: 'snapshot',
    structure: 'json',
    seeds: [utf8(snapshot)],
    read: (bytes) => parseRecord(textOf(bytes), FILE),
  },
  {
    name: 'events',
    structure: 'json',
    seeds: [lines(events)],
    read: (bytes) => parseEvents(textOf(bytes), FILE),
  },
  {
    name: 'clock',
    structure: 'json',
    seeds: [lines(clock)],
    read: (bytes) => parseClock(textOf(bytes), FILE),
  },
];
