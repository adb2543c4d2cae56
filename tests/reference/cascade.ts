import type { Detection } from '../../src/faces/index.ts';
import { type Image, warpImage } from '../../src/image/index.ts';
import type { LinearCascade, LinearStage, LinearValues } from '../cascade.ts';

/* The cascade of Zhang et al. 2016 on an upright photo as the paper and its published code have it, in float64: every cell of every
   level by itself, lists that shrink. Pictures are drawn by warpImage, which tests/faces/geometry.test.ts holds to `warped`. */

interface Found {
  readonly edges: readonly number[];
  readonly score: number;
  readonly offsets: readonly number[];
  readonly points: readonly number[];
}

/** The scale of each level: the smallest face as large as a cell, then 0.709 times the one before. */
export function scalesOf(shorter: number, minSize: number): number[] {
  const scales: number[] = [];
  for (let scale = 12 / minSize; shorter * scale > 12 - 1e-6; scale *= 0.709) scales.push(scale);
  return scales;
}

/** The photo in one scale, by hand from the finest level, with rows for columns. */
export function levelOf(photo: Image, minSize: number, scale: number): Image {
  const first = 12 / minSize;
  const size = (s: number) => ({
    width: Math.floor(photo.height * s + 1e-6),
    height: Math.floor(photo.width * s + 1e-6),
  });
  const finest = warpImage(photo, [0, 1 / first, 0, 1 / first, 0, 0], size(first));
  return scale === first
    ? finest
    : warpImage(finest, [first / scale, 0, 0, 0, first / scale, 0], size(scale));
}

export function cascadeLiterally(
  photo: Image,
  { proposal, refinement, output }: LinearCascade,
  { minSize, minScore }: { readonly minSize: number; readonly minScore: number },
): Detection[] {
  const proposed: Found[] = [];
  for (const scale of scalesOf(Math.min(photo.width, photo.height), minSize)) {
    const level = levelOf(photo, minSize, scale);
    const here: Found[] = [];
    for (let row = 0; row + 12 <= level.height; row += 2) {
      for (let column = 0; column + 12 <= level.width; column += 2) {
        const edges = [row / scale, column / scale, (row + 12) / scale, (column + 12) / scale];
        const found = asked(proposal, level, [row, column], edges);
        if (found.score >= 0.6) here.push(found);
      }
    }
    proposed.push(...struck(here, 0.5 + 1e-6, 'union'));
  }
  const look = (stage: LinearStage, boxes: readonly Found[], least: number) =>
    boxes
      .map((each) => {
        const edges = square(shifted(each));
        const [left, top, right] = edges;
        const step = (right - left) / stage.side;
        const extent = { width: stage.side, height: stage.side };
        const cut = warpImage(photo, [0, step, left, step, 0, top], extent, 'nothing');
        return asked(stage, cut, [0, 0], edges);
      })
      .filter(({ score }) => score >= least);
  const refined = struck(look(refinement, struck(proposed, 0.7, 'union'), 0.7), 0.7, 'union');
  const last = look(output, refined, minScore).map((each) => {
    const [left, top, right, bottom] = each.edges;
    const points = each.points.map((p, i) => (i < 5 ? left + p * (right - left) : top + p * (bottom - top)));
    return { ...each, edges: shifted(each), points };
  });
  return struck(last, 0.7, 'smaller').map(({ edges: [left, top, right, bottom], score, points }) => ({
    box: { x: left, y: top, width: right - left, height: bottom - top },
    score,
    landmarks: [0, 1, 2, 3, 4].map((i) => ({ x: points[i], y: points[i + 5] })),
  }));
}

/** What a network says of the square at a row and column of a picture. */
function asked(
  { side, values }: LinearStage,
  { width, data }: Image,
  [row, column]: readonly [number, number],
  edges: readonly number[],
): Found {
  const sums = ({ weights, biases }: LinearValues) =>
    weights.map((list, value) => {
      let sum = biases[value];
      for (let channel = 0; channel < 3; channel++)
        for (let i = 0; i < side; i++)
          for (let j = 0; j < side; j++) {
            const pixel = (data[((row + i) * width + column + j) * 3 + channel] - 127.5) / 128;
            sum += list[(channel * side + i) * side + j] * pixel;
          }
      return sum;
    });
  const [no, yes] = sums(values.scores);
  return {
    edges,
    score: Math.exp(yes) / (Math.exp(no) + Math.exp(yes)),
    offsets: sums(values.offsets),
    points: sums(values.landmarks),
  };
}

const shifted = ({ edges: [left, top, right, bottom], offsets }: Found): number[] =>
  [left, top, right, bottom].map(
    (edge, i) => edge + offsets[i] * (i % 2 === 0 ? right - left : bottom - top),
  );

function square([left, top, right, bottom]: readonly number[]): number[] {
  const side = Math.max(right - left, bottom - top);
  const [x, y] = [(left + right) / 2 - side / 2, (top + bottom) / 2 - side / 2];
  return [x, y, x + side, y + side];
}

/** Takes the best, strikes what shares too much with it, and so on. */
function struck(all: readonly Found[], most: number, relativeTo: 'union' | 'smaller'): Found[] {
  let left = [...all];
  const kept: Found[] = [];
  while (left.length > 0) {
    const best = left.reduce((a, b) => (b.score > a.score ? b : a));
    kept.push(best);
    left = left.filter((each) => each !== best && overlap(each.edges, best.edges, relativeTo) <= most);
  }
  return kept;
}

function overlap(a: readonly number[], b: readonly number[], relativeTo: 'union' | 'smaller'): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const area = ([left, top, right, bottom]: readonly number[]) => (right - left) * (bottom - top);
  const shared = width * height;
  return shared / (relativeTo === 'union' ? area(a) + area(b) - shared : Math.min(area(a), area(b)));
}
