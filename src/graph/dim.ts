/** A dimension: a number, or what is known only at run time: a name (`N`, the batch) or a polynomial of names (`4*N+1`). */
export type Dim = number | string;

/** A polynomial: coefficients by monomial, the names of which are sorted and joined by `*`; '' is the constant. */
type Terms = ReadonlyMap<string, number>;

function parse(dim: Dim): Terms {
  if (typeof dim === 'number') return new Map([['', dim]]);
  return new Map(
    dim.split('+').map((term) => {
      const [first, ...others] = term.split('*');
      const coefficient = Number(first);
      return Number.isNaN(coefficient) ? [term, 1] : [others.join('*'), coefficient];
    }),
  );
}

function format(terms: Terms): Dim {
  const present = [...terms].filter(([, coefficient]) => coefficient !== 0);
  if (present.every(([names]) => names === '')) return present[0]?.[1] ?? 0;
  return present
    .sort(([a], [b]) => (a === '' ? 1 : b === '' ? -1 : a < b ? -1 : 1))
    .map(([names, coefficient]) =>
      names === '' ? coefficient : coefficient === 1 ? names : `${coefficient}*${names}`,
    )
    .join('+');
}

const join = (a: string, b: string): string =>
  [...a.split('*'), ...b.split('*')]
    .filter((name) => name !== '')
    .sort()
    .join('*');

/** a + b. */
export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  const sum = new Map(parse(a));
  for (const [names, coefficient] of parse(b)) sum.set(names, (sum.get(names) ?? 0) + coefficient);
  return format(sum);
}

/** a · b. */
export function multiplyDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  const product = new Map<string, number>();
  const right = parse(b);
  for (const [names, coefficient] of parse(a)) {
    for (const [others, factor] of right) {
      const both = join(names, others);
      product.set(both, (product.get(both) ?? 0) + coefficient * factor);
    }
  }
  return format(product);
}

/** One dimension less another; both may depend on the batch. */
export const subtractDims = (a: Dim, b: Dim): Dim => addDims(a, multiplyDims(b, -1));

/** The product of a shape's dimensions. */
export const productOf = (shape: readonly Dim[]): Dim => shape.reduce<Dim>(multiplyDims, 1);

/** a / b where that is a polynomial with integer coefficients; undefined elsewhere, and for b = 0. */
export function divideDims(a: Dim, b: Dim): Dim | undefined {
  if (b === 0) return undefined;
  if (a === b) return 1;
  if (typeof a === 'number' && typeof b === 'number') return Number.isInteger(a / b) ? a / b : undefined;
  const [dividend, divisor] = [parse(a), parse(b)];
  // The ratio of the first terms is the whole quotient's first; by one term, it is that of each.
  let rest: Dim = a;
  let quotient: Dim = 0;
  const [names, coefficient] = leading(divisor);
  for (let i = 0; i < dividend.size && rest !== 0; i++) {
    const [top, factor] = leading(parse(rest));
    const left = without(top, names);
    if (left === undefined || !Number.isInteger(factor / coefficient)) return undefined;
    const part = format(new Map([[left, factor / coefficient]]));
    quotient = addDims(quotient, part);
    rest = subtractDims(rest, multiplyDims(part, b));
  }
  return rest === 0 ? quotient : undefined;
}

/** The term that comes first in an order that products keep: of most names, then by their letters. */
function leading(terms: Terms): readonly [string, number] {
  const count = (names: string) => (names === '' ? 0 : names.split('*').length);
  return [...terms].reduce((best, term) =>
    count(term[0]) > count(best[0]) || (count(term[0]) === count(best[0]) && term[0] < best[0]) ? term : best,
  );
}

/** A monomial without the names of another; undefined if it lacks one. */
function without(names: string, others: string): string | undefined {
  const left = names.split('*').filter((name) => name !== '');
  for (const name of others.split('*').filter((name) => name !== '')) {
    const at = left.indexOf(name);
    if (at < 0) return undefined;
    left.splice(at, 1);
  }
  return left.join('*');
}

/** −1, 0 or 1 as a − b is for all names from 1 on; undefined where it depends on them. */
export function compareDims(a: Dim, b: Dim): -1 | 0 | 1 | undefined {
  const difference = parse(subtractDims(a, b));
  let least = 0;
  const signs = new Set<number>();
  for (const [names, coefficient] of difference) {
    least += coefficient;
    if (names !== '' && coefficient !== 0) signs.add(Math.sign(coefficient));
  }
  if (signs.size === 0) return Math.sign(least) as -1 | 0 | 1;
  if (signs.size > 1) return undefined;
  const [sign] = signs;
  // At names of 1 the difference is nearest to 0 on this side.
  return least !== 0 && Math.sign(least) === sign ? (sign as -1 | 1) : undefined;
}

/** Whether two dimensions are equal for some values of their names. */
export const mayEqual = (a: Dim, b: Dim): boolean => (compareDims(a, b) ?? 0) === 0;

/** The names that a dimension depends on. */
export const dimNames = (dim: Dim): readonly string[] =>
  typeof dim === 'number'
    ? []
    : [...new Set([...parse(dim).keys()].flatMap((names) => names.split('*')))].filter((name) => name !== '');

/** A dimension for given values of its names; names that have none stay. */
export function substitute(dim: Dim, values: ReadonlyMap<string, Dim>): Dim {
  if (typeof dim === 'number') return dim;
  return [...parse(dim)].reduce<Dim>((sum, [names, coefficient]) => {
    const factors = names.split('*').map((name) => (name === '' ? 1 : (values.get(name) ?? name)));
    return addDims(sum, multiplyDims(coefficient, productOf(factors)));
  }, 0);
}

/** A name that a file gives to a dimension, in letters that polynomials leave free. */
export function dimName(text: string): string {
  const name = text.replace(/[^\p{L}\p{N}_.]+/gu, '_');
  return /^[\d.]/.test(name) || /^(Infinity|NaN)$/.test(name) ? `_${name}` : name;
}
