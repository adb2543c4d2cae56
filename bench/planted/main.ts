import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hiddenRegions } from '../../src/clusters/options.ts';
import { marks, plantedMark } from './experiment.ts';

const help = `npm run clever-hans -- [MARK…] [--seeds 3] [--pictures 600] [--iterations 300] [--region pictures] [--share 0.5]

Plants a mark that a network cheats by, finds it among its heatmaps, hides it, and trains it away; a row for each mark and
seed. Marks: ${Object.keys(marks).join(', ')}; all unless some are named. A row takes about a minute.
  clusters    the adjusted Rand index of clusters and marks, in the class that bears it
  hidden      marked test pictures that are answered otherwise with the cluster's region hidden
  elsewhere   those with the same region elsewhere hidden, and McNemar's exact test of the two
  cheating    marked test pictures that are answered right, by the network
  honest      those by a network that was trained with the region hidden
  as trained  those by that network, with the region hidden in them, too
With --region relevance what is hidden is where the cluster looks, in place of all that its pictures have in common there.
It ends with exit code 1 if an index is below 0.9, or the honest network is no better.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '3' },
    pictures: { type: 'string', default: '600' },
    iterations: { type: 'string', default: '300' },
    share: { type: 'string', default: '0.5' },
    region: { type: 'string', default: 'pictures' },
    help: { type: 'boolean', default: false },
  },
});
const isMark = (name: string): name is keyof typeof marks => Object.hasOwn(marks, name);
const chosen = (positionals.length > 0 ? positionals : Object.keys(marks)).filter(isMark);
if (values.help || chosen.length < positionals.length) {
  process.stdout.write(help);
  process.exit(values.help ? 0 : 2);
}
const region = hiddenRegions.find((name) => name === values.region);
if (!region) {
  process.stderr.write(`--region: expected ${hiddenRegions.join(' or ')}, got '${values.region}'\n`);
  process.exit(2);
}
const [seeds, pictures, iterations, share] = [
  values.seeds,
  values.pictures,
  values.iterations,
  values.share,
].map(Number);

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
process.stdout.write(
  '| mark | seed | clusters | hidden | elsewhere | p | cheating | honest | as trained |\n| --- | --: | --: | --: | --: | --: | --: | --: | --: |\n',
);
for (const mark of chosen)
  for (let seed = 1; seed <= seeds; seed++) {
    const folder = mkdtempSync(join(tmpdir(), 'limn-planted-'));
    try {
      const { agreement, changed, right } = await plantedMark({
        ...{ folder, mark, seed, pictures, iterations, share },
        region,
      });
      const cells = [
        agreement.toFixed(3),
        percent(changed.hidden),
        percent(changed.elsewhere),
        changed.p < 0.001 ? '< 0.001' : changed.p.toFixed(3),
        percent(right.cheating),
        percent(right.honest),
        percent(right.hidden),
      ];
      process.stdout.write(`| ${mark} | ${seed} | ${cells.join(' | ')} |\n`);
      if (agreement < 0.9 || right.honest <= right.cheating) process.exitCode = 1;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
