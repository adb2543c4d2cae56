import { percent } from '../common/format.ts';
import type { ConceptEdge } from '../concepts/index.ts';
import {
  figureAccent,
  fitPicture,
  ink,
  layoutFooter,
  layoutHeading,
  line,
  muted,
  nameLines,
  paragraph,
} from '../image/figure/parts.ts';
import { escapeXml, roundCoordinate, textPath } from '../image/figure/text.ts';
import { type FigureLayout, type Image, PIXELS_PER_UNIT, type PlacedPicture } from '../image/index.ts';

/** A channel in a drawn attribution graph. */
export interface ConceptNode {
  readonly channel: number;
  /** Its share of the layer's relevance. */
  readonly share: number;
  /** At most two: what shows what it may stand for. */
  readonly pictures: readonly Image[];
}

/** A layer of a drawn attribution graph. */
export interface ConceptGraphLayer {
  readonly name: string;
  /** The layer it is fed by, if any; it is among the others. */
  readonly below?: string | undefined;
  /** From top to bottom where no layer feeds into it; elsewhere they are put so that edges cross seldom. */
  readonly nodes: readonly ConceptNode[];
}

/** Which channels feed which, to be drawn: explained score, upper layers, lower layers, from left to right. */
export interface ConceptGraph {
  readonly title: string;
  readonly subtitle: string;
  /** What is explained, and the photo, where there is one. */
  readonly explained: { readonly title: string; readonly picture?: Image | undefined };
  readonly layers: readonly ConceptGraphLayer[];
  readonly edges: readonly ConceptEdge[];
  readonly footer: string;
}

/** A node with its place among those of its layer and of its column. */
interface PlacedNode extends ConceptNode {
  readonly layer: string;
  readonly x: number;
  /** The middle of its pictures. */
  readonly y: number;
}

const margin = 28;
const side = 58;
const gap = 5;
const words = 88;
const node = { width: 2 * side + 2 * gap + words, height: side + 16 };
/** Between columns: figures, then curves. */
const figures = 34;
const between = 150;
const root = 104;
const heading = 26;
/** How thick the edges with the largest share are: of those from the score, and of those from channel to channel. */
const THICK = 9;

/**
 * The nodes of each layer in their order: an upper layer's as they are given; a lower one's by the mean place of the
 * channels that they feed, weighted by what they carry on (Sugiyama et al. 1981), so that no two edges cross where that
 * is possible. Of equal places the larger share comes first.
 */
export function orderNodes({
  layers,
  edges,
}: Pick<ConceptGraph, 'layers' | 'edges'>): ReadonlyMap<string, readonly ConceptNode[]> {
  const ordered = new Map<string, readonly ConceptNode[]>();
  for (const { name, nodes } of byDepth(layers).flat()) {
    const above = edges.filter(({ lower }) => lower.layer === name);
    const place = (channel: number): number => {
      let [sum, weight] = [0, 0];
      for (const { upper, lower, share } of above)
        if (lower.channel === channel) {
          // Several layers may feed on one: they stand below each other.
          sum += share * placeOf(upper.layer, upper.channel, ordered);
          weight += share;
        }
      return weight > 0 ? sum / weight : Number.POSITIVE_INFINITY;
    };
    const places = new Map(nodes.map(({ channel }) => [channel, place(channel)]));
    const byPlace = (a: ConceptNode, b: ConceptNode) => {
      const [p, q] = [places.get(a.channel)!, places.get(b.channel)!];
      return p === q ? b.share - a.share || a.channel - b.channel : p - q;
    };
    ordered.set(name, above.length > 0 ? [...nodes].sort(byPlace) : nodes);
  }
  return ordered;
}

/** Where a node stands among all that were ordered, counted through. */
function placeOf(
  layer: string,
  channel: number,
  ordered: ReadonlyMap<string, readonly ConceptNode[]>,
): number {
  let before = 0;
  for (const [name, nodes] of ordered) {
    if (name === layer) return before + nodes.findIndex((each) => each.channel === channel);
    before += nodes.length;
  }
  return before;
}

/** Layers by their distance from one that nothing feeds, the farthest first: an edge goes from one column to the next. */
function byDepth(layers: readonly ConceptGraphLayer[]): ConceptGraphLayer[][] {
  const known = new Map(layers.map((layer) => [layer.name, layer]));
  const depth = ({ below }: ConceptGraphLayer): number =>
    below === undefined ? 0 : 1 + depth(known.get(below)!);
  const columns: ConceptGraphLayer[][] = [];
  for (const layer of layers) {
    const at = depth(layer);
    columns[at] = [...(columns[at] ?? []), layer];
  }
  return columns.reverse();
}

