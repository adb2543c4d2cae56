import { countOf, type Node, numbers } from '../../graph/index.ts';
import { type Inference, Site } from '../site.ts';

/** Where patterns are looked for. */
export interface Scene {
  readonly producers: ReadonlyMap<string, Node>;
  readonly known: Inference;
  /** How far a constant may be from the number that a pattern has, relative to it. */
  readonly tolerance: number;
}

/** What a pattern has found so far. Never changed in place: other ways to match go on from the same. */
export interface PatternMatch {
  /** Values of the graph by the names that the pattern gives them. */
  readonly values: ReadonlyMap<string, string>;
  /** The elements of small constants by the names that the pattern gives them. */
  readonly numbers: ReadonlyMap<string, readonly number[]>;
  /** The nodes that the pattern is made of; a node that it meets twice stands twice. */
  readonly nodes: readonly Node[];
}

/** All the ways in which a value can be what a pattern describes, each going on from what was found before. */
export type Pattern = (scene: Scene, value: string, found: PatternMatch) => Iterable<PatternMatch>;

/** No form has as many parts: networks are deeper than the call stack is sure to be. */
const mostNodes = 64;

const nothing: PatternMatch = { values: new Map(), numbers: new Map(), nodes: [] };

/** All the ways in which the first output of a node is what a pattern describes. */
export const matches = (pattern: Pattern, scene: Scene, root: Node): Iterable<PatternMatch> =>
  pattern(scene, root.outputs[0] ?? '', nothing);

/** Any value: the same wherever the name stands. */
export const value = (name: string): Pattern =>
  function* (_, at, found) {
    const known = found.values.get(name);
    if (known === undefined) yield { ...found, values: new Map(found.values).set(name, at) };
    else if (known === at) yield found;
  };

/** Any value, which is not kept. */
export const anything: Pattern = (_, __, found) => [found];

/** A constant of any shape; kept under a name, if there is one. */
export const constant =
  (name?: string): Pattern =>
  (scene, at, found) => {
    if (!scene.known.constants.has(at)) return [];
    return name === undefined ? [found] : value(name)(scene, at, found);
  };

/** A small constant of which the elements are wanted: the same elements wherever the name stands. */
export const elements = (name: string): Pattern =>
  function* ({ known }, at, found) {
    const tensor = known.constants.get(at);
    if (!tensor || countOf(tensor) > 8) return;
    const given = numbers(tensor);
    const earlier = found.numbers.get(name);
    if (earlier === undefined) yield { ...found, numbers: new Map(found.numbers).set(name, given) };
    else if (earlier.join() === given.join()) yield found;
  };

/** A constant that is this one number. */
export const scalar =
  (wanted: number): Pattern =>
  (scene, at, found) => {
    const given = numberOf(scene, at);
    return given !== undefined && isNear(scene, given, wanted) ? [found] : [];
  };

/** The first output of an operation of this type on such inputs; the two of a sum or product in any order. */
export const op = (
  type: string,
  inputs: readonly Pattern[],
  where: (site: Site) => boolean = () => true,
): Pattern =>
  function* (scene, at, found) {
    const node = scene.producers.get(at);
    if (node?.op !== type || node.domain || node.outputs[0] !== at || found.nodes.length > mostNodes) return;
    const given = node.inputs.filter((input) => input !== '');
    if (given.length !== inputs.length || !where(new Site(node, scene.known))) return;
    const here = { ...found, nodes: [...found.nodes, node] };
    yield* inOrder(scene, inputs, given, here);
    if (type === 'Add' || type === 'Mul') yield* inOrder(scene, inputs, [...given].reverse(), here);
  };

/** What one of several patterns describes. */
export const either = (...patterns: readonly Pattern[]): Pattern =>
  function* (scene, at, found) {
    for (const pattern of patterns) yield* pattern(scene, at, found);
  };

/** A pattern that is made when it is needed: it may contain itself. */
export const later =
  (make: () => Pattern): Pattern =>
  (...given) =>
    make()(...given);

/**
 * `factor` times what the patterns describe, multiplied in any order and with any association; constants among the
 * factors, and divisions by constants, count as one.
 */
export const product = (factor: number, ...patterns: readonly Pattern[]): Pattern =>
  function* (scene, at, found) {
    for (const { factors, constant, nodes } of factorings(scene, at, patterns.length)) {
      if (factors.length === patterns.length && isNear(scene, constant, factor))
        yield* inAnyOrder(scene, patterns, factors, { ...found, nodes: [...found.nodes, ...nodes] });
    }
  };

interface Factoring {
  readonly factors: readonly string[];
  readonly constant: number;
  readonly nodes: readonly Node[];
}

/** Products that one is made of: nobody multiplies by constants more often. */
const mostProducts = 6;

/** The ways to see a value as a product of up to `most` values and a number, itself included. */
function* factorings(scene: Scene, at: string, most: number, depth = mostProducts): Generator<Factoring> {
  yield { factors: [at], constant: 1, nodes: [] };
  const node = scene.producers.get(at);
  if (depth === 0 || (node?.op !== 'Mul' && node?.op !== 'Div')) return;
  const [left = '', right = ''] = node.inputs;
  const divisor = numberOf(scene, right);
  const times = node.op === 'Div' ? divisor && 1 / divisor : (divisor ?? numberOf(scene, left));
  if (times !== undefined) {
    const variable = divisor === undefined ? right : left;
    for (const inner of factorings(scene, variable, most, depth - 1))
      yield { ...inner, constant: inner.constant * times, nodes: [node, ...inner.nodes] };
  } else if (node.op === 'Mul' && most > 1) {
    for (const one of factorings(scene, left, most - 1, depth - 1)) {
      for (const other of factorings(scene, right, most - one.factors.length, depth - 1))
        yield {
          factors: [...one.factors, ...other.factors],
          constant: one.constant * other.constant,
          nodes: [node, ...one.nodes, ...other.nodes],
        };
    }
  }
}

function* inOrder(
  scene: Scene,
  [pattern, ...others]: readonly Pattern[],
  [first, ...rest]: readonly string[],
  found: PatternMatch,
): Generator<PatternMatch> {
  if (!pattern) yield found;
  else for (const match of pattern(scene, first, found)) yield* inOrder(scene, others, rest, match);
}

function* inAnyOrder(
  scene: Scene,
  [pattern, ...others]: readonly Pattern[],
  values: readonly string[],
  found: PatternMatch,
): Generator<PatternMatch> {
  if (!pattern) {
    yield found;
    return;
  }
  for (const [i, at] of values.entries()) {
    for (const match of pattern(scene, at, found))
      yield* inAnyOrder(
        scene,
        others,
        values.filter((_, other) => other !== i),
        match,
      );
  }
}

function numberOf({ known }: Scene, at: string): number | undefined {
  const tensor = known.constants.get(at);
  return tensor && countOf(tensor) === 1 ? numbers(tensor)[0] : undefined;
}

const isNear = ({ tolerance }: Scene, given: number, wanted: number): boolean =>
  Math.abs(given - wanted) <= tolerance * Math.abs(wanted);
