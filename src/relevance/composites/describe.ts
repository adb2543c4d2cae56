import type { Applied } from '../propagate.ts';
import { type Handling, handlingName } from './composite.ts';

/** Kinds of operations as the text names them; those that are not here only move or pass relevance. */
const kinds: Readonly<Record<string, string>> = {
  normalisation: 'LRN',
  standardisation: 'normalisation by statistics',
  max: 'max pooling',
  average: 'average pooling',
  affine: 'scale and shift',
  sum: 'sums',
  product: 'products',
  activation: 'activations',
};

/**
 * What a composite did to a network, as people read it, from the input to the scores: convolutions and dense layers
 * first, then the other kinds of operations, in each of which neighbours with the same handling are one:
 *
 *     conv1: flat · conv2…conv5: alpha2-beta1 · fc6…fc8: epsilon 0.1 · LRN: lrn-taylor · max pooling: winner
 *
 * `handling` is from the scores down, as `relevance` gives it. Activations that pass and movements are left out.
 */
export function describe(handling: ReadonlyMap<string, Applied>): string {
  const nodes = [...handling].reverse().map(([name, applied]) => ({ name, ...applied }));
  const isLayer = ({ kind }: Applied) => kind === 'convolution' || kind === 'dense';
  const named = runs(nodes.filter(isLayer)).map(({ first, last, what }) =>
    first === last ? `${first}: ${what}` : `${first}…${last}: ${what}`,
  );
  const others = Object.keys(kinds).flatMap((kind) => {
    const members = nodes.filter((node) => node.kind === kind && !passes(node));
    const found = runs(members);
    if (found.length === 1) return [`${kinds[kind]}: ${found[0].what}`];
    return found.map(({ first, last, what }) => `${first === last ? first : `${first}…${last}`}: ${what}`);
  });
  return [...named, ...others].join(' · ');
}

/** What was done at a node, in a word: relevance moves as gradients do, but no reader wants to hear of gradients there. */
export const ruleName = ({ kind, handling }: Applied): string =>
  kind === 'movement' ? 'moved' : handlingName(handling);

const passes = ({ kind, handling }: Applied): boolean => kind === 'activation' && handling === 'pass';

interface Run {
  readonly first: string;
  last: string;
  readonly what: string;
}

/** Neighbours with the same handling as one. */
function runs(nodes: readonly { readonly name: string; readonly handling: Handling }[]): Run[] {
  const found: Run[] = [];
  for (const { name, handling } of nodes) {
    const what = handlingName(handling);
    const last = found.at(-1);
    if (last?.what === what) last.last = name;
    else found.push({ first: name, last: name, what });
  }
  return found;
}

/**
 * SHA-256, in hexadecimal, of what a composite did: every node's name with its rule's full content, from the input to
 * the scores. Two explanations of one network with the same hash were computed by the same rules, whatever their
 * composites are called.
 */
export async function compositeHash(handling: ReadonlyMap<string, Applied>): Promise<string> {
  const content = [...handling].reverse().map(([name, applied]) => [name, applied.handling]);
  const bytes = new TextEncoder().encode(JSON.stringify(content, sorted));
  const digest = await globalThis.crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Objects with their keys in order, so that the same content is the same text. */
function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
