import { dirname, extname } from 'node:path';
import { writeFileAtomic } from '../common/atomic.node.ts';
import { fail } from '../common/error.ts';
import { readText } from '../common/file.node.ts';
import { plural, short } from '../common/format.ts';
import { float32, type Tensor } from '../graph/index.ts';
import { type Command, command, Option, withExamples, withJson } from './command.ts';
import { type HeatmapOptions, scaleOf, withHeatmapOptions } from './heatmap.ts';
import { makeFolder, print, printJson } from './output.ts';
import { readFloats } from './tensors.ts';

interface Options extends HeatmapOptions {
  readonly output: string;
  readonly channels: 'bgr' | 'rgb';
  readonly json?: boolean;
}

export function averageCommand(): Command {
  const given = command('average')
    .description(
      'Averages raw heatmaps of one shape, as the paper does over the models of several folds, and draws the mean. ' +
        'Takes .npy (N×3×H×W or 3×H×W) and _rawhm.txt files; maps of a batch count one by one.',
    )
    .argument('<raw...>', '.npy or _rawhm.txt files')
    .requiredOption('-o, --output <file>', 'where to: .png for a picture, .npy or .txt for the raw mean');
  return withExamples(withJson(withHeatmapOptions(given)), [
    ['one picture of the heatmaps of five folds', 'limn average fold*/cat.npy -o cat.png'],
    ['the mean itself, in the format of the LRP Toolbox', 'limn average a.npy b_rawhm.txt -o mean_rawhm.txt'],
  ])
    .addOption(
      new Option('--channels <order>', 'order of the channels in .npy files')
        .choices(['bgr', 'rgb'])
        .default('bgr'),
    )
    .action(average);
}

async function average(paths: readonly string[], options: Options): Promise<void> {
  const scale = scaleOf(options);
  const { averageRelevance, colormap, heatmaps, limitOf, renderHeatmap, writeNpy, writeRawHeatmap } =
    await import('../image/index.ts');
  const maps: Tensor<'float32'>[] = [];
  const names: string[] = [];
  for (const path of paths) {
    for (const map of await readMaps(path, options.channels)) {
      maps.push(map);
      names.push(path);
    }
  }
  const mean = averageRelevance(maps, names);
  await makeFolder(dirname(options.output));
  const [map] = heatmaps(mean, options.pooling);
  const limit = limitOf(map!, scale);
  switch (extname(options.output).toLowerCase()) {
    case '.npy':
      await writeFileAtomic(options.output, writeNpy(mean));
      break;
    case '.txt':
      await writeFileAtomic(options.output, writeRawHeatmap(mean, options.channels));
      break;
    default: {
      const { writePng } = await import('../image/encode.node.ts');
      await writePng(options.output, renderHeatmap(map!, colormap(options.colors), limit));
    }
  }
  if (options.json) printJson({ output: options.output, maps: maps.length, shape: mean.shape, limit });
  else
    print(
      `${options.output}: the mean of ${plural(maps.length, 'heatmap')}, largest value ±${short(limit)}\n`,
    );
}

/** The heatmaps of a file, 1×C×H×W each. */
async function readMaps(path: string, order: 'bgr' | 'rgb'): Promise<Tensor<'float32'>[]> {
  if (/\.txt$/i.test(path)) {
    const { readRawHeatmap } = await import('../image/index.ts');
    return [readRawHeatmap(await readText(path, 'a heatmap'), path, order)];
  }
  const all = await readFloats(path);
  const shape = all.shape.length === 3 ? [1, ...all.shape] : all.shape;
  if (shape.length !== 4 || shape.includes(0)) {
    fail(path, `expected relevance N×C×H×W, got [${all.shape}]`, 'give what limn explain writes');
  }
  const [n, ...rest] = shape as [number, number, number, number];
  const each = all.data.length / n;
  return Array.from({ length: n }, (_, i) =>
    float32([1, ...rest], all.data.subarray(i * each, (i + 1) * each)),
  );
}