/** Computes what stands where in an attribution graph. */
export function layoutConceptGraph(graph: ConceptGraph): FigureLayout {
  const { title, subtitle, explained, layers, edges, footer } = graph;
  const columns = byDepth(layers);
  const ordered = orderNodes(graph);
  const heights = columns.map((each) =>
    each.reduce((sum, { name }) => sum + headingOf(name) + ordered.get(name)!.length * node.height, 0),
  );
  // The name of what is explained stands under its picture, which is in the middle.
  const name = paragraph(explained.title, 0, 0, root + figures, bold, nameLines);
  const tall = Math.max(root + 2 * (name.bottom + heading), ...heights);
  const right = margin + root + columns.length * (between + node.width);
  const inner = right - margin;
  const { elements, bottom } = layoutHeading(graph, margin, margin, inner);
  const top = bottom + 8;
  const pictures: PlacedPicture[] = [];

  const placed = new Map<string, PlacedNode>();
  const labels: string[] = [];
  columns.forEach((column, i) => {
    const x = margin + root + between + i * (node.width + between);
    let y = Math.round(top + (tall - heights[i]) / 2);
    for (const { name } of column) {
      labels.push(paragraph(name, x, y + 12, node.width, layerStyle, nameLines).elements);
      y += headingOf(name);
      for (const each of ordered.get(name)!) {
        placed.set(`${name} ${each.channel}`, { ...each, layer: name, x, y: y + side / 2 });
        y += node.height;
      }
    }
  });

  const middle = Math.round(top + tall / 2);
  labels.push(
    ...(explained.picture
      ? [paragraph(explained.title, margin, middle + root / 2 + 16, root + figures, bold, nameLines).elements]
      : [paragraph(explained.title, margin, middle, root, bold).elements]),
  );
  if (explained.picture) pictures.push(fitPicture(explained.picture, margin, middle - root / 2, root));
  const fed = new Set(layers.flatMap(({ below }) => below ?? []));
  const heads = [...placed.values()].filter(({ layer, share }) => !fed.has(layer) && share > 0);
  const mostOf = (all: readonly { readonly share: number }[]) => Math.max(...all.map(({ share }) => share));
  const [most, mostOfScore] = [mostOf(edges), mostOf(heads)];
  for (const { x, y, share, channel } of heads)
    elements.push(
      curve(margin + root + gap, middle, x, y, share / mostOfScore, `channel ${channel}: ${percent(share)}`),
    );
  for (const each of placed.values()) {
    const own = edges
      .filter(({ upper }) => upper.layer === each.layer && upper.channel === each.channel)
      .flatMap((edge) => {
        const to = placed.get(`${edge.lower.layer} ${edge.lower.channel}`);
        return to ? [{ ...edge, to }] : [];
      })
      .sort((a, b) => a.to.y - b.to.y);
    own.forEach(({ share, upper, lower, to }, i) => {
      const y = each.y + 16 * (i - (own.length - 1) / 2);
      const from = each.x + node.width;
      const says = `channel ${lower.channel} of ${lower.layer} carries ${percent(share)} of the relevance of channel ${upper.channel} of ${upper.layer}`;
      elements.push(curve(from + figures, y, to.x, to.y, share / most, says));
      labels.push(textPath(percent(share), from, y + 3, { size: 7, colour: muted }));
    });
    const text = each.x + each.pictures.length * (side + gap) + gap;
    labels.push(
      line(`channel ${each.channel}`, text, each.y - 3, words, bold),
      line(percent(each.share).replace('-', '−'), text, each.y + 13, words, { size: 8, colour: ink }),
    );
    each.pictures.forEach((picture, i) => {
      pictures.push(fitPicture(picture, each.x + i * (side + gap), each.y - side / 2, side));
    });
  }

  const small = layoutFooter(footer, margin, top + tall + 10, inner);
  elements.push(...labels, ...small.elements);
  return {
    width: right + margin,
    height: Math.ceil(small.bottom + margin),
    density: PIXELS_PER_UNIT,
    title: `${title}: ${subtitle}`,
    elements: elements.join(''),
    pictures,
  };
}

const layerStyle = { size: 8.4, colour: ink, weight: 'bold' } as const;

/** How high the name of a layer stands over its channels. */
const headingOf = (layer: string): number =>
  heading + paragraph(layer, 0, 0, node.width, layerStyle, nameLines).bottom;

const bold = { size: 8.6, colour: ink, weight: 'bold' } as const;

/** An edge as thick as its share, from left to right; what it says is shown to who points at it. */
function curve(x: number, y: number, toX: number, toY: number, fraction: number, says: string): string {
  const [a, b, c, d] = [x, y, toX - gap, toY].map(roundCoordinate);
  const half = roundCoordinate((x + toX) / 2);
  return (
    `<path d="M${a} ${b}C${half} ${b} ${half} ${d} ${c} ${d}" fill="none" stroke="${figureAccent}" stroke-opacity="0.45"` +
    ` stroke-width="${roundCoordinate(Math.max(0.8, THICK * fraction))}"><title>${escapeXml(says)}</title></path>`
  );
}
