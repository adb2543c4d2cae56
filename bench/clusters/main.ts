import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  eigengap,
  type Features,
  kmeans,
  leading,
  nearestNeighbours,
  neighbourAffinity,
  normaliseRows,
  spectralEmbedding,
} from '../../src/clusters/index.ts';
import { fillNormal } from '../../src/common/random.ts';
import { float32 } from '../../src/graph/index.ts';
import { writeNpy } from '../../src/image/index.ts';
import { nodeRuntime } from '../../src/node.node.ts';

const help = `npm run clusters -- [--rows 10000] [--side 112] [--python python3]

Clusters maps of side × side numbers that are drawn around eight centres, and prints what each step takes, the most
memory, and how SciPy and scikit-learn, where Python has them, come to the same on the same rows.
`;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000' },
    side: { type: 'string', default: '112' },
    python: { type: 'string', default: 'python3' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}

const [rows, columns] = [Number(values.rows), Number(values.side) ** 2];
const features = normaliseRows(drawn(rows, columns), { norm: 'l2', signed: true });
const times: Record<string, number> = {};
const timed = async <T>(name: string, work: () => T | Promise<T>): Promise<T> => {
  const start = performance.now();
  const made = await work();
  times[name] = (performance.now() - start) / 1000;
  return made;
};
const near = await timed('neighbours', () => nearestNeighbours(features, 10, nodeRuntime));
const spectral = await timed('eigenvectors', () => spectralEmbedding(neighbourAffinity(near), 13));
const { clusters } = eigengap(spectral.eigenvalues);
const labels = await timed('k-means', () => kmeans(leading(spectral, clusters), clusters));
process.stdout.write(`${rows} rows of ${columns} in ${clusters} clusters\n`);
for (const [name, seconds] of Object.entries(times))
  process.stdout.write(`${name} ${seconds.toFixed(1)} s\n`);
const most = process.resourceUsage().maxRSS / 1024;
process.stdout.write(`at most ${most.toFixed(0)} MiB\n`);

const folder = mkdtempSync(join(tmpdir(), 'limn-clusters-bench-'));
try {
  writeFileSync(join(folder, 'rows.npy'), writeNpy(float32([rows, columns], features.data)));
  const made = {
    neighbours: near.count,
    indices: Array.from(near.indices),
    eigenvalues: spectral.eigenvalues,
    clusters,
    labels: Array.from(labels),
  };
  writeFileSync(join(folder, 'result.json'), JSON.stringify(made));
  const referee = new URL('../../../bench/clusters/referee.py', import.meta.url).pathname;
  try {
    process.stdout.write(
      execFileSync(values.python, [referee, folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
    );
  } catch (error) {
    const [last] = String((error as { stderr?: string }).stderr ?? error)
      .trim()
      .split('\n')
      .slice(-1);
    process.stdout.write(`not held against SciPy and scikit-learn: ${last}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Normal numbers around eight centres. */
function drawn(count: number, width: number): Features {
  const centres = new Float32Array(8 * width);
  fillNormal(centres, 1, 0);
  const data = new Float32Array(count * width);
  fillNormal(data, 1, 1);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < width; j++) data[i * width + j] += 0.5 * centres[(i % 8) * width + j];
  return { rows: count, columns: width, data };
}
