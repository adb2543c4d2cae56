import { fail } from '../../common/error.ts';
import { quoted } from '../../common/quoted.ts';
import { AGE_CLASSES, AGE_LABELS, MISLABEL } from './adience.ts';

/** What becomes of ages that no class holds. */
export type Between = 'drop' | 'nearest';

/** How ages are written: `class` as Adience's index 0–7, all else (years, bands, Adience's labels) as `text`. */
export type AgeNotation = 'text' | 'class';

/** How labels of ages are read as classes. */
export interface AgeRule {
  /** `drop` unless given. */
  readonly between?: Between | undefined;
  /** `text` unless given. A bare number is an age in years then. */
  readonly notation?: AgeNotation | undefined;
}

/** The rule in words, for reports. */
export function describeAgeRule({ between = 'drop', notation = 'text' }: AgeRule = {}): string {
  if (notation === 'class') return "ages are given as Adience's classes 0–7";
  const rest =
    between === 'drop'
      ? 'ages between two classes, and bands that no class holds whole, are dropped'
      : 'ages between two classes go to the nearest, the younger of two; bands to the class that shares most years ' +
        'with them, or else the nearest';
  return (
    `an age belongs to the class that holds it in whole years (${AGE_LABELS.join(' ')}; the last has no end), ` +
    `a band to the class that holds it whole; ${MISLABEL} is read as (25, 32); ${rest}`
  );
}

/**
 * The Adience class of an age: years (`35`, `0.5`), a band (`20-29`, `70+`, `more than 70`, `(25, 32)`) or the index
 * of a class. Undefined where the rule drops it. `where` names the value in errors: it is none of these.
 */
export function ageClass(text: string, where: string, rule: AgeRule = {}): number | undefined {
  const { between = 'drop', notation = 'text' } = rule;
  const given = text.trim();
  if (notation === 'class') {
    return /^[0-7]$/.test(given)
      ? Number(given)
      : fail(where, `${quoted(text)} is no Adience class from 0 to 7`);
  }
  const [from, to] = given === MISLABEL ? [25, 32] : bandOf(given, where);
  const holding = AGE_CLASSES.findIndex((_, i) => from >= first(i) && to <= last(i));
  if (holding >= 0) return holding;
  return between === 'nearest' ? nearest(from, to) : undefined;
}

const first = (i: number): number => AGE_CLASSES[i][0];
// Nobody is too old for the last class.
const last = (i: number): number =>
  i === AGE_CLASSES.length - 1 ? Number.POSITIVE_INFINITY : AGE_CLASSES[i][1];

/** First and last year. */
function bandOf(text: string, where: string): [from: number, to: number] {
  const years = /^\d{1,3}(\.\d+)?$/.exec(text);
  if (years) return [Math.floor(Number(text)), Math.floor(Number(text))];
  const band = /^[([]?\s*(\d{1,3})\s*(?:-|–|,|to)\s*(\d{1,3})\s*[)\]]?$/.exec(text);
  if (band && Number(band[1]) <= Number(band[2])) return [Number(band[1]), Number(band[2])];
  const open = /^(\d{1,3})\s*\+$/.exec(text) ?? /^(?:more than|over|>=?|≥)\s*(\d{1,3})$/i.exec(text);
  if (open) return [Number(open[1]), Number.POSITIVE_INFINITY];
  return fail(
    where,
    `${quoted(text)} is no age`,
    'write years (35), a band (20-29, 70+) or an Adience class such as (25, 32)',
  );
}

/** The class that shares most years with a band, or else the nearest one; the younger of two. */
function nearest(from: number, to: number): number {
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  AGE_CLASSES.forEach((_, i) => {
    // Years in common, or minus the years that lie between.
    const common = Math.min(to, last(i)) - Math.max(from, first(i)) + 1;
    if (common > most) [best, most] = [i, common];
  });
  return best;
}

/** Male 0, female 1 from the words in use; undefined for `u`, `unknown` and nothing. */
export function genderClass(text: string, where: string): number | undefined {
  const word = text.trim().toLowerCase();
  if (['m', 'male', 'man', '0'].includes(word)) return 0;
  if (['f', 'female', 'woman', '1'].includes(word)) return 1;
  if (['', 'u', 'unknown', 'none'].includes(word)) return undefined;
  return fail(where, `${quoted(text)} is no gender`, 'write male or female (m, f), or leave it empty');
}
