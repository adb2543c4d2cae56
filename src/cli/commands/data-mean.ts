import { withOutputs } from '../../common/outputs.node.ts';
import type { DataMeanRequest } from '../../verbs/data/index.ts';
import { type Command, command, parseSize, withExamples, withJson, withOverwrite } from '../command.ts';
import { withSourceOptions } from '../options/dataset.ts';
import { foldList } from '../options/folds.ts';
import { meanAndPrint, meansAndPrint } from '../print/data.ts';

type Options = Omit<DataMeanRequest, 'data'> & {
  readonly folds?: readonly number[];
  readonly overwrite?: boolean;
  readonly json?: boolean;
};

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
    .option('-o, --output <file>', 'where to', 'mean.binaryproto')
    .option(
      '--resize <size>',
      'size of all pictures: 256, or HEIGHTxWIDTH (aspect ratio not kept)',
      parseSize,
    )
    .option(
      '--folds <list>',
      'a mean of each of these, 0-4 or 0,2, which replace {fold} in the paths',
      foldList,
    )
    .option('--gray', 'average them in grey, as one channel')
    .option('--png', 'write it as a picture, too, beside the other')
    .option('--skip-bad', 'go on after pictures that are missing or cannot be read, and list them');
  return withExamples(withJson(withOverwrite(given)), [
    ['of a database', 'limn data mean gender_train_lmdb -o mean.binaryproto --png'],
    [
      'of every fold',
      'limn data mean lmdb/Test_fold_is_{fold}/gender_train_lmdb --folds 0-4 -o mean_image/Test_fold_is_{fold}/mean.binaryproto',
    ],
    ['of a list', 'limn data mean gender_train.txt --images aligned --resize 256 -o mean.binaryproto'],
  ]).action(makeMean);
}

async function makeMean(data: string, { overwrite, json, folds, ...options }: Options): Promise<void> {
  const asked = { data, ...options };
  await withOutputs({ overwrite }, (outputs) =>
    folds ? meansAndPrint({ ...asked, folds }, outputs, json) : meanAndPrint(asked, outputs, json),
  );
}
