import { limitOf, type ScalarMap } from '../../image/index.ts';
import { knownAnswer } from '../state/asked.ts';
import { requestOf } from '../state/request.ts';
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

/** The value at the ends of the colours as the settings say, with one scale for all maps that are there. */
export function shownLimit(
  map: ScalarMap,
  { scale, percentile }: DrawingSettings,
  all: readonly ScalarMap[],
) {
  return scale === 'own'
    ? ownLimit(map, percentile)
    : Math.max(...all.map((each) => ownLimit(each, percentile)));
}

/** The maps of a view that are there already. */
export const shownMaps = ({ photos, columns, drawing }: ExplainView): ScalarMap[] =>
  photos.flatMap((photo) =>
    columns.flatMap((column) => knownAnswer('explain', requestOf(column, photo, drawing.pooling))?.map ?? []),
  );
