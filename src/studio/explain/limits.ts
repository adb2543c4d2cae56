import { limitOf, type ScalarMap } from '../../image/index.ts';
import { knownAnswer } from '../state/asked.ts';
import { type Column, requestOf } from '../state/request.ts';
import type { DrawingSettings, ExplainView } from '../state/view.ts';

/** Sorting a large map takes milliseconds: once for each percentile. */
const limits = new WeakMap<ScalarMap, Map<number, number>>();

/** The value at the ends of a map's own colours. */
export function ownLimit(map: ScalarMap, percentile: number): number {
  const known = limits.get(map) ?? new Map<number, number>();
  limits.set(map, known);
  const limit = known.get(percentile) ?? limitOf(map, { percentile });
  known.set(percentile, limit);
  return limit;
}

/** The value at the ends of the colours: the map's own, or one for all that share a scale with it. */
export const shownLimit = (
  map: ScalarMap,
  { percentile }: Pick<DrawingSettings, 'percentile'>,
  sharing: readonly ScalarMap[],
): number => Math.max(...[map, ...sharing].map((each) => ownLimit(each, percentile)));

/** The maps that share a scale with those of a column, as far as they are there already. */
export function shownMaps({ photos, columns, drawing }: ExplainView, of: Column): ScalarMap[] {
  if (drawing.scale === 'own') return [];
  const sharing = drawing.scale === 'column' ? [of] : columns;
  return photos.flatMap((photo) =>
    sharing.flatMap((column) => knownAnswer('explain', requestOf(column, photo, drawing.pooling))?.map ?? []),
  );
}
