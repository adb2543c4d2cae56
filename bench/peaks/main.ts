import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { explainer } from '../../src/attribution/index.ts';
import { heatmaps, preprocess } from '../../src/image/index.ts';
import { decodeFile } from '../../src/image/pixels/decode.node.ts';
import { loadModel, nodeRuntime } from '../../src/node.node.ts';
import { defaultComposite } from '../../src/relevance/index.ts';
import { peakOf } from '../defaults/peak.ts';
import { quantile } from '../defaults/quantile.ts';

const help = `npm run peaks -- MODEL PHOTO… [--composite NAME…] [--gamma γ] [--head NAME]

Whether single pixels dominate an explanation: the share of all |R| that the strongest 0.032 % of the pixels hold (4 of
112×112, 16 of 224×224; a map that is alike everywhere has 0.032 %), over photos or folders of them: median, 95th
percentile and largest, and which photos these largest are of.
  --composite   the default and epsilon-plus-flat unless given; several times for several
  --gamma       for those that have it; their own unless given
`;

/** Four of the 12,544 pixels of the network of face-api. */
const part = 4 / 12544;
/** Photos that are held in memory at a time. */
const chunk = 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    composite: { type: 'string', multiple: true },
    gamma: { type: 'string' },
    head: { type: 'string' },
  },
});
const [path, ...given] = positionals;
if (path === undefined || given.length === 0) {
  process.stdout.write(help);
  process.exit(2);
}

const { model } = await loadModel(path);
const how = model.info.preprocessing ?? unprepared();
const files = given.flatMap(photosOf);
const composites = values.composite ?? [...new Set([defaultComposite(model), 'epsilon-plus-flat'])];

process.stdout.write('| network | composite | photos | median | 95 % | largest |\n');
process.stdout.write('| --- | --- | --- | --- | --- | --- |\n');
for (const composite of composites) {
  const found = await peaks(composite);
  const shares = found.map(({ share }) => share);
  const cells = [0.5, 0.95, 1].map((p) => `${(100 * quantile(shares, p)).toPrecision(2)} %`);
  process.stdout.write(`| ${[basename(path), composite, found.length, ...cells].join(' | ')} |\n`);
  const worst = found.sort((a, b) => b.share - a.share).slice(0, 3);
  for (const { file, share } of worst) process.stderr.write(`${(100 * share).toPrecision(2)} % ${file}\n`);
}

function unprepared(): never {
  throw new Error(`${path} does not say how photos become inputs`);
}

/** A photo, or those below a folder, in the order of their names. */
function photosOf(place: string): string[] {
  if (!existsSync(place)) throw new Error(`${place}: there is no such file`);
  if (!statSync(place).isDirectory()) return [place];
  const inside = readdirSync(place, { recursive: true, encoding: 'utf8' });
  return inside
    .filter((name) => /\.(jpe?g|png)$/i.test(name))
    .sort()
    .map((name) => join(place, name));
}

async function peaks(composite: string): Promise<{ readonly file: string; readonly share: number }[]> {
  const gamma = values.gamma === undefined ? undefined : Number(values.gamma);
  const made = explainer(model, nodeRuntime, {
    method: 'lrp',
    composite,
    gamma,
    head: values.head,
    batch: 4,
  });
  const found: { file: string; share: number }[] = [];
  try {
    for (let from = 0; from < files.length; from += chunk) {
      const some = files.slice(from, from + chunk);
      const { relevance } = await made.explain(
        preprocess(await Promise.all(some.map((f) => decodeFile(f))), how),
      );
      for (const [i, { data }] of heatmaps(relevance).entries())
        found.push({ file: some[i], share: peakOf(data, part) });
    }
  } finally {
    await made.release();
  }
  return found;
}
