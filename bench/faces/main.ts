import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cutting } from './cutting.ts';
import { finding } from './finding.ts';
import { judge } from './judge.ts';
import { prepare } from './prepare.ts';
import { study } from './study.ts';
import { train, trainings } from './trainings.ts';
import type { Work } from './work.ts';

const steps: Readonly<Record<string, (work: Work) => Promise<void>>> = {
  prepare,
  ...Object.fromEntries(trainings.map((training) => [training.name, (work: Work) => train(work, training)])),
  'judge-gender': (work) => judge(work, 'gender'),
  'judge-age': (work) => judge(work, 'age'),
  cutting,
  finding,
};

/** Steps that are only taken when they are named: they take hours. */
const apart: Readonly<Record<string, (work: Work) => Promise<void>>> = { study };

const help = `npm run faces -- -o FOLDER [STEP…] [--shared ../shared]

Trains networks for gender and for Adience's age classes on 2,100 faces of UTKFace, from ImageNet's weights and from
scratch, evaluates them on photos that they have not seen, and compares them. FOLDER takes all that is made; steps that
are finished are passed over, a training that was stopped goes on. About an hour in all on two cores. The steps cutting and finding
measure how faces are cut out and found; study, which must be named, trains for every fold of the paper's study and takes hours.

Steps, in this order: ${Object.keys(steps).join(', ')}; all unless some are named. Apart: ${Object.keys(apart).join(', ')}.
--shared is the folder with faces/utkface, models/bvlc_googlenet.caffemodel and adience/model_definitions.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    output: { type: 'string', short: 'o' },
    shared: { type: 'string', default: '../shared' },
    help: { type: 'boolean', default: false },
  },
});
const unknown = positionals.find((name) => !Object.hasOwn({ ...steps, ...apart }, name));
if (values.help || unknown !== undefined || values.output === undefined) {
  const problem =
    unknown !== undefined ? `no step '${unknown}'\n\n` : values.help ? '' : 'where to? -o FOLDER\n\n';
  process.stdout.write(problem + help);
  process.exit(values.help ? 0 : 2);
}

const shared = resolve(values.shared);
const work: Work = {
  folder: resolve(values.output),
  faces: join(shared, 'faces/utkface'),
  fairface: join(shared, 'faces/fairface'),
  weights: join(shared, 'models/bvlc_googlenet.caffemodel'),
  definitions: join(shared, 'adience/model_definitions'),
  say: (line) => process.stdout.write(`${line}\n`),
};
try {
  for (const path of [work.faces, work.weights, work.definitions]) {
    if (!existsSync(path)) throw new Error(`${path} is not there`);
  }
  await mkdir(work.folder, { recursive: true });
  const named = Object.entries({ ...steps, ...apart }).filter(([name]) => positionals.includes(name));
  for (const [name, step] of positionals.length > 0 ? named : Object.entries(steps)) {
    const start = performance.now();
    work.say(`\n## ${name}`);
    await step(work);
    work.say(`## ${name}: ${((performance.now() - start) / 60_000).toFixed(1)} minutes`);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
