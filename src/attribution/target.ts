import { fail } from '../common/error.ts';
import { quoted } from '../common/quoted.ts';

/** One class: `predicted`, its index from 0, or its label (see `resolveTargets` for how labels are found). */
export type ClassName = 'predicted' | number | string;

/** What is explained: the score of one class, the sum over several or over the so many best, or a sum minus another: a contrast. */
export type Target =
  | ClassName
  | { readonly top: number }
  | { readonly classes: readonly ClassName[]; readonly against?: readonly ClassName[] };

/**
 * A target as written on the command line. Classes are an index, a label or `predicted`; several are joined by ` + `
 * (indices also by commas), and ` vs ` makes a contrast: `predicted`, `282`, `tiger cat`, `281 + 282`, `281,282`,
 * `tiger cat vs tabby`, `predicted vs 281 + 282`. Digits are always an index. `top 5` are the five classes of the highest
 * scores. Errors: an empty class, more than one ` vs `, `top 0`.
 *
 * @example
 * ```ts
 * import { parseTarget } from 'limn';
 *
 * console.log(parseTarget('tiger cat vs tabby'));
 * console.log(parseTarget('281 + 282'));
 * ```
 */
export function parseTarget(text: string): Target {
  const where = `target ${quoted(text)}`;
  const top = /^\s*top\s+(\d+)\s*$/i.exec(text)?.[1];
  if (top !== undefined) return Number(top) > 0 ? { top: Number(top) } : fail(where, 'no class is explained');
  const sides = text.split(/(?:^|\s+)vs(?:\s+|$)/i);
  if (sides.length > 2) fail(where, "more than one 'vs'", 'write A vs B');
  const [classes, against] = sides.map((side) =>
    side.split(/(?:^|\s+)\+(?:\s+|$)/).flatMap((name) => parseClasses(name.trim(), where)),
  );
  if (against) return { classes, against };
  return classes.length === 1 ? classes[0] : { classes };
}

function parseClasses(name: string, where: string): ClassName[] {
  if (name === '') fail(where, 'a class is missing', "write 'predicted', an index or a label");
  if (/^\d+(\s*,\s*\d+)*$/.test(name)) return name.split(',').map(Number);
  if (/^-?\d+$/.test(name)) fail(where, `there is no class ${name}`, 'indices count from 0');
  return [name.toLowerCase() === 'predicted' ? 'predicted' : name];
}
