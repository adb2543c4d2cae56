/** 1234567 → `1,234,567`. */
export const count = (n: number): string =>
  // The first text that a browser makes for a locale takes it 18 ms.
  Number.isSafeInteger(n) ? String(n).replace(/\B(?=(\d{3})+$)/g, ',') : n.toLocaleString('en-US');

/** 1.58e9 → `1.58 G`. */
export function scaled(n: number): string {
  const units = ['', ' k', ' M', ' G', ' T'];
  const power = n < 1000 ? 0 : Math.min(Math.floor(Math.log10(n) / 3), units.length - 1);
  return `${power === 0 ? n : (n / 1000 ** power).toPrecision(3)}${units[power]}`;
}

/** Bytes with a unit: `26.7 MB`. */
export const bytes = (n: number): string => (n < 1000 ? `${n} bytes` : `${scaled(n)}B`);

/** 0.97312 → `97.3 %`. */
export const percent = (fraction: number): string => `${(100 * fraction).toFixed(1)} %`;

/** A probability in per cent, any other value with four significant digits. */
export const valueText = (value: number, probability: boolean): string =>
  probability ? percent(value) : short(value);

/** A number with four significant digits. */
export const short = (x: number): string =>
  x !== 0 && (Math.abs(x) < 1e-3 || Math.abs(x) >= 1e6)
    ? x.toExponential(3)
    : String(Number(x.toPrecision(4)));

/** Milliseconds as people read them: `850 ms`, `12.3 s`, `4 min 05 s`, `3 h 20 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 100_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds >= 7200) {
    const minutes = Math.round(seconds / 60);
    return `${count(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, '0')} min`;
  }
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** The plural where there is more than one: `3 photos`. */
export const plural = (n: number, what: string): string => `${count(n)} ${what}${n === 1 ? '' : 's'}`;

/** Some texts, as many as are to be told, and how many more there are: `a, b, 3 more`. */
export const andMore = (told: readonly string[], all: number): string =>
  [...told, ...(all > told.length ? [`${count(all - told.length)} more`] : [])].join(', ');

/** The verb of so many: `1 of 3 pictures is missing`, `2 of 3 pictures are missing`. */
export const isOrAre = (n: number): string => (n === 1 ? 'is' : 'are');

/** A tensor's shape: `N×3×224×224`. */
export const shapeText = (shape: readonly (string | number)[]): string =>
  shape.length === 0 ? 'a scalar' : shape.join('×');
