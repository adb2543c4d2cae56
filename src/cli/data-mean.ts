import { extname } from 'node:path';
import { plural, shapeText, short } from '../common/format.ts';
import { type Outputs, withOutputs } from '../common/outputs.node.ts';
import { type Command, command, extent, withExamples, withJson, withOverwrite } from './command.ts';
import { complainOfMissing, openSource, type SourceOptions, withSourceOptions } from './dataset.ts';
import { complain } from './errors.ts';
import { print, printJson } from './output.ts';
import { Progress } from './progress.ts';

interface Options extends SourceOptions {
  readonly output: string;
  readonly overwrite?: boolean;
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
  return withExamples(withJson(withOverwrite(given)), [
    ['of a database', 'limn data mean gender_train_lmdb -o mean.binaryproto --png'],
    ['of a list', 'limn data mean gender_train.txt --images aligned --resize 256 -o mean.binaryproto'],
  ]).action((path: string, options: Options) =>
    withOutputs(options, (outputs) => makeMean(outputs, path, options)),
  );
}

async function makeMean(outputs: Outputs, path: string, options: Options): Promise<void> {
  const { output } = options;
  const picture = options.png ? `${output.slice(0, output.length - extname(output).length)}.png` : undefined;
  const dataset = await openSource(path, options);
  outputs.reads(dataset.files);
  await outputs.claim(picture === undefined ? [output] : [output, picture]);
  await complainOfMissing(dataset, options.skipBad);
  const [{ datasetMean }, { channelMeans, meanPicture }, { writeMean }] = await Promise.all([
    import('../data/pictures/mean.node.ts'),
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
    await outputs.write(output, writeMean(mean));
    if (picture) {
      const { encodePng } = await import('../image/pixels/encode.node.ts');
      await outputs.write(picture, await encodePng(meanPicture(mean, output)));
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
