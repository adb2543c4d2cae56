import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ExplainerOptions, explainer, type Method } from '../../src/attribution/index.ts';
import { pearson, roundedFigure } from '../../src/faithfulness/index.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { heatmaps, preprocess } from '../../src/image/index.ts';
import { decodeFile, loadModel, nodeRuntime } from '../../src/node.node.ts';
import { type FaithfulnessRequest, faithfulness } from '../../src/verbs/index.ts';

const help = `npm run sampling -- MODEL PHOTO… [--head NAME] [--seeds N] [--only PATTERN] [--no-faithful]

How much of a map is chance: methods that draw, each with its default and what else it might be.
  seeds     the mean correlation of the maps of two seeds, over photos
  smooth    the same of the maps drawn softly (a mean over 7×7 pixels), as eyes see them
  time      processor time of a map
and, by limn faithfulness, how the maps of one seed order regions: pixel flipping, higher is better.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  allowNegative: true,
  options: {
    head: { type: 'string' },
    seeds: { type: 'string', default: '4' },
    only: { type: 'string', default: '' },
    faithful: { type: 'boolean', default: true },
  },
});
const [path, ...files] = positionals;
if (path === undefined || files.length === 0) {
  process.stdout.write(help);
  process.exit(2);
}

interface Candidate {
  readonly name: string;
  readonly method: Method['method'];
  readonly samples?: number;
  readonly noise?: number;
  readonly steps?: number;
}

const smoothGrads = [0.02, 0.05, 0.1, 0.15].flatMap((noise) =>
  [25, 50, 100].map(
    (samples): Candidate => ({
      name: `smoothgrad, noise ${noise}, ${samples} samples`,
      method: 'smoothgrad',
      noise,
      samples,
    }),
  ),
);
const of = (method: Method['method'], counts: readonly number[]): Candidate[] =>
  counts.map((samples) => ({ name: `${method}, ${samples} samples`, method, samples }));
const candidates = [
  ...smoothGrads,
  ...of('gradient-shap', [25, 50, 100, 200]),
  ...of('rise', [500, 1000, 2000, 4000]),
  ...of('kernel-shap', [500, 1098, 2000]),
  ...[10, 25, 50, 100].map(
    (steps): Candidate => ({
      name: `integrated-gradients, ${steps} steps`,
      method: 'integrated-gradients',
      steps,
    }),
  ),
].filter(({ name }) => new RegExp(values.only).test(name));

const { model } = await loadModel(path);
const how = model.info.preprocessing;
if (!how) throw new Error(`${path} does not say how photos become inputs`);
const input = preprocess(await Promise.all(files.map((file) => decodeFile(file))), how);

/** The maps of all photos. */
async function mapsOf({ name: _, ...method }: Candidate, seed: number): Promise<Float64Array[]> {
  const drawn = method.steps === undefined ? { ...method, seed } : method;
  const options = { ...drawn, head: values.head, batch: 8, session: { threads: 1 } };
  const made = explainer(model, nodeRuntime, options as ExplainerOptions);
  const { relevance } = await made.explain(input).finally(() => made.release());
  return heatmaps(relevance).map(({ data }) => Float64Array.from(data));
}

const [height, width] = input.shape.slice(2);

/** The mean over 7×7 pixels around each. */
function soft(map: Float64Array): Float64Array {
  return map.map((_, at) => {
    const [y, x] = [Math.floor(at / width), at % width];
    let [sum, count] = [0, 0];
    for (let i = Math.max(0, y - 3); i <= Math.min(height - 1, y + 3); i++)
      for (let j = Math.max(0, x - 3); j <= Math.min(width - 1, x + 3); j++) {
        sum += map[i * width + j];
        count++;
      }
    return sum / count;
  });
}

const mean = (list: readonly number[]): number => list.reduce((sum, one) => sum + one, 0) / list.length;

/** The mean correlation of two runs, of all pairs of runs and all photos. */
const likeness = (runs: readonly (readonly Float64Array[])[]): number =>
  mean(
    runs.flatMap((one, i) =>
      runs.slice(i + 1).flatMap((other) => one.map((map, photo) => pearson(map, other[photo]))),
    ),
  );

process.stdout.write('| method | seeds | smooth | time |\n| --- | --- | --- | --- |\n');
for (const candidate of candidates) {
  const seeds = candidate.steps === undefined ? Number(values.seeds) : 1;
  const before = process.cpuUsage();
  const runs: Float64Array[][] = [];
  for (let seed = 1; seed <= seeds; seed++) runs.push(await mapsOf(candidate, seed));
  const { user, system } = process.cpuUsage(before);
  const time = (user + system) / 1e6 / (seeds * files.length);
  // Nothing is drawn where there are steps: what is asked is how far the integral is from a finer one's.
  if (candidate.steps !== undefined) runs.push(await mapsOf({ ...candidate, steps: 400 }, 0));
  const [plain, softly] = [likeness(runs), likeness(runs.map((maps) => maps.map(soft)))];
  const row = [candidate.name, plain.toFixed(2), softly.toFixed(2), `${time.toFixed(2)} s`];
  process.stdout.write(`| ${row.join(' | ')} |\n`);
}

if (values.faithful) {
  const output = mkdtempSync(join(tmpdir(), 'limn-sampling-'));
  try {
    const request: FaithfulnessRequest = {
      model: path,
      data: files,
      output: join(output, 'faithful'),
      methods: candidates.map((each) => ({ ...each })),
      metrics: ['pixel-flipping'],
      head: values.head,
      threads: 1,
      charts: false,
    };
    const { report } = await faithfulness(request, nodeHost);
    process.stdout.write('\n| method | pixel flipping |\n| --- | --- |\n');
    for (const { method, mean: value, low, high } of report.estimates)
      process.stdout.write(
        `| ${method} | ${roundedFigure(value)} ±${roundedFigure(((high ?? 0) - (low ?? 0)) / 2)} |\n`,
      );
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}
