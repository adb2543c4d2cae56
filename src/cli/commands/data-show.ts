import { withOutputs } from '../../common/outputs.node.ts';
import type { DataShowRequest, DataShowResult } from '../../verbs/data/index.ts';
import { type Command, command, parseWhole, withExamples, withJson, withOverwrite } from '../command.ts';
import { follow } from '../follow.ts';
import { withDatasetOptions } from '../options/dataset.ts';
import { print, printJson } from '../output.ts';
import { picturesText } from '../print/pictures.ts';

type Options = Omit<DataShowRequest, 'data'> & { readonly overwrite?: boolean; readonly json?: boolean };

export function dataShowCommand(): Command {
  const described = command('show')
    .summary('counts per label, sizes, a contact sheet')
    .description(
      'Counts the labels and sizes of labelled pictures, names all that are missing or cannot be read, and draws a ' +
        'contact sheet with a row for each label.',
    )
    .argument('<data>', 'an LMDB database, an image list, a .csv manifest or a folder per class');
  const given = withDatasetOptions(described)
    .option('--grid <file>', 'the contact sheet to write, a .png')
    .option('--per-label <n>', 'pictures for each label on the contact sheet', parseWhole(1), 10);
  return withExamples(withJson(withOverwrite(given)), [
    ['a database', 'limn data show age_train_lmdb --grid age_train.png'],
    ["a table, its ages as Adience's classes", 'limn data show manifest.csv --ages age --between nearest'],
  ]).action(show);
}

async function show(data: string, { overwrite, json = false, ...options }: Options): Promise<void> {
  const [{ dataShow }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/data/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const shown = await follow((watch) =>
    withOutputs({ overwrite }, (outputs) => dataShow({ data, ...options }, nodeHostWith(outputs), watch)),
  );
  if (shown.unreadable.length > 0) process.exitCode = 1;
  if (json) printJson(asJson(shown));
  else print(picturesText(shown));
}

/** The document that scripts read: counts by their values. */
function asJson({ labels, groups, sizes, ...shown }: DataShowResult): unknown {
  const byValue = (columns: DataShowResult['labels']) =>
    Object.fromEntries(
      Object.entries(columns).map(([column, counts]) => [column, Object.fromEntries(counts)]),
    );
  const { data, kind, pictures, notes, ...rest } = shown;
  return {
    ...{ data, kind, pictures, notes },
    labels: byValue(labels),
    groups: byValue(groups),
    sizes: Object.fromEntries(sizes),
    ...rest,
  };
}
