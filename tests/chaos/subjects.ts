import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesIn, fixtures } from '../cli/limn.ts';
import { sandbox } from '../cli/training.ts';

/** A command that works for a while and writes into a folder: OUT in its words. */
export interface Subject {
  readonly name: string;
  readonly words: string;
  /** What must have been called before, undisturbed. */
  readonly before?: string;
  /** What the folder is called until the work is done. */
  readonly unfinished?: (out: string) => string;
  /** The lines that it prints of its work, besides messages. */
  readonly progress?: RegExp;
  /** What a user does instead of the same call, because a message says so. */
  readonly goOn?: readonly (readonly [says: RegExp, words: string, clear?: true])[];
}

const train = 'train --solver solver.prototxt -o OUT --quiet --threads 1';

export const subjects: readonly Subject[] = [
  {
    name: 'train',
    words: train,
    goOn: [
      [/it holds a training without any snapshot/, train, true],
      [/it holds a (?:training|snapshot)/, `${train} --snapshot OUT`],
    ],
  },
  {
    name: 'lmdb',
    words: 'data lmdb faces.txt --images faces -o OUT --resize 8',
    unfinished: (out) => out.replace(/([^/]+)$/, '.$1.part'),
  },
  { name: 'evaluate', words: 'evaluate net.onnx faces.txt --images faces -o OUT --batch 4 --threads 2' },
  {
    name: 'faithfulness',
    words:
      'faithfulness net.onnx faces.txt --images faces -o OUT --photos 40 --steps 4 --stops 1 --no-charts --threads 2',
  },
  {
    name: 'concepts',
    words:
      'concepts net.onnx faces.txt --images faces -o OUT --photos 60 --channels 1 --references 1 --batch 4 --threads 2',
  },
  {
    name: 'clusters',
    words:
      'clusters net.onnx faces.txt --images faces -o OUT --photos 60 --neighbours 5 --views pca --resamples 100 --batch 4 --threads 2',
  },
  {
    name: 'explain',
    words: `explain net.onnx ${[0, 1, 2, 3, 4, 5].map((i) => `faces/ant/${i}.png`).join(' ')} -o OUT --raw npy --threads 2`,
  },
  {
    name: 'merge',
    before: 'explain net.onnx faces/ant -o parts --shard 1/1 --no-figure --threads 2',
    words: 'merge parts -o OUT',
  },
  { name: 'plan', words: 'plan spec.yaml -o OUT/plan.json' },
  {
    name: 'run',
    before: 'plan spec.yaml -o OUT/plan.json',
    words: 'run OUT/plan.json --workers 2',
    // What fails is said of the unit, in the same form.
    progress: /^\d\d:\d\d:\d\d (?:running|done|blocked|stopped|runs elsewhere|failed) .+\n|^stopping: .+\n/gm,
  },
  { name: 'means', words: 'grid net.onnx --means faces --by label -o OUT --threads 2' },
];

/** A folder with all that the subjects read: models, 120 photos, a training of a second, a specification of a plan. */
export async function material(): Promise<string> {
  const dir = await fixtures();
  cpSync(await sandbox({ max_iter: '40', test_iter: '1', snapshot: '10' }), dir, { recursive: true });
  const classes = ['ant', 'bee', 'cat'];
  for (const label of classes) {
    mkdirSync(join(dir, 'faces', label), { recursive: true });
    for (let i = 0; i < 40; i++) copyFileSync(join(dir, 'photo.png'), join(dir, `faces/${label}/${i}.png`));
  }
  const photos = Array.from(
    { length: 120 },
    (_, i) => `${classes[i % 3]}/${Math.floor(i / 3)}.png ${i % 3}\n`,
  );
  writeFileSync(join(dir, 'faces.txt'), photos.join(''));
  const net = fileURLToPath(new URL('../fixtures/reference/tiny_adience', import.meta.url));
  mkdirSync(join(dir, 'nets/tiny'), { recursive: true });
  copyFileSync(join(net, 'deploy.prototxt'), join(dir, 'nets/tiny/deploy.prototxt'));
  copyFileSync(join(net, 'weights.caffemodel'), join(dir, 'tiny.caffemodel'));
  writeFileSync(join(dir, 'pairs.txt'), photos.map((line) => line.replace(/ 2$/m, ' 0')).join(''));
  writeFileSync(
    join(dir, 'spec.yaml'),
    `definitions: nets
import: {prototxt: deploy.prototxt, weights: tiny.caffemodel, mean: 104}
evaluate:
  faces: {data: pairs.txt, images: faces, threads: 1}
`,
  );
  return dir;
}

/** Files with times and processes, which are by right others each time. */
const timed = /clock\.jsonl|train\.log|limnstate|output\.log|(?:^|\/)lock\.\d+$/;

/** What must be the same however a command was disturbed: each file's bytes, but for times and the place of the trial. */
export function contents(folder: string): Map<string, string> {
  const names = filesIn(folder).filter((name) => !timed.test(name));
  return new Map(
    names.map((name) => {
      const text = readFileSync(join(folder, name), 'latin1');
      if (!name.endsWith('.json')) return [name, text];
      return [name, text.replaceAll(/"[^"]*trial-[^"]*"/g, '"path"').replaceAll(times, '"$1":0')];
    }),
  );
}

const times = /"(begun|ended|seconds|finished|at|took|host|pid)":\s*(?:"[^"]*"|[\d.]+)/g;
