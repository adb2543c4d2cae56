import { createRequire } from 'node:module';
import { type Description, summary } from '../attribution/explanation.ts';
import { short } from '../common/format.ts';
import { version } from '../common/version.ts';
import type { Head } from '../graph/index.ts';
import type { Balance } from '../relevance/index.ts';
import { type LoadedModel, sha256 } from './model.ts';
import type { Reading } from './results.ts';
import { valueText } from './scores.ts';
import { table } from './table.ts';

/** One explained photo with what was written of it. */
export interface Explained {
  readonly reading: Reading;
  /** The value at the ends of the colour map. */
  readonly limit: number;
  readonly files: Readonly<Record<string, string>>;
  readonly description: Description;
}

/** A photo that could not be explained. */
export interface Failed {
  readonly photo: string;
  readonly error: string;
}

/** Everything that one call explained, and how: the content of `explain.json`. */
export function record(
  { model, path, bytes }: LoadedModel,
  head: Head,
  description: Description | undefined,
  drawing: Readonly<Record<string, unknown>>,
  photos: readonly (Explained | Failed)[],
): unknown {
  const { preprocessing, provenance } = model.info;
  const { mean, ...rest } = preprocessing ?? {};
  const isImage = mean !== undefined && 'data' in mean;
  return {
    model: { path, sha256: sha256(bytes), network: model.graph.name, provenance },
    preprocessing: preprocessing && { ...rest, mean: isImage ? { image: mean.shape } : mean },
    explanation: description && { summary: summary(description), ...description },
    drawing,
    versions: versions(),
    photos: photos.map((each) => ('error' in each ? each : photoRecord(each, head))),
  };
}

function photoRecord({ reading, limit, files }: Explained, head: Head): unknown {
  const { photo, name, target, ...rest } = reading;
  const classOf = (index: number) => ({ index, label: head.labels?.[index] });
  const classes = head.kind === 'number' ? [] : target.classes.map(classOf);
  return { photo, target: { name, classes, against: target.against.map(classOf) }, ...rest, limit, files };
}

/** What computed a result. */
export function versions(): Record<string, string> {
  const runtime = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return { limn: version, onnxruntime: runtime.version, node: process.versions.node };
}

/** One photo on one line of the terminal. */
export function explainedText({ reading, files }: Explained, probabilities: boolean): string {
  const { photo, name, scores, score, relevance } = reading;
  const values = scores
    .filter(({ explained }) => explained)
    .map(({ value }) => valueText(value, probabilities));
  const sums = `score ${short(score)}, relevance adds up to ${short(relevance.sum)}`;
  const file = files.figure ?? files.heatmap ?? Object.values(files)[0];
  return `${photo}: ${name} ${values.join(', ')} (${sums})${file ? ` → ${file}` : ''}\n`;
}

/** A conservation report as a table, from the scores down. */
export function conservationText(balances: readonly Balance[]): string {
  const numbers = ['received', 'passed', 'bias', 'stabiliser', 'padding', 'other'] as const;
  const negligible = 1e-6 * Math.max(...balances.map(({ received }) => Math.abs(received)));
  return table(
    [
      { title: 'layer' },
      { title: 'rule' },
      ...numbers.map((key) => ({ title: key === 'passed' ? 'passed on' : key, align: 'right' as const })),
    ],
    balances.map((each) => [
      each.node,
      each.rule,
      // What float32 rounds away is no loss.
      ...numbers.map((key) => (Math.abs(each[key]) < negligible ? '0' : short(each[key]))),
    ]),
  );
}
