import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { explainer } from '../../src/attribution/index.ts';
import { roundedFigure } from '../../src/faithfulness/index.ts';
import type { Model, Tensor } from '../../src/graph/index.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { heatmaps, preprocess } from '../../src/image/index.ts';
import { decodeFile } from '../../src/image/pixels/decode.node.ts';
import { loadModel, nodeRuntime } from '../../src/node.node.ts';
import { faithfulness } from '../../src/verbs/index.ts';
import { peakOf } from './peak.ts';
import { quantile } from './quantile.ts';

const help = `npm run defaults -- MODEL [--photos N] [--head NAME] [--shared ../shared]

Compares candidates for the default composite on faces of FairFace:
  unstable   photos whose map changes by more than 0.1 % of its largest value from one photo per run without ONNX
             Runtime's graph optimisation to four per run with it
  difference the median and the largest of these changes
  peak       the share of all |R| that the strongest 0.03 % of the pixels hold: median and largest
and then, by limn faithfulness, how they order regions: pixel flipping and insertion, with what follows.
`;

interface Candidate {
  readonly name: string;
  readonly composite: string;
  readonly gamma?: number;
  readonly sums?: 'absolute' | 'positive' | 'proportional';
}

const candidates: readonly Candidate[] = [
  { name: 'epsilon-plus-flat, sums proportional', composite: 'epsilon-plus-flat', sums: 'proportional' },
  { name: 'epsilon-plus-flat', composite: 'epsilon-plus-flat' },
  { name: 'epsilon-gamma-box, γ 0.25', composite: 'epsilon-gamma-box' },
  { name: 'epsilon-gamma-box, γ 1', composite: 'epsilon-gamma-box', gamma: 1 },
  {
    name: 'epsilon-gamma-box, γ 1, sums proportional',
    composite: 'epsilon-gamma-box',
    gamma: 1,
    sums: 'proportional',
  },
  { name: 'iccv2017', composite: 'iccv2017' },
  { name: 'epsilon', composite: 'epsilon' },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    photos: { type: 'string', default: '24' },
    head: { type: 'string' },
    shared: { type: 'string', default: '../shared' },
  },
});
const [path] = positionals;
if (path === undefined) {
  process.stdout.write(help);
  process.exit(2);
}

const { model } = await loadModel(path);
const folder = resolve(values.shared, 'faces/fairface');
const rows = readFileSync(join(folder, 'manifest.csv'), 'utf8').trim().split('\n').slice(1);
const files = rows.slice(0, Number(values.photos)).map((row) => join(folder, row.split(',')[0]));
const how = model.info.preprocessing;
if (!how) throw new Error(`${path} does not say how photos become inputs`);
const photos = preprocess(await Promise.all(files.map((file) => decodeFile(file))), how);
process.stdout.write(`| composite | unstable | difference | peak |\n| --- | --- | --- | --- |\n`);
for (const candidate of candidates) process.stdout.write(`${await measured(model, photos, candidate)}\n`);
const output = mkdtempSync(join(tmpdir(), 'limn-defaults-'));
try {
  const { report } = await faithfulness(
    {
      model: path,
      data: files,
      output: join(output, 'faithful'),
      methods: candidates,
      metrics: ['pixel-flipping', 'insertion'],
      head: values.head,
      steps: 14,
      charts: false,
    },
    nodeHost,
  );
  process.stdout.write(`\n| composite | ${report.measures.map(({ title }) => title).join(' | ')} |\n`);
  process.stdout.write(`| --- |${' --- |'.repeat(report.measures.length)}\n`);
  for (const { name } of report.methods) {
    const means = report.measures.map((measure) => {
      const found = report.estimates.find((each) => each.measure === measure.name && each.method === name);
      return found
        ? `${roundedFigure(found.mean)} ±${roundedFigure(((found.high ?? 0) - (found.low ?? 0)) / 2)}`
        : '';
    });
    process.stdout.write(`| ${name} | ${means.join(' | ')} |\n`);
  }
  process.stdout.write(`\n${report.findings.join('\n')}\n`);
} finally {
  rmSync(output, { recursive: true, force: true });
}

async function measured(
  given: Model,
  input: Tensor<'float32'>,
  { name, ...lrp }: Candidate,
): Promise<string> {
  const explain = async (batch: number, optimise: 'quick' | 'full') => {
    const made = explainer(given, nodeRuntime, {
      ...lrp,
      method: 'lrp',
      head: values.head,
      batch,
      session: { threads: 1, optimise },
    });
    const explanation = await made.explain(input).finally(() => made.release());
    return explanation;
  };
  const alone = await explain(1, 'quick');
  const together = await explain(4, 'full');
  const maps = heatmaps(together.relevance);
  const n = input.data.length / maps.length;
  const differences = maps.map((_, i) =>
    difference(
      alone.relevance.data.subarray(i * n, (i + 1) * n),
      together.relevance.data.subarray(i * n, (i + 1) * n),
    ),
  );
  const peaks = maps.map(({ data }) => peakOf(data, 3e-4));
  const percent = (share: number) => `${(100 * share).toPrecision(2)} %`;
  return `| ${name} | ${differences.filter((d) => d > 1e-3).length} of ${maps.length} | ${quantile(differences, 1).toExponential(1)} (median ${quantile(differences, 0.5).toExponential(1)}) | ${percent(quantile(peaks, 0.5))}, ${percent(quantile(peaks, 1))} |`;
}

function difference(a: Float32Array, b: Float32Array): number {
  let [most, largest] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    most = Math.max(most, Math.abs(a[i] - b[i]));
    largest = Math.max(largest, Math.abs(b[i]));
  }
  return largest > 0 ? most / largest : 0;
}
