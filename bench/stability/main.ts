import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { explainer, type LrpMethod } from '../../src/attribution/index.ts';
import { rows } from '../../src/classifier/rows.ts';
import { int64, type Tensor } from '../../src/graph/index.ts';
import { preprocess } from '../../src/image/index.ts';
import { decodeFile, loadModel, nodeRuntime } from '../../src/node.node.ts';
import { compileExplanation, defaultComposite, namedComposite } from '../../src/relevance/index.ts';
import type { SessionOptions } from '../../src/runtime/index.ts';

const help = `npm run stability -- MODEL [--composite NAME] [--head NAME] [--photos N] [--shared ../shared]

How far the relevance of faces of FairFace depends on anything but the photo, as a share of each map's largest value: one
photo per run without ONNX Runtime's graph optimisation, against
  alone      one per run with it
  together   four per run with it
  threads    the same on two threads
  compiled   the compiled explanation as one file, four per run
It ends with exit code 1 if any of them changes a map by more than 0.1 %.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    composite: { type: 'string' },
    head: { type: 'string' },
    photos: { type: 'string', default: '540' },
    shared: { type: 'string', default: '../shared' },
  },
});
const [path] = positionals;
if (path === undefined) {
  process.stdout.write(help);
  process.exit(2);
}

const tolerance = 1e-3;
/** Photos that are held in memory at a time. */
const chunk = 20;

const { model } = await loadModel(path);
const how = model.info.preprocessing;
if (!how) throw new Error(`${path} does not say how photos become inputs`);
const folder = resolve(values.shared, 'faces/fairface');
const listed = readFileSync(join(folder, 'manifest.csv'), 'utf8').trim().split('\n').slice(1);
const files = listed.slice(0, Number(values.photos)).map((row) => join(folder, row.split(',')[0]));
const method: LrpMethod = {
  method: 'lrp',
  composite: values.composite ?? defaultComposite(model),
};
const open = (batch: number, session: SessionOptions) =>
  explainer(model, nodeRuntime, { ...method, head: values.head, batch, session });
const base = open(1, { threads: 1, optimise: 'quick' });
const ways = {
  alone: open(1, { threads: 1, optimise: 'full' }),
  together: open(4, { threads: 1, optimise: 'full' }),
  threads: open(4, { threads: 2, optimise: 'full' }),
};
const composite = namedComposite(`${method.composite}`, {}, model.info.layers);
const { graph } = await compileExplanation(model, { composite, head: values.head });
const compiled = await nodeRuntime.load(graph, { threads: 1 });

const changes: Record<string, number[]> = { alone: [], together: [], threads: [], compiled: [] };
for (let from = 0; from < files.length; from += chunk) {
  const input = preprocess(await Promise.all(files.slice(from, from + chunk).map((f) => decodeFile(f))), how);
  const { relevance: expected, targets } = await base.explain(input);
  const note = (name: string, made: Tensor) => {
    for (let i = 0; i < made.shape[0]; i++)
      changes[name].push(difference(rows(made, i, i + 1), rows(expected, i, i + 1)));
  };
  const target = targets.map(({ classes }) => classes[0]);
  for (const [name, made] of Object.entries(ways))
    note(name, (await made.explain(input, { target })).relevance);
  const parts = new Float32Array(expected.data.length);
  for (let at = 0; at < input.shape[0]; at += 4) {
    const some = rows(input, at, Math.min(at + 4, input.shape[0]));
    const outputs = await compiled.run({
      [graph.inputs[0].name]: some,
      target: int64([some.shape[0]], target.slice(at, at + 4)),
    });
    parts.set(outputs.relevance.data as Float32Array, at * (parts.length / input.shape[0]));
  }
  note('compiled', { ...expected, data: parts });
}
for (const made of [base, ...Object.values(ways), compiled]) await made.release();

process.stdout.write(`${path}, ${composite.name}, ${files.length} photos\n\n`);
process.stdout.write(
  '| way | maps changed by more than 0.1 % | median | largest |\n| --- | --- | --- | --- |\n',
);
for (const [name, list] of Object.entries(changes)) {
  const sorted = [...list].sort((a, b) => a - b);
  const beyond = list.filter((d) => !(d <= tolerance)).length;
  if (beyond > 0) process.exitCode = 1;
  const [median, most] = [sorted[Math.floor(sorted.length / 2)], sorted[sorted.length - 1]];
  process.stdout.write(
    `| ${name} | ${beyond} of ${list.length} | ${median.toExponential(1)} | ${most.toExponential(1)} |\n`,
  );
}

function difference({ data: a }: Tensor, { data: b }: Tensor): number {
  let [most, largest] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    most = Math.max(most, Math.abs(Number(a[i]) - Number(b[i])));
    largest = Math.max(largest, Math.abs(Number(b[i])));
  }
  return largest > 0 ? most / largest : most;
}
