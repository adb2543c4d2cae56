import { basename, extname } from 'node:path';
import type { Finding, Setup } from '../evaluation/doctor/index.ts';
import type { Preprocessing } from '../graph/index.ts';

/** What a remedy's command names. */
export interface Case {
  readonly model: string;
  readonly data: string;
  /** What the doctor was asked with, to be repeated: `--target age`. */
  readonly asked: readonly string[];
  /** Names of the model's classes, where they are known. */
  readonly labels?: readonly string[];
}

/** A setup, of a model that may not say how photos are prepared. */
export type Before = Omit<Setup, 'how'> & { readonly how?: Preprocessing };

/** More labels than this are no command that anyone copies. */
const FEW = 12;

/** The command that mends a finding alone. */
export const remedy = (finding: Finding, of: Case): string =>
  finding.advice ?? commandFor(finding.before, finding.after, of);

/**
 * The command that makes a model as `after` describes it of one as `before`: an import that states the preparation or
 * the labels anew where options can say it, else the doctor itself, which writes the mended model.
 */
export function commandFor(before: Before, after: Setup, of: Case): string {
  const output = quoted(`${basename(of.model, extname(of.model))}-mended.onnx`);
  const itself = ['limn doctor', quoted(of.model), quoted(of.data), ...of.asked, '-o', output].join(' ');
  if (before.graph !== after.graph) return itself;
  const options = preparationOptions(before.how, after.how);
  const relabelled = after.order !== before.order;
  const names = relabelled ? labelsFor(after, of.labels) : undefined;
  if (!options || (relabelled && (!names || names.length > FEW))) return itself;
  const list = names ? `printf '%s\\n' ${names.map(quoted).join(' ')} > labels.txt && ` : '';
  const labels = names ? ['--labels', 'labels.txt'] : [];
  return `${list}${['limn import onnx', quoted(of.model), ...options, ...labels, '-o', output].join(' ')}`;
}

/** The names of the model's outputs in their right order; outputs that stand for no class are `unused`. */
export function labelsFor(
  { order }: Pick<Setup, 'order'>,
  labels: readonly string[] | undefined,
): string[] | undefined {
  return labels && order?.map((index, output) => labels[index] ?? `unused ${output}`);
}

/** Undefined where no option can say it: a mean image other than the model's own. */
function preparationOptions(before: Preprocessing | undefined, after: Preprocessing): string[] | undefined {
  const options: string[] = [];
  const set = (name: string, was: unknown, is: unknown, text: string) => {
    if (JSON.stringify(was) !== JSON.stringify(is)) options.push(`--${name}`, text);
  };
  const { resize, crop, channels, mean, scale = 1, std } = after;
  const size = (each: { height: number; width: number }) =>
    each.height === each.width ? String(each.height) : `${each.height}x${each.width}`;
  const changedSize = resize && (!before?.resize || size(resize) !== size(before.resize));
  if (resize && changedSize) options.push('--resize', size(resize));
  if (resize) set('resize-mode', before?.resize?.mode, resize.mode, resize.mode);
  if (crop && (before?.crop ? size(before.crop) !== size(crop) : resize && size(resize) !== size(crop))) {
    options.push('--crop', size(crop));
  }
  set('channels', before?.channels, channels, channels);
  if (mean && 'data' in mean) {
    // An import fits the model's own image to another size, but for photos that keep their shape.
    const fitted = changedSize && resize.mode !== 'shorter-side';
    if (before?.mean !== mean && !fitted) return undefined;
  } else set('mean', before?.mean, mean, (mean ?? [0]).join(','));
  set('scale', before?.scale ?? 1, scale, String(scale));
  set('std', before?.std, std, (std ?? [1]).join(','));
  return options;
}

const quoted = (text: string): string =>
  /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
