import { fail } from '../../common/error.ts';
import { meant } from '../../common/nearest.ts';
import { quoted } from '../../common/quoted.ts';

/** Values of one colour channel at rising positions; straight lines between them. */
type Knots = readonly (readonly [position: number, value: number])[];

/** A piecewise-linear function from x in [−1, 1] to a colour with channels in [0, 1]. */
export interface Colormap {
  readonly name: string;
  /** What it shows, in a few words. */
  readonly description: string;
  readonly red: Knots;
  readonly green: Knots;
  readonly blue: Knots;
}

/** A map given as colours [position, red, green, blue]. */
function colours(
  name: string,
  description: string,
  stops: readonly (readonly [number, number, number, number])[],
): Colormap {
  return {
    name,
    description,
    red: stops.map(([x, r]) => [x, r]),
    green: stops.map(([x, , g]) => [x, g]),
    blue: stops.map(([x, , , b]) => [x, b]),
  };
}

/** Positions in [0, 1], as matplotlib defines its maps; they are applied to (x + 1) / 2. */
const centred = (knots: Knots): Knots => knots.map(([p, value]) => [2 * p - 1, value]);

const list: readonly Colormap[] = [
  // Positive: red, then green, then blue rise, over [0, ¼], [¼, ½], [½, 1]; negative: blue, green, red
  // (the LRP Toolbox's drawing of the paper's figures).
  colours('black-firered', 'black; red, yellow, white for; blue, cyan, white against', [
    [-1, 1, 1, 1],
    [-0.5, 0, 1, 1],
    [-0.25, 0, 0, 1],
    [0, 0, 0, 0],
    [0.25, 1, 0, 0],
    [0.5, 1, 1, 0],
    [1, 1, 1, 1],
  ]),
  // Positive: 0.8 grey to full red over [0, ½], to half red over [½, 1]; negative the same in blue.
  colours('gray-red', 'light grey; red for, blue against', [
    [-1, 0, 0, 0.5],
    [-0.5, 0, 0, 1],
    [0, 0.8, 0.8, 0.8],
    [0.5, 1, 0, 0],
    [1, 0.5, 0, 0],
  ]),
  // Positive: green rises over [0, ½], red and blue over [½, 1]; negative: red and blue first, then green.
  colours('black-green', 'black; green, white for; magenta, white against', [
    [-1, 1, 1, 1],
    [-0.5, 1, 0, 1],
    [0, 0, 0, 0],
    [0.5, 0, 1, 0],
    [1, 1, 1, 1],
  ]),
  // Positive: red and green rise with x; negative: blue with −x.
  colours('blue-black-yellow', 'black; yellow for, blue against', [
    [-1, 0, 0, 1],
    [0, 0, 0, 0],
    [1, 1, 1, 0],
  ]),
  // Positive: red over [0, ½], green over [½, 1]; negative: blue, then green.
  colours('coldnhot', 'black; red, yellow for; blue, cyan against', [
    [-1, 0, 1, 1],
    [-0.5, 0, 0, 1],
    [0, 0, 0, 0],
    [0.5, 1, 0, 0],
    [1, 1, 1, 0],
  ]),
  // With p = (x + 1) / 2: red 2p, green 2p − ½, blue 2p − 1, each clipped to [0, 1] (matplotlib).
  {
    name: 'afmhot',
    description: 'black against, orange at zero, white for',
    red: centred([
      [0, 0],
      [0.5, 1],
      [1, 1],
    ]),
    green: centred([
      [0, 0],
      [0.25, 0],
      [0.75, 1],
      [1, 1],
    ]),
    blue: centred([
      [0, 0],
      [0.5, 0],
      [1, 1],
    ]),
  },
  // The segments matplotlib gives for it.
  {
    name: 'jet',
    description: 'the rainbow: blue against, green at zero, red for',
    red: centred([
      [0, 0],
      [0.35, 0],
      [0.66, 1],
      [0.89, 1],
      [1, 0.5],
    ]),
    green: centred([
      [0, 0],
      [0.125, 0],
      [0.375, 1],
      [0.64, 1],
      [0.91, 0],
      [1, 0],
    ]),
    blue: centred([
      [0, 0.5],
      [0.11, 1],
      [0.34, 1],
      [0.65, 0],
      [1, 0],
    ]),
  },
  colours('seismic', 'white; red to dark red for, blue to dark blue against', [
    [-1, 0, 0, 0.3],
    [-0.5, 0, 0, 1],
    [0, 1, 1, 1],
    [0.5, 1, 0, 0],
    [1, 0.5, 0, 0],
  ]),
  colours('bwr', 'white; red for, blue against', [
    [-1, 0, 0, 1],
    [0, 1, 1, 1],
    [1, 1, 0, 0],
  ]),
  colours('gray', 'black against, mid-grey at zero, white for', [
    [-1, 0, 0, 0],
    [1, 1, 1, 1],
  ]),
];

/** Every colour map, by name. */
export const COLORMAPS: ReadonlyMap<string, Colormap> = new Map(list.map((map) => [map.name, map]));

/** The map of that name; an unknown one is an error that lists the names. */
export function colormap(name: string): Colormap {
  return (
    COLORMAPS.get(name) ??
    fail(`colour map ${quoted(name)}`, 'there is none of this name', meant(name, [...COLORMAPS.keys()]))
  );
}

/** By index: a table asks it twelve thousand times of code that has not run before, where iterators take most of the time. */
function interpolate(knots: Knots, x: number): number {
  let [position, value] = knots[0];
  if (x <= position) return value;
  for (let i = 1; i < knots.length; i++) {
    const nextPosition = knots[i][0];
    const nextValue = knots[i][1];
    if (x <= nextPosition) {
      return value + ((nextValue - value) * (x - position)) / (nextPosition - position);
    }
    position = nextPosition;
    value = nextValue;
  }
  return value;
}

/** The colour, three numbers in [0, 1], of x; x outside [−1, 1] is clipped. */
export function colourOf(map: Colormap, x: number): [red: number, green: number, blue: number] {
  return [interpolate(map.red, x), interpolate(map.green, x), interpolate(map.blue, x)];
}

/** Steps of a {@link colourTable} on each side of zero; enough for every map to reach each of its 8-bit colours. */
export const TABLE_HALF = 2048;

const tables = new WeakMap<Colormap, Uint8Array>();

/** The map sampled at x = (i − TABLE_HALF) / TABLE_HALF, three bytes each: zero has an entry of its own. */
export function colourTable(map: Colormap): Uint8Array {
  const known = tables.get(map);
  if (known) return known;
  const table = new Uint8Array((2 * TABLE_HALF + 1) * 3);
  for (const [channel, knots] of [map.red, map.green, map.blue].entries()) {
    for (let i = 0, o = channel; o < table.length; i++, o += 3)
      table[o] = Math.round(interpolate(knots, (i - TABLE_HALF) / TABLE_HALF) * 255);
  }
  tables.set(map, table);
  return table;
}
