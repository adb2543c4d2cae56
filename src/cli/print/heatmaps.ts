import { percent, plural, short } from '../../common/format.ts';
import type { Outputs } from '../../common/outputs.node.ts';
import type { Shard } from '../../common/shard.ts';
import type { AverageRequest, AverageResult } from '../../verbs/average/index.ts';
import type { DrawRequest } from '../../verbs/draw/index.ts';
import type { SaveEvent, SaveExplanationsRequest } from '../../verbs/explain/index.ts';
import type { GridRequest, GridResult } from '../../verbs/grid/index.ts';
import type { RegionsRequest, RegionsResult } from '../../verbs/regions/index.ts';
import type { NoteEvent, ProgressEvent } from '../../verbs/verb.ts';
import { note } from '../errors.ts';
import { follow, goesOnFromFirst, tellOf } from '../follow.ts';
import { print, printJson } from '../output.ts';
import { withStdin } from '../stdin.ts';
import { explainedText } from './photos.ts';
import { printShard } from './shard.ts';

/* Heatmaps are made and drawn: by a command, or as a unit. */

/** Explains photos, and says of each what the network answers. */
export async function explainAndPrint(
  request: SaveExplanationsRequest,
  outputs: Outputs,
  json = false,
): Promise<void> {
  const [{ saveExplanations }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/explain/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const goesOn = goesOnFromFirst();
  const record = await follow(
    (watch) => {
      const { photos, host } = withStdin(request.photos, nodeHostWith(outputs));
      return saveExplanations({ ...request, photos }, host, watch);
    },
    ({ photo }: Exclude<SaveEvent, ProgressEvent | NoteEvent>) => {
      if (!request.sharedScale) goesOn();
      tellOf(photo, (explained) => json || print(explainedText(explained)));
    },
  );
  if (json) printJson(record);
  else if (record.explanation) {
    const { summary, rules } = record.explanation;
    print(`\n${summary}\n${rules ? `${rules}\n` : ''}`);
  }
}

/** Compares what several models look at. */
export async function gridAndPrint(
  { shard, ...request }: GridRequest & { readonly shard?: Shard | undefined },
  outputs: Outputs,
): Promise<void> {
  const [{ grid, gridShard }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/grid/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  if (shard) {
    const host = nodeHostWith(outputs);
    return printShard(await follow((watch) => gridShard({ ...request, shard }, host, watch)), false);
  }
  const drawn = await follow((watch) => {
    const { photos, host } = withStdin(request.photos ?? [], nodeHostWith(outputs));
    return grid({ ...request, photos: request.photos && photos }, host, watch);
  });
  print(gridText(drawn));
}

/** Says where a grid is. */
export const gridText = ({ files, record }: GridResult): string => `${files.join(', ')}: ${record.title}\n`;

/** From here on people should know: maps of folds of one network differ less. */
const UNLIKE = 4;

/** Averages raw heatmaps. */
export async function averageAndPrint(
  { shard, ...request }: AverageRequest & { readonly shard?: Shard | undefined },
  outputs: Outputs,
  json = false,
): Promise<void> {
  const [{ average, averageShard }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/average/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const host = nodeHostWith(outputs);
  if (shard) return printShard(await averageShard({ ...request, shard }, host), json);
  const result = await average(request, host);
  if (json) return printJson(result);
  printAverage(result, request.normalise);
}

/** Says what was averaged, and whether few maps decide the mean. */
export function printAverage({ output, maps, spread, limit }: AverageResult, normalise = false): void {
  if (spread > UNLIKE && !normalise) {
    note(
      `the heatmaps differ up to ${short(spread)} times in size (Σ|R|), so that few of them decide the mean; --normalise gives all the same weight`,
    );
  }
  print(`${output}: the mean of ${plural(maps, 'heatmap')}, whose colours end at ±${short(limit)}\n`);
}

/** Draws raw heatmaps that are there already. */
export async function drawAndPrint(request: DrawRequest, outputs: Outputs, json = false): Promise<void> {
  const [{ draw }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/draw/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const drawn = await follow((watch) => draw(request, nodeHostWith(outputs), watch));
  if (json) return printJson(drawn);
  const { files, photos, models, heatmaps } = drawn;
  const means = heatmaps.filter(({ maps }) => maps > 1).length;
  print(
    `${files.join(', ')}: ${plural(photos.length, 'photo')}, ${plural(models.length, 'model')}, ` +
      `${plural(heatmaps.length, 'heatmap')}${means > 0 ? `, ${plural(means, 'mean')} of several among them` : ''}\n`,
  );
}

/** More models than these are for the table. */
const mostModels = 12;

/** Measures where models look in faces. */
export async function regionsAndPrint(
  { shard, ...request }: RegionsRequest & { readonly shard?: Shard | undefined },
  outputs: Outputs,
  json = false,
): Promise<void> {
  const [{ regions, regionsShard }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/regions/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const host = nodeHostWith(outputs);
  if (shard)
    return printShard(await follow((watch) => regionsShard({ ...request, shard }, host, watch)), json);
  const result = await follow((watch) => regions(request, host, watch));
  if (json) printJson(result);
  else print(regionsText(result));
}

/** Says where models look, and what stands out. */
export function regionsText(result: RegionsResult): string {
  const { models, estimates, findings, without, photos, files } = result;
  const shares = models.slice(0, mostModels).map(({ name }) => {
    const own = estimates
      .filter(({ model, target, area }) => model === name && target === undefined && area !== undefined)
      .map(({ measure, mean }) => `${measure} ${percent(mean)}`);
    return `${name}: ${own.join(' · ')}`;
  });
  const leftOut = without.map(({ error }) => `left out: ${error}`);
  const counted = `${files[0]}: ${plural(photos, 'photo')}, ${plural(models.length, 'model')}`;
  return [...shares, ...findings, ...leftOut, counted].map((line) => `${line}\n`).join('');
}
