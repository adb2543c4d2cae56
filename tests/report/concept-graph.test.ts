import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutSvg } from '../../src/image/index.ts';
import { encodePng } from '../../src/image/pixels/encode.node.ts';
import {
  type ConceptGraph,
  type ConceptNode,
  layoutConceptGraph,
  orderNodes,
} from '../../src/report/concept-graph.ts';
import { noiseImage } from '../image/pictures.ts';
import { malformed, nastyNames } from './markup.ts';

const node = (channel: number, share = 0.1): ConceptNode => ({ channel, share, pictures: [] });

const edge = (upper: number, lower: number, share = 0.5) => ({
  upper: { layer: 'upper', channel: upper },
  lower: { layer: 'lower', channel: lower },
  share,
  photos: 1,
});

/** Pairs of edges between two rows of nodes that cross. */
function crossings(edges: readonly (readonly [upper: number, lower: number])[]): number {
  let found = 0;
  for (const [a, b] of edges) for (const [c, d] of edges) if (a < c && b > d) found++;
  return found;
}

const shuffled = <T>(items: readonly T[], keys: readonly number[]): T[] =>
  items
    .map((item, i) => ({ item, key: keys[i % keys.length] + i / 1000 }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);

describe('the order of channels in an attribution graph', () => {
  it('has no crossing where there is an order without', () => {
    // A staircase from one corner to the other: of all graphs without crossings those with most edges.
    const staircase = fc.array(fc.boolean(), { minLength: 1, maxLength: 24 });
    const weights = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 25, maxLength: 25 });
    const keys = fc.array(fc.nat(1000), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(staircase, weights, keys, (steps, shares, order) => {
        let [upper, lower] = [0, 0];
        const edges = [edge(0, 0, shares[0])];
        steps.forEach((down, i) => {
          if (down) upper++;
          else lower++;
          edges.push(edge(upper, lower, shares[i + 1]));
        });
        const uppers = Array.from({ length: upper + 1 }, (_, c) => node(c));
        const lowers = Array.from({ length: lower + 1 }, (_, c) => node(c));
        const layers = [
          { name: 'upper', below: 'lower', nodes: uppers },
          { name: 'lower', nodes: shuffled(lowers, order) },
        ];
        const found = orderNodes({ layers, edges });
        expect(found.get('upper')).toEqual(uppers);
        const places = new Map(found.get('lower')!.map(({ channel }, i) => [channel, i]));
        expect(places.size).toBe(lowers.length);
        expect(crossings(edges.map((each) => [each.upper.channel, places.get(each.lower.channel)!]))).toBe(0);
      }),
    );
  });

  it('puts what feeds nothing last, the largest share first', () => {
    const layers = [
      { name: 'upper', below: 'lower', nodes: [node(7), node(3)] },
      { name: 'lower', nodes: [node(1, 0.1), node(2, 0.3), node(5, 0.2), node(9, 0)] },
    ];
    const found = orderNodes({ layers, edges: [edge(3, 1), edge(7, 9)] });
    expect(found.get('lower')!.map(({ channel }) => channel)).toEqual([9, 1, 2, 5]);
  });
});

describe('a drawn attribution graph', () => {
  const graph = (name: string): ConceptGraph => ({
    title: name,
    subtitle: name,
    explained: { title: name, picture: noiseImage(20, 30, 9) },
    // Two layers side by side that the same one feeds, and one below it.
    layers: [
      { name: `${name} a`, below: 'c', nodes: [{ channel: 1, share: 0.3, pictures: [noiseImage(9, 9, 1)] }] },
      { name: 'b', below: 'c', nodes: [{ channel: 1234, share: -0.2, pictures: [noiseImage(5, 9, 2)] }] },
      { name: 'c', below: 'd', nodes: [node(2), node(3), node(4)] },
      { name: 'd', nodes: [{ channel: 5, share: 0, pictures: [noiseImage(9, 9, 3), noiseImage(9, 9, 4)] }] },
    ],
    edges: [
      { upper: { layer: `${name} a`, channel: 1 }, lower: { layer: 'c', channel: 4 }, share: 0.8, photos: 2 },
      { upper: { layer: 'b', channel: 1234 }, lower: { layer: 'c', channel: 2 }, share: 0.2, photos: 2 },
      { upper: { layer: 'c', channel: 4 }, lower: { layer: 'd', channel: 5 }, share: 0.4, photos: 2 },
    ],
    footer: name,
  });

  it('has upper layers left of lower ones, pictures on whole units and apart, edges as thick as their shares', async () => {
    const layout = layoutConceptGraph(graph('name'));
    const [photo, a, b, first, second] = layout.pictures;
    expect(layout.pictures).toHaveLength(5);
    for (const { x, y, width, height } of layout.pictures) {
      expect([x, y, width, height].every(Number.isInteger)).toBe(true);
      expect(x >= 0 && y >= 0 && x + width <= layout.width && y + height <= layout.height).toBe(true);
    }
    const centre = ({ x, width }: typeof photo) => x + width / 2;
    expect(Math.abs(centre(a) - centre(b))).toBeLessThanOrEqual(0.5);
    expect(b.y).toBeGreaterThanOrEqual(a.y + a.height);
    expect(a.x).toBeGreaterThan(photo.x + photo.width);
    // A whole layer lies between.
    expect(first.x - a.x).toBeGreaterThan(2 * (a.x - photo.x - photo.width));
    expect(second.x).toBeGreaterThanOrEqual(first.x + first.width);
    const svg = await layoutSvg(layout, encodePng);
    const thick = (says: RegExp) =>
      Number(new RegExp(`stroke-width="([^"]*)"><title>${says.source}`).exec(svg)![1]);
    const [strong, weak] = [thick(/channel 4 of c carries 80.0 %/), thick(/channel 2 of c carries 20.0 %/)];
    expect(strong / weak).toBeCloseTo(4, 5);
    // Of the score speaks what has a positive share.
    expect(svg.match(/<title>channel \d+: /g)).toEqual(['<title>channel 1: ']);
  });

  it('is well-formed SVG, whatever names are', async () => {
    for (const name of nastyNames) {
      const svg = await layoutSvg(layoutConceptGraph(graph(name)), encodePng);
      expect(malformed(svg)).toBeUndefined();
      expect(svg.replace(/"data:[^"]*"/g, '').match(/NaN|undefined|Infinity|<script|<img/g)).toBeNull();
    }
  });
});
