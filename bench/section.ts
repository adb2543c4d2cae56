/** A table as people read it. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Something that limn has to reach, and what was measured of it. */
export interface Target {
  readonly what: string;
  readonly wanted: string;
  readonly measured: string;
  readonly met: boolean;
}

/** What a group of measurements found. */
export interface Section {
  readonly tables: readonly Table[];
  readonly targets: readonly Target[];
  /** What a reader has to know besides: what was left out, how far results agree, whether the machine was quiet. */
  readonly notes: readonly string[];
  /** Times of every round in ms, by what was timed. */
  readonly raw: Readonly<Record<string, readonly number[]>>;
}

const digits = (value: number, places: number): string => value.toFixed(places);

/** Milliseconds with three significant digits. */
export const ms = (value: number): string => digits(value, value >= 100 ? 0 : value >= 10 ? 1 : 2);

/** A ratio: `2.53×`. */
export const times = (value: number): string => `${digits(value, 2)}×`;

/** A target that is reached from a ratio on. */
export function atLeast(what: string, wanted: number, measured: number): Target {
  return { what, wanted: `≥ ${times(wanted)}`, measured: times(measured), met: measured >= wanted };
}

/** A target that is reached below a number of some unit. */
export function below(what: string, wanted: number, measured: number, unit: string, places = 0): Target {
  const text = (value: number) => `${digits(value, places)} ${unit}`;
  return { what, wanted: `< ${text(wanted)}`, measured: text(measured), met: measured < wanted };
}
