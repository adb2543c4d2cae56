import { type AffineMap, apply, type Point } from '../image/index.ts';

/** An upright rectangle in a picture, in pixels from its top left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A box with how sure a detector is that it holds a face, from 0 to 1. */
export interface Detection {
  readonly box: Box;
  readonly score: number;
  /** Where the detector itself sees five of the face's features, in the order of `fiveOf`; undefined where it does not say. */
  readonly landmarks?: readonly Point[] | undefined;
}

export const boxCentre = ({ x, y, width, height }: Box): Point => ({ x: x + width / 2, y: y + height / 2 });

const area = ({ width, height }: Box): number => Math.max(0, width) * Math.max(0, height);

/** The area that two boxes share. */
export function intersection(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(0, width) * Math.max(0, height);
}

/**
 * How much two boxes overlap, from 0 to 1: what they share, relative to their `union` (the Jaccard index) or to the
 * `smaller` of them, which is 1 where one holds the other. 0 for boxes without an area.
 */
export function boxOverlap(a: Box, b: Box, relativeTo: 'union' | 'smaller' = 'union'): number {
  const shared = intersection(a, b);
  if (shared === 0) return 0;
  return shared / (relativeTo === 'union' ? area(a) + area(b) - shared : Math.min(area(a), area(b)));
}

/** The upright box around a box that is taken through a map. */
export function mapBox(map: AffineMap, { x, y, width, height }: Box): Box {
  return boundingBox(
    [
      { x, y },
      { x: x + width, y },
      { x, y: y + height },
      { x: x + width, y: y + height },
    ].map((corner) => apply(map, corner)),
  );
}

/** The smallest upright box around points. */
export function boundingBox(points: readonly Point[]): Box {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** The part of a box that is on a picture. */
export function clipBox({ x, y, width, height }: Box, picture: { width: number; height: number }): Box {
  const [left, top] = [Math.min(Math.max(x, 0), picture.width), Math.min(Math.max(y, 0), picture.height)];
  return {
    x: left,
    y: top,
    width: Math.max(0, Math.min(x + width, picture.width) - left),
    height: Math.max(0, Math.min(y + height, picture.height) - top),
  };
}

/**
 * Greedy non-maximum suppression: the best detection stays, all that overlap it by more than `most` go, then the best of the rest,
 * and so on. Of equal scores the first counts as the better. In the order of their scores.
 */
export function suppress<T extends Detection>(
  detections: readonly T[],
  most: number,
  relativeTo: 'union' | 'smaller' = 'union',
): T[] {
  const sorted = [...detections].sort((a, b) => b.score - a.score);
  const kept: T[] = [];
  for (const each of sorted) {
    if (kept.every(({ box }) => boxOverlap(box, each.box, relativeTo) <= most)) kept.push(each);
  }
  return kept;
}
