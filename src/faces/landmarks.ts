import { openRunner, type RunnerOptions } from '../classifier/index.ts';
import type { Model } from '../graph/index.ts';
import {
  type AffineMap,
  apply,
  centreOf,
  compose,
  fitSimilarity,
  type Image,
  invert,
  moving,
  type Point,
  preprocess,
  scaling,
  turning,
  warpImage,
} from '../image/index.ts';
import type { Runtime } from '../runtime/index.ts';
import { type Box, boundingBox, boxCentre } from './box.ts';
import { templateOf } from './template.ts';

/** The 68 landmarks in the order of the iBUG 300-W annotation, by part: from and to (exclusive). Sides are the picture's. */
export const PARTS = {
  jaw: [0, 17],
  leftBrow: [17, 22],
  rightBrow: [22, 27],
  nose: [27, 36],
  leftEye: [36, 42],
  rightEye: [42, 48],
  mouth: [48, 68],
} as const;

/** The landmarks of a part. */
export const partOf = (landmarks: readonly Point[], part: keyof typeof PARTS): readonly Point[] =>
  landmarks.slice(...PARTS[part]);

/** Landmarks of which there are five, not 68: see {@link fiveOf}. */
const areFive = (landmarks: readonly Point[]): boolean => landmarks.length === 5;

/** All but the jaw, whose points move with the mouth and with the view from the side. */
const inner = (landmarks: readonly Point[]): readonly Point[] =>
  areFive(landmarks) ? landmarks : landmarks.slice(PARTS.jaw[1]);

/** The centres of the two eyes, that on the left of an upright face first. */
export const eyesOf = (landmarks: readonly Point[]): readonly [Point, Point] =>
  areFive(landmarks)
    ? [landmarks[0], landmarks[1]]
    : [centreOf(partOf(landmarks, 'leftEye')), centreOf(partOf(landmarks, 'rightEye'))];

/** The five of 68 landmarks that cascades find: the centres of the eyes, the tip of the nose, the corners of the mouth; each left one first. */
export const fiveOf = (landmarks: readonly Point[]): readonly Point[] => [
  ...eyesOf(landmarks),
  landmarks[30],
  landmarks[48],
  landmarks[54],
];

/** The similarity that brings a face's landmarks, five or 68, nearest to where they are in Adience's faces with this margin. */
export function toTemplate(landmarks: readonly Point[], margin: number): AffineMap {
  const template = templateOf(margin);
  return fitSimilarity(inner(landmarks), inner(areFive(landmarks) ? fiveOf(template) : template));
}

/** How far a face is turned in the plane of the picture, by the line between its eyes: degrees clockwise, above −180 up to 180. */
export function tiltOf(landmarks: readonly Point[]): number {
  const [left, right] = eyesOf(landmarks);
  return (Math.atan2(right.y - left.y, right.x - left.x) * 180) / Math.PI;
}

/** The landmarks of a face. */
export interface FoundLandmarks {
  /** 68 points in pixels of the photo. */
  readonly landmarks: readonly Point[];
  /**
   * How little they are to be trusted: how far they moved when the network looked again with the face upright, and how far they are
   * from a face's mean shape; both on average, relative to the distance of the eyes. Below 0.2 for faces, mostly above 0.4 elsewhere.
   */
  readonly disagreement: number;
}

/** Finds landmarks. */
export interface LandmarkFinder {
  /** The landmarks of the face in a box. `tilt` is how far the face is turned, within 90 degrees, clockwise. */
  find(photo: Image, box: Box, tilt: number): Promise<FoundLandmarks>;
  release(): Promise<void>;
}

/**
 * The network finds the landmarks of faces that are turned by 40 degrees at most; on others its points draw together or make an
 * upright face. Where what is found does not agree well, it looks in these positions, too, and the best counts.
 */
const wellAgreed = 0.25;
const otherTilts = [60, -60];

/** The square in which landmarks are looked for again, relative to the longer side of the box around those found. */
const margin = 1.25;

/** A finder of a network with one square input and the output `landmarks` N×68×2, x and y in fractions of the square. */
export async function openLandmarkFinder(
  { graph, info }: Model,
  { runtime, ...options }: RunnerOptions & { readonly runtime: Runtime },
): Promise<LandmarkFinder> {
  const side = Number(graph.inputs[0].shape[2]);
  const runner = await openRunner(graph, runtime, { batch: 1, ...options });
  const look = async (photo: Image, toPhoto: AffineMap): Promise<Point[]> => {
    const toSource = compose(toPhoto, scaling(1 / side));
    const square = warpImage(photo, toSource, { height: side, width: side }, 'nothing');
    const { landmarks } = await runner.run(preprocess([square], info.preprocessing!));
    return pointsOf(landmarks.data).map((point) => apply(toPhoto, point));
  };
  return {
    async find(photo, box, tilt) {
      const from = async (angle: number): Promise<FoundLandmarks> => {
        const side = Math.max(box.width, box.height);
        const first = await look(photo, squareAround(boxCentre(box), side, angle));
        const landmarks = await look(photo, uprightSquare(first, margin));
        return { landmarks, disagreement: disagreementOf(first, landmarks) };
      };
      let best = await from(tilt);
      if (best.disagreement <= wellAgreed) return best;
      for (const other of otherTilts) {
        const found = await from(tilt + other);
        if (found.disagreement < best.disagreement) best = found;
      }
      return best;
    },
    release: () => runner.release(),
  };
}

/** How far landmarks are from those of an earlier look and from the mean shape: see {@link FoundLandmarks}. */
const disagreementOf = (before: readonly Point[], landmarks: readonly Point[]): number =>
  meanDistance(before, landmarks) / eyeDistance(landmarks) + misshapenOf(landmarks);

/** How far a face's landmarks, five or 68, are from its mean shape, on average, relative to the distance of the eyes. */
export function misshapenOf(landmarks: readonly Point[]): number {
  const shape = templateOf(0);
  const fitted = invert(toTemplate(landmarks, 0));
  const expected = inner(areFive(landmarks) ? fiveOf(shape) : shape).map((point) => apply(fitted, point));
  return meanDistance(expected, inner(landmarks)) / eyeDistance(landmarks);
}

function eyeDistance(landmarks: readonly Point[]): number {
  const [left, right] = eyesOf(landmarks);
  return Math.max(Math.hypot(right.x - left.x, right.y - left.y), Number.MIN_VALUE);
}

const meanDistance = (a: readonly Point[], b: readonly Point[]): number =>
  a.reduce((sum, { x, y }, i) => sum + Math.hypot(x - b[i].x, y - b[i].y), 0) / a.length;

/** Numbers x, y, x, y … as points. */
export const pointsOf = (values: ArrayLike<number>): Point[] =>
  Array.from({ length: values.length / 2 }, (_, i) => ({ x: values[2 * i], y: values[2 * i + 1] }));

/** From a square whose sides are 1 long to one around a centre in a picture, turned by an angle in degrees clockwise. */
export const squareAround = ({ x, y }: Point, side: number, degrees: number): AffineMap =>
  compose(moving(x, y), compose(turning(degrees), compose(scaling(side), moving(-0.5, -0.5))));

/** The square around landmarks in which the face is upright, `margin` times as long as the longer side of the box around them. */
export function uprightSquare(landmarks: readonly Point[], margin: number): AffineMap {
  const tilt = tiltOf(landmarks);
  const upright = boundingBox(landmarks.map((point) => apply(turning(-tilt), point)));
  const centre = apply(turning(tilt), boxCentre(upright));
  return squareAround(centre, margin * Math.max(upright.width, upright.height), tilt);
}
