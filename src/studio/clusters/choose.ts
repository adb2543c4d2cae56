import type { GroupColumn, ShownClusters } from '../protocol.ts';
import type { PhotoChoice } from '../state/clusters.ts';

/** Photos of a class in a view: their places among all, and where they lie, x and y from 0 to 1. */
export interface Scatter {
  readonly places: Int32Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export const columnNamed = ({ columns }: Pick<ShownClusters, 'columns'>, name: string) =>
  columns.find((column) => column.name === name);

/** The photos of a class that lie in a view, spread over the whole of it. */
export function scatterOf(shown: ShownClusters, className: string, view: string): Scatter {
  const classes = columnNamed(shown, 'class');
  const own = classes?.values.indexOf(className) ?? -1;
  const { x, y } = shown.views.find(({ name }) => name === view) ?? {
    x: new Float64Array(),
    y: new Float64Array(),
  };
  const places = Int32Array.from(
    shown.photos.flatMap((_, i) =>
      own >= 0 && classes?.of[i] === own && Number.isFinite(x[i]) && Number.isFinite(y[i]) ? [i] : [],
    ),
  );
  return { places, x: spread(places, x), y: spread(places, y) };
}

function spread(places: Int32Array, values: Float64Array): Float64Array {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const i of places) {
    least = Math.min(least, values[i]);
    most = Math.max(most, values[i]);
  }
  const range = most - least || 1;
  return Float64Array.from(places, (i) => (values[i] - least) / range);
}

/** Whether a point is within a line that is closed from its last corner to its first: a ray from it crosses it an odd number of times. */
export function isWithin(around: readonly number[], x: number, y: number): boolean {
  let inside = false;
  const corners = around.length >> 1;
  for (let i = 0, j = corners - 1; i < corners; j = i++) {
    const [ax, ay, bx, by] = [around[2 * i], around[2 * i + 1], around[2 * j], around[2 * j + 1]];
    if (ay > y !== by > y && x < ax + ((y - ay) * (bx - ax)) / (by - ay)) inside = !inside;
  }
  return inside;
}

/** The photos of a class that are chosen, as places among all, in their order; all of it where nothing is. */
export function chosenPlaces(
  shown: ShownClusters,
  className: string,
  chosen: readonly PhotoChoice[],
): number[] {
  const classes = columnNamed(shown, 'class');
  const own = classes?.values.indexOf(className) ?? -1;
  const all = shown.photos.flatMap((_, i) => (own >= 0 && classes?.of[i] === own ? [i] : []));
  if (chosen.length === 0) return all;
  const taken = new Set(chosen.flatMap((each) => placesOf(shown, className, each, all)));
  return all.filter((i) => taken.has(i));
}

function placesOf(
  shown: ShownClusters,
  className: string,
  chosen: PhotoChoice,
  all: readonly number[],
): readonly number[] {
  if ('column' in chosen) {
    const column = columnNamed(shown, chosen.column);
    const value = column?.values.indexOf(chosen.value) ?? -1;
    return value < 0 ? [] : all.filter((i) => column?.of[i] === value);
  }
  const { places, x, y } = scatterOf(shown, className, chosen.view);
  return [...places].filter((_, k) => isWithin(chosen.around, x[k], y[k]));
}

/** How often a value is among photos, and among others. */
export interface ValueCount {
  readonly column: string;
  readonly value: string;
  readonly inside: number;
  readonly insideOf: number;
  readonly outside: number;
  readonly outsideOf: number;
}

/** What photos have more of than the others of their class, by the difference of the shares, the largest first. */
export function commonOf(
  columns: readonly GroupColumn[],
  chosen: readonly number[],
  all: readonly number[],
): ValueCount[] {
  const taken = new Set(chosen);
  const share = (part: number, of: number) => (of === 0 ? 0 : part / of);
  return columns
    .flatMap(({ name, values, of }) => {
      const inside = new Int32Array(values.length);
      const outside = new Int32Array(values.length);
      for (const i of all) if (of[i] >= 0) (taken.has(i) ? inside : outside)[of[i]]++;
      const [insideOf, outsideOf] = [inside, outside].map((each) => each.reduce((sum, n) => sum + n, 0));
      return values.map((value, k) => ({
        column: name,
        value,
        inside: inside[k],
        insideOf,
        outside: outside[k],
        outsideOf,
      }));
    })
    .filter((each) => share(each.inside, each.insideOf) > share(each.outside, each.outsideOf))
    .sort(
      (a, b) =>
        share(b.inside, b.insideOf) -
        share(b.outside, b.outsideOf) -
        (share(a.inside, a.insideOf) - share(a.outside, a.outsideOf)),
    );
}
