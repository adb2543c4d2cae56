import type { Node } from '../../graph/graph.ts';
import { int64 } from '../../graph/tensor.ts';
import type { Upgrade, UpgradeSite } from './step.ts';

/** A value whose axes have letters. */
interface Term {
  readonly value: string;
  readonly letters: string;
}

/**
 * Einsum as the transpositions, sums and products of matrices that it stands for, so that rules see what is a dense
 * layer and what a product of two variables. Errors: a letter twice in one operand, dimensions that are not known.
 */
function decompose(node: Node, site: UpgradeSite): readonly Node[] {
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
  const sizes = new Map<string, number | undefined>();
  operands.forEach((letters, i) => {
    if (new Set(letters).size < letters.length)
      site.fail(`'${equation}' takes a diagonal, which is not supported`);
    [...letters].forEach((letter, axis) => {
      const size = site.dims(node.inputs[i])?.[axis];
      if (sizes.get(letter) === undefined || sizes.get(letter) === 1) sizes.set(letter, size);
    });
  });
  const nodes: Node[] = [];
  const add = (op: string, inputs: readonly string[], attributes: Node['attributes'] = {}): string => {
    const made = site.fresh();
    nodes.push({
      op,
      name: `${node.name}/${op.toLowerCase()}_${nodes.length}`,
      inputs,
      outputs: [made],
      attributes,
    });
    return made;
  };
  const ints = (values: readonly number[]) => site.add(int64([values.length], values));

  const reordered = ({ value, letters }: Term, to: string): string =>
    letters === to
      ? value
      : add('Transpose', [value], { perm: [...to].map((letter) => letters.indexOf(letter)) });
  /** Sums over the letters that are in neither the output nor another operand. */
  const reduced = (term: Term, needed: string): Term => {
    const gone = [...term.letters].filter((letter) => !needed.includes(letter));
    if (gone.length === 0) return term;
    const axes = ints(gone.map((letter) => term.letters.indexOf(letter)));
    return {
      value: add('ReduceSum', [term.value, axes], { keepdims: 0 }),
      letters: [...term.letters].filter((letter) => needed.includes(letter)).join(''),
    };
  };
  const shapeOf = (...groups: readonly (readonly [letters: string, joined: boolean])[]): string => {
    const dims = groups.flatMap(([letters, joined]) => {
      const own = [...letters].map((letter) => sizes.get(letter) ?? -1);
      if (!joined) return own;
      return own.includes(-1) ? [-1] : [own.reduce((product, n) => product * n, 1)];
    });
    if (dims.filter((dim) => dim < 0).length > 1) site.fail('dimensions that it joins are not known');
    return ints(dims);
  };
  /** One axis of letters is left as it is: only others need a Reshape. */
  const product = (a: Term, b: Term, needed: string): Term => {
    const both = [...a.letters].filter((letter) => b.letters.includes(letter));
    const batch = both.filter((letter) => needed.includes(letter)).join('');
    const inner = both.filter((letter) => !needed.includes(letter)).join('');
    const rows = [...a.letters].filter((letter) => !both.includes(letter)).join('');
    const columns = [...b.letters].filter((letter) => !both.includes(letter)).join('');
    // Weights of a dense layer stand on the right, and its rows stay apart.
    const isDense = batch === '' && site.constant(b.value) !== undefined;
    const leftShape = isDense
      ? shapeOf([rows, false], [inner, true])
      : shapeOf([batch, false], [rows, true], [inner, true]);
    const rightShape = isDense
      ? shapeOf([inner, true], [columns, true])
      : shapeOf([batch, false], [inner, true], [columns, true]);
    const leftValue = add('Reshape', [
      reordered(a, isDense ? rows + inner : batch + rows + inner),
      leftShape,
    ]);
    const rightValue = add('Reshape', [reordered(b, batch + inner + columns), rightShape]);
    const made = add('MatMul', [leftValue, rightValue]);
    const letters = batch + rows + columns;
    return { value: add('Reshape', [made, shapeOf([letters, false])]), letters };
  };

  let terms = operands.map((letters, i): Term => ({ value: node.inputs[i], letters }));
  while (terms.length > 1) {
    const [first, second, ...others] = terms as [Term, Term, ...Term[]];
    const later = output + others.map(({ letters }) => letters).join('');
    const [a, b] = [reduced(first, later + second.letters), reduced(second, later + first.letters)];
    const isTurned = site.constant(a.value) !== undefined;
    terms = [isTurned ? product(b, a, later) : product(a, b, later), ...others];
  }
  const [whole] = terms as [Term];
  add('Identity', [reordered(reduced(whole, output), output)]);
  const last = nodes.pop()!;
  return [...nodes, { ...last, name: node.name, outputs: node.outputs }];
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
