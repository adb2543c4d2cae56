import type { Mistake, Setup } from '../../evaluation/index.ts';
import type { Preprocessing } from '../../graph/index.ts';
import type { Fix, PreparationFields } from './result.ts';

/** A setup, of a model that may not say how photos are prepared. */
export type Before = Omit<Setup, 'how'> & { readonly how?: Preprocessing | undefined };

/** More labels than this are nothing that anyone writes down. */
const FEW = 12;

/** What mends a finding alone, of a model whose classes have these names. */
export const fixOf = (finding: Mistake, labels: readonly string[] | undefined): Fix =>
  finding.advice === undefined
    ? fixBetween(finding.before, finding.after, labels)
    : { kind: 'advice', text: finding.advice };

/**
 * What makes a model as `after` describes it of one as `before`: an import that states the preparation or the labels anew
 * where fields can say it, else the mended model itself.
 */
export function fixBetween(before: Before, after: Setup, labels: readonly string[] | undefined): Fix {
  if (before.graph !== after.graph) return { kind: 'output' };
  const fields = preparationFields(before.how, after.how);
  const relabelled = after.order !== before.order;
  const names = relabelled ? labelsFor(after, labels) : undefined;
  if (!fields || (relabelled && (!names || names.length > FEW))) return { kind: 'output' };
  return { kind: 'import', fields, labels: names };
}

/** The names of the model's outputs in their right order; outputs that stand for no class are `unused`. */
export function labelsFor(
  { order }: Pick<Setup, 'order'>,
  labels: readonly string[] | undefined,
): string[] | undefined {
  return labels && order?.map((index, output) => labels[index] ?? `unused ${output}`);
}

/** Undefined where no field can say it: a mean image other than the model's own. */
function preparationFields(
  before: Preprocessing | undefined,
  after: Preprocessing,
): PreparationFields | undefined {
  const { resize, crop, channels, mean, scale = 1, std } = after;
  const differ = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b);
  const size = (each: { height: number; width: number } | undefined) =>
    each && { height: each.height, width: each.width };
  const changedSize = resize && differ(size(before?.resize), size(resize));
  const cropWas = before?.crop ?? resize;
  const isImage = mean !== undefined && 'data' in mean;
  if (isImage) {
    // An import fits the model's own image to another size, but for photos that keep their shape.
    const fitted = changedSize && resize.mode !== 'shorter-side';
    if (before?.mean !== mean && !fitted) return undefined;
  }
  const given: PreparationFields = {
    resize: changedSize ? size(resize) : undefined,
    resizeMode: resize && before?.resize?.mode !== resize.mode ? resize.mode : undefined,
    crop: crop && cropWas && differ(size(cropWas), size(crop)) ? size(crop) : undefined,
    channels: before?.channels === channels ? undefined : channels,
    mean: !isImage && differ(before?.mean, mean) ? (mean ?? [0]) : undefined,
    scale: (before?.scale ?? 1) === scale ? undefined : scale,
    std: differ(before?.std, std) ? (std ?? [1]) : undefined,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
