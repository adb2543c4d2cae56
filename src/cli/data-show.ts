import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { LimnError } from '../common/error.ts';
import { makeFolder } from '../common/folder.node.ts';
import type { Dataset, Sample } from '../data/index.ts';
import { ordered } from '../runtime/ordered.ts';
import { type Command, command, whole, withExamples, withJson } from './command.ts';
import { type DatasetOptions, openSource, withDatasetOptions } from './dataset.ts';
import { complain } from './errors.ts';
import { count, percent, plural } from './format.ts';
import { print, printJson } from './output.ts';
import { Progress } from './progress.ts';
import { table } from './table.ts';

interface Options extends DatasetOptions {
  readonly grid?: string;
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
  return withExamples(withJson(given), [
    ['a database', 'limn data show age_train_lmdb --grid age_train.png'],
    ["a table, its ages as Adience's classes", 'limn data show manifest.csv --ages age --between nearest'],
  ]).action(show);
}

/** What is known of a data set after looking at every sample. */
interface Survey {
  /** By column, by label: how many. Samples without a label count as ''. */
  readonly labels: Record<string, Map<string, number>>;
  readonly groups: Record<string, Map<string, number>>;
  readonly sizes: Map<string, number>;
  readonly bad: LimnError[];
  /** By label of the first column: which samples have it and can be read. */
  readonly members: Map<string, number[]>;
}

async function show(path: string, options: Options): Promise<void> {
  const dataset = await openSource(path, options);
  const survey = await look(dataset);
  for (const { message } of survey.bad) complain(message);
  if (survey.bad.length > 0) process.exitCode = 1;
  if (options.grid) await drawGrid(dataset, survey, options.grid, options.perLabel);
  if (options.json) printJson(asJson(dataset, survey, options.grid));
  else print(asText(dataset, survey, options.grid));
}

async function look(dataset: Dataset): Promise<Survey> {
  const { extentOf } = await import('../data/pictures.node.ts');
  const counters = (columns: readonly string[]) =>
    Object.fromEntries(columns.map((column) => [column, new Map<string, number>()]));
  const survey: Survey = {
    labels: counters(dataset.labelColumns),
    groups: counters(dataset.groupColumns),
    sizes: new Map(),
    bad: [],
    members: new Map(),
  };
  const progress = new Progress('pictures');
  let index = 0;
  const one = async (sample: Sample) => {
    try {
      return { sample, extent: await extentOf(await sample.content(), sample.name) };
    } catch (error) {
      if (error instanceof LimnError) return { sample, extent: error };
      throw error;
    }
  };
  try {
    for await (const { sample, extent } of ordered(dataset.samples(), one, 2 * availableParallelism())) {
      for (const column of dataset.labelColumns)
        add(survey.labels[column]!, labelName(dataset, sample, column));
      for (const column of dataset.groupColumns) add(survey.groups[column]!, sample.groups[column] ?? '');
      if (extent instanceof LimnError) survey.bad.push(extent);
      else {
        add(survey.sizes, `${extent.height}×${extent.width}`);
        const label = labelName(dataset, sample, dataset.labelColumns[0]!);
        const members = survey.members.get(label);
        if (members) members.push(index);
        else survey.members.set(label, [index]);
      }
      progress.at(++index, dataset.size);
    }
  } finally {
    progress.clear();
  }
  return survey;
}

const add = (counter: Map<string, number>, key: string): void => {
  counter.set(key, (counter.get(key) ?? 0) + 1);
};

/** A label as people read it: `4 (25, 32)`; nothing where there is none. */
function labelName({ classes }: Dataset, { labels }: Sample, column: string): string {
  const label = labels[column];
  if (label === undefined) return '';
  const name = typeof label === 'number' ? classes[column]?.[label] : undefined;
  return name === undefined ? String(label) : `${label} ${name}`;
}

async function drawGrid(
  dataset: Dataset,
  { members, labels }: Survey,
  path: string,
  perLabel: number,
): Promise<void> {
  const [{ layoutSheet }, { writeSheet }, { pictureOf }] = await Promise.all([
    import('../data/index.ts'),
    import('../data/sheet.node.ts'),
    import('../data/pictures.node.ts'),
  ]);
  const column = dataset.labelColumns[0]!;
  const names = sortedKeys(members);
  const rows = new Map(names.map((name) => [name, [] as Awaited<ReturnType<typeof pictureOf>>[]]));
  // Spread evenly over each label's samples: neighbours are often of one person.
  const chosen = new Map<number, string>();
  for (const name of names) {
    const indices = members.get(name)!;
    const n = Math.min(perLabel, indices.length);
    for (let i = 0; i < n; i++) chosen.set(indices[Math.floor((i * indices.length) / n)]!, name);
  }
  let index = 0;
  for await (const sample of dataset.samples()) {
    const name = chosen.get(index++);
    if (name === undefined) continue;
    // A picture whose size can be read may be damaged further on.
    const picture = await sample
      .content()
      .then((content) => pictureOf(content, sample.name))
      .catch((error) => {
        if (!(error instanceof LimnError)) throw error;
        complain(error.message);
        process.exitCode = 1;
      });
    if (picture) rows.get(name)!.push(picture);
  }
  await makeFolder(dirname(path));
  const sheet = layoutSheet(
    names.map((name) => ({
      title: `${column} ${name || 'none'}: ${plural(labels[column]!.get(name)!, 'picture')}`,
      pictures: rows.get(name)!,
    })),
  );
  await writeSheet(path, sheet);
}

function sortedKeys(counter: ReadonlyMap<string, unknown>): string[] {
  return [...counter.keys()].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

function asJson(dataset: Dataset, { labels, groups, sizes, bad }: Survey, grid?: string): unknown {
  const counts = (counters: Record<string, Map<string, number>>) =>
    Object.fromEntries(
      Object.entries(counters).map(([column, counter]) => [
        column,
        Object.fromEntries(sortedKeys(counter).map((key) => [key, counter.get(key)])),
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

function asText(dataset: Dataset, { labels, groups, sizes, bad }: Survey, grid?: string): string {
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
          sortedKeys(counter).map((key) => [
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
