import { openRunner, type RunnerOptions } from '../classifier/index.ts';
import type { Model } from '../graph/index.ts';
import {
  type Affine,
  apply,
  centreOf,
  compose,
  type Image,
  moving,
  type Point,
  preprocess,
  scaling,
  turning,
  warpImage,
} from '../image/index.ts';
import type { Runtime } from '../runtime/index.ts';
import { type Box, boundingBox, boxCentre } from './box.ts';

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

/** The centres of the two eyes, that on the left of an upright face first. */
export const eyesOf = (landmarks: readonly Point[]): readonly [Point, Point] => [
  centreOf(partOf(landmarks, 'leftEye')),
  centreOf(partOf(landmarks, 'rightEye')),
];

/** How far a face is turned in the plane of the picture, by the line between its eyes: degrees clockwise, above −180 up to 180. */
export function tiltOf(landmarks: readonly Point[]): number {
  const [left, right] = eyesOf(landmarks);
  return (Math.atan2(right.y - left.y, right.x - left.x) * 180) / Math.PI;
}

/** Finds landmarks. */
export interface LandmarkFinder {
  /**
   * The 68 landmarks of the face in a box, in pixels of the photo. `tilt` is how far the face is turned, roughly, in degrees
   * clockwise: what is found is used to look again with the face upright.
   */
  find(photo: Image, box: Box, tilt: number): Promise<Point[]>;
  release(): Promise<void>;
}

/** How often a face is looked at: the first time in the detector's box, then upright in the middle. */
const looks = 2;

/** The square in which landmarks are looked for again, relative to the longer side of the box around those found. */
const margin = 1.25;

/** A finder of a network with one square input and the output `landmarks` N×68×2, x and y in fractions of the square. */
export async function openLandmarkFinder(
  { graph, info }: Model,
  { runtime, ...options }: RunnerOptions & { readonly runtime: Runtime },
): Promise<LandmarkFinder> {
  const side = Number(graph.inputs[0].shape[2]);
  const runner = await openRunner(graph, runtime, { batch: 1, ...options });
  const look = async (photo: Image, toPhoto: Affine): Promise<Point[]> => {
    const toSource = compose(toPhoto, scaling(1 / side));
    const square = warpImage(photo, toSource, { height: side, width: side }, 'nothing');
    const { landmarks } = await runner.run(preprocess([square], info.preprocessing!));
    return pointsOf(landmarks.data).map((point) => apply(toPhoto, point));
  };
  return {
    async find(photo, box, tilt) {
      let square = squareAround(boxCentre(box), Math.max(box.width, box.height), tilt);
      let landmarks: Point[] = [];
      for (let i = 0; i < looks; i++) {
        landmarks = await look(photo, square);
        square = uprightSquare(landmarks, margin);
      }
      return landmarks;
    },
    release: () => runner.release(),
  };
}

/** Numbers x, y, x, y … as points. */
export const pointsOf = (values: ArrayLike<number>): Point[] =>
  Array.from({ length: values.length / 2 }, (_, i) => ({ x: values[2 * i], y: values[2 * i + 1] }));

/** From a square whose sides are 1 long to one around a centre in a picture, turned by an angle in degrees clockwise. */
export const squareAround = ({ x, y }: Point, side: number, degrees: number): Affine =>
  compose(moving(x, y), compose(turning(degrees), compose(scaling(side), moving(-0.5, -0.5))));

/** The square around landmarks in which the face is upright, `margin` times as long as the longer side of the box around them. */
export function uprightSquare(landmarks: readonly Point[], margin: number): Affine {
  const tilt = tiltOf(landmarks);
  const upright = boundingBox(landmarks.map((point) => apply(turning(-tilt), point)));
  const centre = apply(turning(tilt), boxCentre(upright));
  return squareAround(centre, margin * Math.max(upright.width, upright.height), tilt);
}
