import type { GroupColumn, ShownClusters } from '../protocol/index.ts';
import type { PhotoChoice } from '../state/clusters.ts';

/** Photos of a class in a view: their places among all, and where they lie, x and y from 0 to 1. */
export interface Scatter {
  readonly places: Int32Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export const columnNamed = ({ columns }: Pick<ShownClusters, 'columns'>, name: string) =>
  columns.find((column) => column.name === name);

/** Of a class in a view, which are drawn and searched as long as they are shown. */
const scatters = new WeakMap<ShownClusters, Map<string, Scatter>>();
const classPlaces = new WeakMap<ShownClusters, Map<string, Int32Array>>();

/** What is kept of clusters under a name, made when it is first asked for. */
function kept<Made>(
  of: WeakMap<ShownClusters, Map<string, Made>>,
  shown: ShownClusters,
  name: string,
  make: () => Made,
): Made {
  const all = of.get(shown) ?? new Map<string, Made>();
  of.set(shown, all);
  const made = all.get(name) ?? make();
  all.set(name, made);
  return made;
}

/** The photos of a class, as places among all. */
export const placesOfClass = (shown: ShownClusters, className: string): Int32Array =>
  kept(classPlaces, shown, className, () => {
    const classes = columnNamed(shown, 'class');
    const own = classes?.values.indexOf(className) ?? -1;
    return whereOf(shown.photos.length, (i) => own >= 0 && classes?.of[i] === own);
  });

/** The photos of a class that lie in a view, spread over the whole of it. */
export const scatterOf = (shown: ShownClusters, className: string, view: string): Scatter =>
  kept(scatters, shown, JSON.stringify([className, view]), () => {
    const { x, y } = shown.views.find(({ name }) => name === view) ?? {
      x: new Float64Array(),
      y: new Float64Array(),
    };
    const places = placesOfClass(shown, className).filter(
      (i) => Number.isFinite(x[i]) && Number.isFinite(y[i]),
    );
    return { places, x: spread(places, x), y: spread(places, y) };
  });

/** The numbers below `count` that something holds of. */
function whereOf(count: number, holds: (i: number) => boolean): Int32Array {
  const found = new Int32Array(count);
  let n = 0;
  for (let i = 0; i < count; i++) if (holds(i)) found[n++] = i;
  return found.slice(0, n);
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
): Int32Array {
  const all = placesOfClass(shown, className);
  if (chosen.length === 0) return all;
  const taken = new Uint8Array(shown.photos.length);
  for (const each of chosen) markChosen(shown, className, each, taken);
  return all.filter((i) => taken[i] === 1);
}

/** Which photos are among some, by their places: 1 where they are. */
export function marksOf(places: ArrayLike<number>): Uint8Array {
  let most = -1;
  for (let k = 0; k < places.length; k++) most = Math.max(most, places[k]);
  const marks = new Uint8Array(most + 1);
  for (let k = 0; k < places.length; k++) marks[places[k]] = 1;
  return marks;
}

function markChosen(shown: ShownClusters, className: string, chosen: PhotoChoice, taken: Uint8Array): void {
  if ('column' in chosen) {
    const column = columnNamed(shown, chosen.column);
    const value = column?.values.indexOf(chosen.value) ?? -1;
    for (const i of placesOfClass(shown, className)) if (value >= 0 && column?.of[i] === value) taken[i] = 1;
    return;
  }
  const { places, x, y } = scatterOf(shown, className, chosen.view);
  for (const k of within(chosen.around, x, y)) taken[places[k]] = 1;
}

/** Which points are within a line. */
export function within(around: readonly number[], x: Float64Array, y: Float64Array): Int32Array {
  // Most points lie above or below all of it already.
  const heights = around.filter((_, i) => i % 2 === 1);
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  return whereOf(x.length, (k) => y[k] >= low && y[k] < high && isWithin(around, x[k], y[k]));
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
  chosen: ArrayLike<number>,
  all: Iterable<number>,
): ValueCount[] {
  const taken = marksOf(chosen);
  const share = (part: number, of: number) => (of === 0 ? 0 : part / of);
  return columns
    .flatMap(({ name, values, of }) => {
      const inside = new Int32Array(values.length);
      const outside = new Int32Array(values.length);
      for (const i of all) if (of[i] >= 0) (taken[i] === 1 ? inside : outside)[of[i]]++;
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
