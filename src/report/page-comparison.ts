import { count, plural } from '../common/format.ts';
import type { TargetComparison } from '../evaluation/comparison/index.ts';
import type { Measures } from '../evaluation/index.ts';
import { type NamedChart, targetCharts } from './charts/index.ts';
import type { ComparisonReport, NamedTable } from './comparison.ts';
import type { PageBlock, PageExample, PagePicture, PageTable } from './page-blocks.ts';
import { chartBlocks } from './page-chart.ts';
import { classTable } from './page-classes.ts';
import { labelBlock, limits } from './page-limits.ts';
import { capital, cardBlock, foldTable, measuresTable } from './page-models.ts';
import { provenanceBlock } from './page-provenance.ts';
import { type ReportSection, reportPage } from './page-report.ts';

/** Photos of a model's most confident answers. */
export interface TargetExamples {
  readonly model: string;
  readonly mistakes: readonly PageExample[];
  readonly right: readonly PageExample[];
  /** How they were made, and whose they are; sentences. */
  readonly notes: readonly string[];
}

/** Everything that a report is made of. */
export interface ReportMaterial {
  readonly title: string;
  readonly report: ComparisonReport;
  /** Measures of every entry of every target, where its answers are at hand. */
  readonly measures: readonly (readonly (Measures | undefined)[])[];
  readonly pictures: readonly PagePicture[];
  /** Where models look, in numbers. */
  readonly regions?: readonly ReportSection[];
  /** Photos of what a target's best model answered most confidently, where they are at hand. */
  readonly examples?: readonly (TargetExamples | undefined)[];
  /** Charts of training progress. */
  readonly progress: readonly NamedChart[];
  /** What could not be shown, and why; sentences. */
  readonly missing: readonly string[];
  /** The last line: what made the report. */
  readonly footer: string;
}

/** A comparison as one page: findings, each target with charts and tables, pictures, limits, and where all is from. */
export async function comparisonPage(material: ReportMaterial): Promise<string> {
  const { title, report, measures, pictures, progress, missing, footer } = material;
  const targets = await Promise.all(
    report.targets.map((target, i) =>
      targetSections(target, report.tables, measures[i] ?? [], material.examples?.[i]),
    ),
  );
  const sections: (ReportSection | undefined)[] = [
    findingsSection(report),
    ...targets.flat(),
    sectionOf('Training progress', 'Training', await chartBlocks(progress)),
    sectionOf(
      'What the models look at',
      'Heatmaps',
      pictures.map((picture) => ({ kind: 'picture', picture })),
    ),
    ...(material.regions ?? []),
    sectionOf('What the labels are, and are not', 'Labels', [labelBlock(report)]),
    sectionOf('What the numbers do not say', 'Limits', [
      { kind: 'list', items: [...limits(report), ...missing] },
    ]),
    {
      title: 'Where everything comes from',
      short: 'Provenance',
      text: 'Equal hashes mean equal models and equal data, wherever they lie.',
      blocks: [provenanceBlock(report)],
    },
  ];
  const shown = sections.filter((section) => section !== undefined);
  return reportPage({ title, lead: leadOf(report), sections: shown, footer });
}

/** A section, unless there is nothing in it. */
function sectionOf(title: string, short: string, blocks: readonly PageBlock[]): ReportSection | undefined {
  return blocks.length > 0 ? { title, short, blocks } : undefined;
}

function findingsSection({ findings }: ComparisonReport): ReportSection | undefined {
  const cautions = findings.filter(({ kind }) => kind === 'caution').map(({ text }) => capital(text));
  const found = findings
    .filter(({ kind }) => kind !== 'caution')
    .map(({ text, significant = false }) => ({ text: capital(text), significant }));
  return sectionOf('What was found', 'Findings', [
    ...(found.length > 0 ? [{ kind: 'findings' as const, findings: found }] : []),
    ...(cautions.length > 0 ? [{ kind: 'list' as const, items: cautions }] : []),
  ]);
}

function leadOf({ targets }: ComparisonReport): string {
  const parts = targets.map(
    ({ target, entries, images }) =>
      `${entries.length === 1 ? 'one model' : `${count(entries.length)} models`} for ${target} on ${plural(images, 'image')}`,
  );
  return `${capital(parts.join('; '))}. Values have 95 % intervals, differences have tests, heatmaps say how they were made.`;
}

async function targetSections(
  target: TargetComparison,
  all: readonly NamedTable[],
  measures: readonly (Measures | undefined)[],
  examples: TargetExamples | undefined,
): Promise<ReportSection[]> {
  const name = capital(target.target);
  const made = all.filter((each) => each.target === target.target);
  const tables = (kind: NamedTable['kind']): PageBlock[] =>
    tableBlocks(...made.filter((each) => each.kind === kind).map(({ table }) => table));
  const drawn = targetCharts(target, measures);
  const charts = (kind: NamedChart['kind']) => chartBlocks(drawn.filter((chart) => chart.kind === kind));
  const sections = [
    sectionOf(name, name, [
      cardBlock(target),
      ...(await charts('models')),
      ...(await charts('paper')),
      ...tables('paper'),
      ...tables('summary'),
      ...tableBlocks(measuresTable(target, measures), foldTable(target)),
    ]),
    sectionOf(`${name}: model against model`, `${name}, pairs`, tables('pairs')),
    sectionOf(`${name}: for whom it works`, `${name}, groups`, [
      ...(await charts('groups')),
      ...tables('groups'),
    ]),
    sectionOf(`${name}: confusion matrix, and every class`, `${name}, classes`, [
      ...(await charts('confusion')),
      ...tableBlocks(classTable(target, measures)),
      ...(await charts('reliability')),
    ]),
    examples && sectionOf(`${name}: the surest answers`, `${name}, photos`, exampleBlocks(examples)),
  ];
  return sections.filter((section) => section !== undefined);
}

function exampleBlocks({ model, mistakes, right, notes }: TargetExamples): PageBlock[] {
  const blocks = (title: string, examples: readonly PageExample[]): PageBlock[] =>
    examples.length > 0 ? [{ kind: 'examples', title, examples }] : [];
  return [
    ...blocks(`Most confident mistakes of ${model}`, mistakes),
    ...blocks('Right, and as confident', right),
    { kind: 'text', paragraphs: notes },
  ];
}

const tableBlocks = (...tables: readonly (PageTable | undefined)[]): PageBlock[] =>
  tables.flatMap((table): PageBlock[] =>
    table ? [{ kind: 'table', table: { ...table, caption: capital(table.caption) } }] : [],
  );
