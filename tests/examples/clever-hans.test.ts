import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { expect, it } from 'vitest';
import { folder } from '../cli/limn.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

it('examples/clever-hans.ts finds the planted mark, shows that answers hang on it, and trains it away', async () => {
  const dir = folder();
  mkdirSync(join(dir, 'node_modules'));
  symlinkSync(root, join(dir, 'node_modules/limn'));
  const source = readFileSync(join(root, 'examples/clever-hans.ts'), 'utf8');
  writeFileSync(join(dir, 'hans.mjs'), (await transform(source, { loader: 'ts' })).code);
  const said = execFileSync(process.execPath, ['hans.mjs', 'out', '240', '120'], {
    cwd: dir,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [, agreement] = /adjusted Rand index of clusters and marks: (\S+)/.exec(said) ?? [];
  expect(Number(agreement)).toBeGreaterThanOrEqual(0.9);
  expect(said).toContain('has more of mark yes');
  const { groups } = JSON.parse(readFileSync(join(dir, 'out/found', hidden(said)), 'utf8'));
  const marked = groups.find(
    ({ column, value }: { column: string; value: string }) => column === 'mark' && value === 'yes',
  );
  // What is hidden elsewhere changes few answers, what is hidden in the corner many.
  expect(marked.changed.low).toBeGreaterThan(0.1);
  expect(marked.changed.adjusted).toBeLessThan(0.01);
  const seen = [...said.matchAll(/(\d+) of (\d+) dots with the mark are seen as dots/g)].map(
    ([, right, all]) => Number(right) / Number(all),
  );
  expect(seen).toHaveLength(2);
  expect(seen[1] - seen[0]).toBeGreaterThan(0.3);
}, 600_000);

/** The report of what hiding changes, of the cluster that is named. */
function hidden(said: string): string {
  const [, cluster] = /Cluster (\d+) \(stripes, \d+ photos\) has more of mark yes/.exec(said) ?? [];
  return `hidden-cluster-${cluster}.json`;
}
