import type { Node } from '../../graph/graph.ts';
import { int64 } from '../../graph/tensor.ts';
import type { Upgrade, UpgradeSite } from './step.ts';

/** A value whose axes have letters. */
interface Term {
  readonly value: string;
  readonly letters: string;
}

/** What the letters of an equation stand for. */
interface Subscripts {
  readonly operands: readonly string[];
  readonly output: string;
  /** Undefined where a dimension is not known. */
  readonly sizes: ReadonlyMap<string, number | undefined>;
}

/** A decomposition under way. */
interface Decomposition {
  readonly node: Node;
  readonly site: UpgradeSite;
  readonly sizes: Subscripts['sizes'];
  /** The nodes so far. */
  readonly nodes: Node[];
}

/**
 * Einsum as the transpositions, sums and products of matrices that it stands for, so that rules see what is a dense
 * layer and what a product of two variables. Errors: a letter twice in one operand, dimensions that are not known.
 */
function decompose(node: Node, site: UpgradeSite): readonly Node[] {
  const { operands, output, sizes } = readEquation(node, site);
  const d: Decomposition = { node, site, sizes, nodes: [] };
  let terms = operands.map((letters, i): Term => ({ value: node.inputs[i], letters }));
  while (terms.length > 1) {
    const [first, second, ...others] = terms as [Term, Term, ...Term[]];
    const later = output + others.map(({ letters }) => letters).join('');
    const [a, b] = [reduced(d, first, later + second.letters), reduced(d, second, later + first.letters)];
    const isTurned = site.constant(a.value) !== undefined;
    terms = [isTurned ? product(d, b, a, later) : product(d, a, b, later), ...others];
  }
  const [whole] = terms as [Term];
  add(d, 'Identity', [reordered(d, reduced(d, whole, output), output)]);
  const last = d.nodes.pop()!;
  return [...d.nodes, { ...last, name: node.name, outputs: node.outputs }];
}

function readEquation(node: Node, site: UpgradeSite): Subscripts {
  const { equation } = node.attributes;
  if (typeof equation !== 'string') return site.fail("attribute 'equation' is missing");
  const [left = '', right] = equation.replaceAll(' ', '').split('->');
  const ranks = node.inputs.map(
    (input) => site.dims(input)?.length ?? site.fail(`the rank of '${input}' is not known`),
  );
  const dots = ellipsis(left, ranks, site);
  const operands = left
    .split(',')
    .map((letters, i) => letters.replace('...', dots.slice(dots.length - missing(letters, ranks[i]))));
  const all = operands.join('');
  const once = [...new Set(all)].filter((letter) => all.split(letter).length === 2 && !dots.includes(letter));
  const output = right === undefined ? dots + once.sort().join('') : right.replace('...', dots);
  if (operands.length !== node.inputs.length)
    return site.fail(`'${equation}' is not for ${node.inputs.length} inputs`);
  if (operands.some((letters) => new Set(letters).size < letters.length))
    return site.fail(`'${equation}' takes a diagonal, which is not supported`);
  return { operands, output, sizes: letterSizes(operands, node, site) };
}

/** The size of each letter: of axes that share one, those of length 1 are repeated. */
function letterSizes(operands: readonly string[], node: Node, site: UpgradeSite): Subscripts['sizes'] {
  const sizes = new Map<string, number | undefined>();
  operands.forEach((letters, i) => {
    const dims = site.dims(node.inputs[i]);
    [...letters].forEach((letter, axis) => {
      if (sizes.get(letter) === undefined || sizes.get(letter) === 1) sizes.set(letter, dims?.[axis]);
    });
  });
  return sizes;
}

/** Adds an operation and returns its value. */
function add(
  { node, site, nodes }: Decomposition,
  op: string,
  inputs: readonly string[],
  attributes: Node['attributes'] = {},
): string {
  const made = site.fresh();
  const name = `${node.name}/${op.toLowerCase()}_${nodes.length}`;
  nodes.push({ op, name, inputs, outputs: [made], attributes });
  return made;
}

const ints = ({ site }: Decomposition, values: readonly number[]): string =>
  site.add(int64([values.length], values));

function reordered(d: Decomposition, { value, letters }: Term, to: string): string {
  if (letters === to) return value;
  return add(d, 'Transpose', [value], { perm: [...to].map((letter) => letters.indexOf(letter)) });
}

/** Sums over the letters that are in neither the output nor another operand. */
function reduced(d: Decomposition, term: Term, needed: string): Term {
  const gone = [...term.letters].filter((letter) => !needed.includes(letter));
  if (gone.length === 0) return term;
  const axes = ints(
    d,
    gone.map((letter) => term.letters.indexOf(letter)),
  );
  return {
    value: add(d, 'ReduceSum', [term.value, axes], { keepdims: 0 }),
    letters: [...term.letters].filter((letter) => needed.includes(letter)).join(''),
  };
}

/** The target of a Reshape to these axes; the letters of a joined group share one. */
function shapeOf(
  d: Decomposition,
  ...groups: readonly (readonly [letters: string, joined: boolean])[]
): string {
  const dims = groups.flatMap(([letters, joined]) => {
    const own = [...letters].map((letter) => d.sizes.get(letter) ?? -1);
    if (!joined) return own;
    return own.includes(-1) ? [-1] : [own.reduce((whole, n) => whole * n, 1)];
  });
  if (dims.filter((dim) => dim < 0).length > 1) d.site.fail('dimensions that it joins are not known');
  return ints(d, dims);
}

/** Two terms as one product of matrices. One axis of letters is left as it is: only others need a Reshape. */
function product(d: Decomposition, a: Term, b: Term, needed: string): Term {
  const both = [...a.letters].filter((letter) => b.letters.includes(letter));
  const batch = both.filter((letter) => needed.includes(letter)).join('');
  const inner = both.filter((letter) => !needed.includes(letter)).join('');
  const rows = [...a.letters].filter((letter) => !both.includes(letter)).join('');
  const columns = [...b.letters].filter((letter) => !both.includes(letter)).join('');
  // Weights of a dense layer stand on the right, and its rows stay apart.
  const isDense = batch === '' && d.site.constant(b.value) !== undefined;
  const leftShape = isDense
    ? shapeOf(d, [rows, false], [inner, true])
    : shapeOf(d, [batch, false], [rows, true], [inner, true]);
  const rightShape = isDense
    ? shapeOf(d, [inner, true], [columns, true])
    : shapeOf(d, [batch, false], [inner, true], [columns, true]);
  const leftOrder = isDense ? rows + inner : batch + rows + inner;
  const leftValue = add(d, 'Reshape', [reordered(d, a, leftOrder), leftShape]);
  const rightValue = add(d, 'Reshape', [reordered(d, b, batch + inner + columns), rightShape]);
  const made = add(d, 'MatMul', [leftValue, rightValue]);
  const letters = batch + rows + columns;
  return { value: add(d, 'Reshape', [made, shapeOf(d, [letters, false])]), letters };
}

const missing = (letters: string, rank: number): number =>
  letters.includes('...') ? rank - letters.replace('...', '').length : 0;

/** Letters for the axes that dots stand for. */
function ellipsis(left: string, ranks: readonly number[], site: UpgradeSite): string {
  const most = Math.max(0, ...left.split(',').map((letters, i) => missing(letters, ranks[i] ?? 0)));
  const free = [...'ZYXWVUTSRQPONMLKJIHGFEDCBA'].filter((letter) => !left.includes(letter));
  return most <= free.length ? free.slice(0, most).join('') : site.fail('it has too many axes');
}

export const einsum: readonly Upgrade[] = [{ ops: ['Einsum'], convert: decompose }];
