import { dirname, extname } from 'node:path';
import { writeFileAtomic } from '../common/atomic.node.ts';
import { makeFolder } from '../common/folder.node.ts';
import { plural, short } from '../common/format.ts';
import { type Command, command, extent, withExamples, withJson } from './command.ts';
import { complainOfMissing, openSource, type SourceOptions, withSourceOptions } from './dataset.ts';
import { complain } from './errors.ts';
import { print, printJson } from './output.ts';
import { Progress } from './progress.ts';
import { shapeText } from './wording.ts';

interface Options extends SourceOptions {
  readonly output: string;
  readonly resize?: { height: number; width: number };
  readonly png?: boolean;
  readonly skipBad?: boolean;
  readonly json?: boolean;
}

export function dataMeanCommand(): Command {
  const given = withSourceOptions(
    command('mean')
      .summary("the mean image of a database or list, as Caffe's compute_image_mean")
      .description(
        'Averages all pictures pixel by pixel and writes the mean as .binaryproto: float32, blue, green, red. The paper ' +
          'takes the training database of gender, for age as well.',
      )
      .argument('<data>', 'an LMDB database, an image list, a .csv manifest or a folder per class'),
  )
    .requiredOption('-o, --output <file>', 'where to: mean.binaryproto')
    .option('--resize <size>', 'size of all pictures: 256, or HEIGHTxWIDTH (aspect ratio not kept)', extent)
    .option('--png', 'write it as a picture, too, beside the other')
    .option('--skip-bad', 'go on after pictures that are missing or cannot be read, and list them');
  return withExamples(withJson(given), [
    ['of a database', 'limn data mean gender_train_lmdb -o mean.binaryproto --png'],
    ['of a list', 'limn data mean gender_train.txt --images aligned --resize 256 -o mean.binaryproto'],
  ]).action(makeMean);
}

async function makeMean(path: string, options: Options): Promise<void> {
  const dataset = await openSource(path, options);
  await complainOfMissing(dataset, options.skipBad);
  const [{ datasetMean }, { channelMeans, meanPicture }, { writeMean }] = await Promise.all([
    import('../data/mean.node.ts'),
    import('../data/index.ts'),
    import('../caffe/index.ts'),
  ]);
  const progress = new Progress('pictures');
  try {
    const { mean, count, skipped } = await datasetMean(dataset, {
      resize: options.resize,
      skipBad: options.skipBad,
      progress: (done, total) => progress.at(done, total),
    });
    progress.clear();
    for (const { message } of skipped) complain(message);
    const { output } = options;
    await makeFolder(dirname(output));
    await writeFileAtomic(output, writeMean(mean));
    const picture = options.png
      ? `${output.slice(0, output.length - extname(output).length)}.png`
      : undefined;
    if (picture) {
      const { writePng } = await import('../image/encode.node.ts');
      await writePng(picture, meanPicture(mean, output));
    }
    const channels = channelMeans(mean);
    if (options.json) {
      printJson({ output, picture, pictures: count, skipped: skipped.length, shape: mean.shape, channels });
    } else {
      const bad = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
      print(
        `${output}: the mean of ${plural(count, 'picture')}${bad}, ${shapeText(mean.shape)}, channels ${channels.map(short).join(', ')}\n`,
      );
      if (picture) print(`${picture}: the same as a picture\n`);
    }
  } finally {
    progress.clear();
  }
}
