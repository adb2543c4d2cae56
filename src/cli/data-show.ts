import { count, percent, plural } from '../common/format.ts';
import { type Outputs, withOutputs } from '../common/outputs.node.ts';
import { type Dataset, sortedLabels } from '../data/dataset.ts';
import type { Summary } from '../data/pictures/summary.node.ts';
import { type Command, command, whole, withExamples, withJson, withOverwrite } from './command.ts';
import { type DatasetOptions, openSource, withDatasetOptions } from './dataset.ts';
import { complain } from './errors.ts';
import { print, printJson } from './output.ts';
import { Progress } from './progress.ts';
import { table } from './table.ts';

interface Options extends DatasetOptions {
  readonly grid?: string;
  readonly overwrite?: boolean;
  readonly perLabel: number;
  readonly json?: boolean;
}

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
    .option('--per-label <n>', 'pictures for each label on the contact sheet', whole(1), 10);
  return withExamples(withJson(withOverwrite(given)), [
    ['a database', 'limn data show age_train_lmdb --grid age_train.png'],
    ["a table, its ages as Adience's classes", 'limn data show manifest.csv --ages age --between nearest'],
  ]).action((path: string, options: Options) =>
    withOutputs(options, (outputs) => show(outputs, path, options)),
  );
}

async function show(outputs: Outputs, path: string, options: Options): Promise<void> {
  const dataset = await openSource(path, options);
  outputs.reads(dataset.files);
  if (options.grid) await outputs.claim([options.grid]);
  const { summarise } = await import('../data/pictures/summary.node.ts');
  const progress = new Progress('pictures');
  const summary = await summarise(dataset, (done) => progress.at(done, dataset.size)).finally(() =>
    progress.clear(),
  );
  const bad = [...summary.bad];
  if (options.grid) bad.push(...(await drawGrid(outputs, dataset, summary, options.grid, options.perLabel)));
  for (const { message } of bad) complain(message);
  if (bad.length > 0) process.exitCode = 1;
  if (options.json) printJson(asJson(dataset, summary, options.grid));
  else print(asText(dataset, summary, options.grid));
}

async function drawGrid(
  outputs: Outputs,
  dataset: Dataset,
  summary: Summary,
  path: string,
  perLabel: number,
) {
  const [{ layoutSheet }, { encodeSheet, picturesPerLabel }] = await Promise.all([
    import('../data/index.ts'),
    import('../data/pictures/sheet.node.ts'),
  ]);
  const { pictures, bad } = await picturesPerLabel(dataset, summary, perLabel);
  const column = dataset.labelColumns[0];
  const rows = [...pictures].map(([label, some]) => ({
    title: `${column} ${label || 'none'}: ${plural(summary.labels[column].get(label)!, 'picture')}`,
    pictures: some,
  }));
  await outputs.write(path, await encodeSheet(layoutSheet(rows)));
  return bad;
}

function asJson(dataset: Dataset, { labels, groups, sizes, bad }: Summary, grid?: string): unknown {
  const counts = (counters: Summary['labels']) =>
    Object.fromEntries(
      Object.entries(counters).map(([column, counter]) => [
        column,
        Object.fromEntries(sortedLabels(counter).map((key) => [key, counter.get(key)])),
      ]),
    );
  const { name, kind, size, notes } = dataset;
  return {
    data: name,
    kind,
    pictures: size,
    notes,
    labels: counts(labels),
    groups: counts(groups),
    sizes: Object.fromEntries(sizes),
    unreadable: bad.map(({ message }) => message),
    grid,
  };
}

/** Of columns with more values than this, only their number is printed. */
const mostRows = 30;

function asText(dataset: Dataset, { labels, groups, sizes, bad }: Summary, grid?: string): string {
  const unreadable = bad.length > 0 ? `, ${count(bad.length)} of them missing or unreadable` : '';
  const parts = [`${dataset.name}: ${dataset.kind}, ${plural(dataset.size, 'picture')}${unreadable}\n`];
  for (const note of dataset.notes) parts.push(`${note}\n`);
  for (const [column, counter] of [...Object.entries(labels), ...Object.entries(groups)]) {
    parts.push('\n');
    if (counter.size > mostRows) parts.push(`${column}: ${count(counter.size)} different values\n`);
    else
      parts.push(
        table(
          [{ title: column }, { title: 'pictures', align: 'right' }, { title: '', align: 'right' }],
          sortedLabels(counter).map((key) => [
            key || 'none',
            count(counter.get(key)!),
            percent(counter.get(key)! / dataset.size),
          ]),
        ),
      );
  }
  parts.push('\n');
  const common = [...sizes].sort(([, a], [, b]) => b - a);
  parts.push(
    `sizes: ${common
      .slice(0, 5)
      .map(([size, n]) => `${size} (${count(n)})`)
      .join(', ')}`,
  );
  parts.push(common.length > 5 ? ` and ${count(common.length - 5)} others\n` : '\n');
  if (grid) parts.push(`${grid}: the contact sheet\n`);
  return parts.join('');
}
