import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { shortened, side } from './googlenet.ts';
import { limn, type Work, write } from './work.ts';

export type Target = 'age' | 'gender';

/** The fold that the seed's definitions are for. */
const fold = 'Test_fold_is_0';

/** How a network is trained. */
interface Recipe {
  /** Mean image and scale, as limn import caffe takes them: what the definition's data layers do. */
  readonly preprocessing: readonly string[];
  /** The output with the classes' probabilities. */
  readonly output: string;
  readonly solver: Readonly<Record<string, string | number>>;
}

/** GoogLeNet is the seed's, shortened; the small AdienceNet is in this folder. */
export const kinds = {
  finetuned: {
    preprocessing: ['--mean', `lmdb_${side.photo}/mean.binaryproto`],
    output: 'loss3/loss3',
    // 300 batches of 32 show each of 1,479 photos six or seven times: Adam gets further with so few than the seed's SGD.
    solver: {
      type: '"Adam"',
      momentum: 0.9,
      momentum2: 0.999,
      delta: 1e-8,
      base_lr: 0.0002,
      lr_policy: '"poly"',
      power: 1,
      weight_decay: 0.0005,
      max_iter: 300,
      test_iter: 4,
      test_interval: 50,
      display: 10,
      average_loss: 10,
      snapshot: 100,
    },
  },
  scratch: {
    preprocessing: ['--mean', 'lmdb_128/mean.binaryproto', '--scale', '0.0125'],
    output: 'prob',
    solver: {
      test_iter: 4,
      test_interval: 100,
      base_lr: 0.01,
      lr_policy: '"poly"',
      power: 1,
      max_iter: 600,
      display: 20,
      average_loss: 20,
      momentum: 0.9,
      weight_decay: 0.0005,
      snapshot: 150,
    },
  },
} as const satisfies Record<string, Recipe>;

export type Kind = keyof typeof kinds;

/** A network of the proof: `gender-finetuned` is GoogLeNet from ImageNet's weights, `gender-scratch` a small AdienceNet. */
export interface Training {
  readonly name: string;
  readonly target: Target;
  readonly kind: Kind;
}

export const trainings: readonly Training[] = (['gender', 'age'] as const).flatMap((target) =>
  (['finetuned', 'scratch'] as const).map((kind) => ({ name: `${target}-${kind}`, target, kind })),
);

/** Where a training's log, snapshots and state go. */
export const runOf = ({ name }: Training): string => `runs/${name}`;

/** The finished model. */
export const modelOf = ({ name }: Training): string => `${name}.onnx`;

/** Trains a network, or goes on where it stopped, and makes a model of its last snapshot. */
export async function train(work: Work, training: Training): Promise<void> {
  const { name, target, kind } = training;
  const recipe: Recipe = kinds[kind];
  const nets = `nets/${name}`;
  const { trainVal, deploy } = await definitions(work, training);
  const solver = solverText(name, recipe.solver);
  await keep(work, training, `${nets}/train_val.prototxt`, trainVal);
  await keep(work, training, `${nets}/deploy.prototxt`, deploy);
  await keep(work, training, `${nets}/solver.prototxt`, solver);

  const last = `${runOf(training)}/${name}_iter_${recipe.solver.max_iter}.caffemodel`;
  const start = (await isBegun(work, training))
    ? ['--snapshot', runOf(training)]
    : kind === 'finetuned'
      ? ['--weights', work.weights]
      : [];
  // Our own definitions name their data from the work folder on; the seed's, another machine's.
  const root = kind === 'finetuned' ? rootOf(trainVal) : undefined;
  const places =
    root === undefined
      ? []
      : [
          ...['--map', `${root}/lmdb/${fold}=lmdb_${side.photo}`],
          ...['--map', `${root}/mean_image/${fold}/mean.binaryproto=lmdb_${side.photo}/mean.binaryproto`],
        ];
  await limn(work, last, [
    ...['train', '--solver', `${nets}/solver.prototxt`, ...start, ...places, '--shuffle', '--seed', '1'],
    ...['-o', runOf(training)],
  ]);
  await limn(work, modelOf(training), [
    ...['import', 'caffe', `${nets}/deploy.prototxt`, last, ...recipe.preprocessing],
    ...['--labels', `${target}.txt`, '--name', `${recipe.output}=${target}`, '-o', modelOf(training)],
  ]);
}

/** The network to train and the same as it is deployed, as text. GoogLeNet sees `crop` pixels if given. */
export async function definitions(
  work: Work,
  { target, kind, crop }: { readonly target: Target; readonly kind: Kind; readonly crop?: number },
): Promise<{ trainVal: string; deploy: string }> {
  if (kind === 'finetuned') {
    const folder = join(work.definitions, `${target}_finetuning_googlenet`);
    const read = async (name: string) => {
      const file = join(folder, name);
      return shortened(await readFile(file, 'utf8'), file, crop);
    };
    return {
      trainVal: await read('train_val_test_fold_is_0.prototxt'),
      deploy: await read('deploy.prototxt'),
    };
  }
  const read = async (name: string) => {
    const text = await readFile(join('bench/faces/small_adiencenet', name), 'utf8');
    return target === 'age'
      ? text
      : text.replace('num_output: 8 # classes', 'num_output: 2 # classes').replaceAll('/age_', '/gender_');
  };
  return { trainVal: await read('train_val.prototxt'), deploy: await read('deploy.prototxt') };
}

/** The folder on another machine that the seed's definition expects its data in. */
export function rootOf(definition: string): string {
  const [, root] = /mean_file: "(.*)\/mean_image\//.exec(definition) ?? [];
  if (root === undefined) throw new Error('the definition names no mean image');
  return root;
}

/** A solver of what is in `net`, whose snapshots begin with `prefix`. */
export function solverText(prefix: string, solver: Recipe['solver'], net = 'train_val.prototxt'): string {
  const lines = Object.entries(solver).map(([field, value]) => `${field}: ${value}\n`);
  return `net: "${net}"\n${lines.join('')}snapshot_prefix: "${prefix}"\n`;
}

/** Writes what a training is made from. Errors: it was begun with something else. */
async function keep(work: Work, training: Training, path: string, text: string): Promise<void> {
  const file = join(work.folder, path);
  const before = existsSync(file) ? await readFile(file, 'utf8') : undefined;
  if (before === text) return;
  if (existsSync(join(work.folder, runOf(training)))) {
    throw new Error(`${runOf(training)} was trained with another ${path}; remove it, or take another folder`);
  }
  await write(work, path, text);
}

/** Whether a training was stopped and can go on. One that was stopped before its first snapshot is taken away. */
async function isBegun(work: Work, training: Training): Promise<boolean> {
  const folder = join(work.folder, runOf(training));
  if (!existsSync(folder)) return false;
  if ((await readdir(folder)).some((file) => file.endsWith('.limnstate'))) return true;
  await rm(folder, { recursive: true });
  return false;
}
