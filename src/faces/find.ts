import type { RunnerOptions } from '../classifier/index.ts';
import { fail } from '../common/error.ts';
import type { Model } from '../graph/index.ts';
import {
  type AffineMap,
  apply,
  type Beyond,
  compose,
  equaliseLocally,
  type Image,
  moving,
  type Point,
  scaling,
  warpImage,
} from '../image/index.ts';
import type { Runtime } from '../runtime/index.ts';
import { type Box, boxOverlap, clipBox, type Detection, mapBox, suppress } from './box.ts';
import { type Detector, openDetector } from './detector.ts';
import { misshapenOf, openLandmarkFinder, tiltOf } from './landmarks.ts';

/**
 * Why a face may be of little use.
 * - `small`: smaller than was asked for.
 * - `border`: a part of it is beyond the photo's border.
 * - `doubtful`: it may be none.
 */
export type Remark = 'small' | 'border' | 'doubtful';

/** A face in a photo; all in pixels of the upright photo, from its top left corner. */
export interface FoundFace {
  /** The part of the detector's box that is on the photo. */
  readonly box: Box;
  /** How sure the detector is, from 0 to 1. */
  readonly score: number;
  /** How far the face is turned in the plane, in degrees clockwise, above −180 up to 180. */
  readonly tilt: number;
  /** 68 points in the order of the iBUG 300-W annotation, or the detector's own five, in the order of `fiveOf`. */
  readonly landmarks: readonly Point[];
  readonly remarks: readonly Remark[];
}

/** Which faces are looked for. */
export interface FindOptions {
  /**
   * The smallest face, by the shorter side of its box in pixels; 40 unless given. The time grows with the number of such faces that
   * would fit into the photo: unless given, none is looked for that is smaller than a 25th of the photo's longer side, and such a one
   * is a face if it is seen by the way.
   */
  readonly minSize?: number | undefined;
  /** From this score on a face is one. */
  readonly minScore?: number | undefined;
  /** From this score on it may be one, and is told of as doubtful. */
  readonly doubtScore?: number | undefined;
  /** Whether a photo without an upright face is looked at again lying on each side and upside down. */
  readonly turned?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What {@link FindOptions} are unless given; docs/explanation/real-data.md has the measurements that chose them. */
export const usualFind = { minScore: 0.5, doubtScore: 0.3, turned: true } as const;

/** The smallest face, and the smallest that is looked for in a photo. */
const usualSmallest = 40;
const usualMinSize = ({ width, height }: Image): number =>
  Math.max(usualSmallest, Math.max(width, height) / 25);

/** Finds faces in photos of any size. */
export interface FaceFinder {
  /** The faces of a photo, the largest first. */
  find(photo: Image, options?: FindOptions): Promise<FoundFace[]>;
  release(): Promise<void>;
}

/**
 * What is put around a photo without a face, relative to its longer side, when it is looked at again: detectors expect some of a head's
 * surroundings, and see no face in what is cut closely to one. Docs as of {@link usualFind}.
 */
const surroundings = 1;

/** So much of the photo's own border is repeated around it before that: with it a face that is cut in its middle becomes a whole. */
const repeatedBorders = [0, 0.5] as const;

/** Pixels on the longer side of a photo with surroundings: more than detectors look at. */
const mostFromAfar = 1024;

/** Which networks find faces, and where they run. */
export type OpenFaceFinderOptions = RunnerOptions & {
  readonly runtime: Runtime;
  /** A network with outputs `boxes` and `scores`, or a detector that is open. */
  readonly detector: Model | Detector;
  /** A network with the output `landmarks`; unless given, landmarks are the detector's own five. */
  readonly landmarks?: Model | undefined;
};

/** The smallest face that single-shot detectors find well, relative to their square. */
const smallest = 0.08;

/** Landmarks that are less to be trusted are of no face, or not of one that the network can read. */
const mostDisagreement = 0.5;

/** Two faces whose boxes overlap by more are one, seen in two positions of the photo. */
const sameFace = 0.4;

/** Loads a detector and landmarks. Errors: a detector without landmarks of its own and no network for them; as of the runtime's `load`. */
export async function openFaceFinder(options: OpenFaceFinderOptions): Promise<FaceFinder> {
  const { detector: given, landmarks: network, ...run } = options;
  const detector = 'detect' in given ? given : await openDetector(given, { ...run, smallest });
  const points = network && (await openLandmarkFinder(network, run));
  const landmarksOf = async (photo: Image, { box, landmarks }: Detection, turns: number) => {
    if (points) return points.find(photo, box, landmarks ? tiltOf(landmarks) : -90 * turns);
    if (!landmarks) return fail('landmarks', 'the detector finds none', 'give a network for them');
    return { landmarks, disagreement: misshapenOf(landmarks) };
  };
  const describe = async (
    photo: Image,
    detection: Detection,
    turns: number,
    { minSize, minScore }: { minSize: number; minScore: number },
  ): Promise<FoundFace> => {
    const { box, score } = detection;
    const { landmarks, disagreement } = await landmarksOf(photo, detection, turns);
    const remarks: Remark[] = [];
    if (Math.min(box.width, box.height) < minSize) remarks.push('small');
    if (landmarks.some((point) => !isOn(photo, point))) remarks.push('border');
    if (score < minScore || disagreement > mostDisagreement) remarks.push('doubtful');
    return { box: clipBox(box, photo), score, tilt: tiltOf(landmarks), landmarks, remarks };
  };
  return {
    async find(photo, { signal, minSize: wanted, ...asked } = {}) {
      const { minScore, doubtScore, turned } = withDefaults(asked);
      const minSize = wanted ?? usualMinSize(photo);
      const limits = { minSize: wanted ?? usualSmallest, minScore };
      const describeAll = async (
        seen: Image,
        found: readonly Detection[],
        turns = 0,
      ): Promise<FoundFace[]> => {
        const faces: FoundFace[] = [];
        for (const each of found) faces.push(await describe(seen, each, turns, limits));
        return faces;
      };
      const look = async (seen: Image, turns = 0): Promise<FoundFace[]> =>
        describeAll(
          seen,
          await detector.detect(seen, { minSize, minScore: doubtScore, turns, signal }),
          turns,
        );
      const lookFromAfar = async (seen: Image, border: number): Promise<FoundFace[]> => {
        const { picture, toPhoto, scale } = fromAfar(seen, border);
        // What fills a good part of the photo: smaller faces have surroundings in it.
        const large = Math.max(minSize, Math.max(photo.width, photo.height) / 3) * scale;
        const found = await detector.detect(picture, { minSize: large, minScore: doubtScore, signal });
        return describeAll(
          seen,
          found.map((each) => mapped(toPhoto, each)),
        );
      };
      let faces: FoundFace[] = [];
      for (const light of [asIs, equaliseLocally]) {
        if (!faces.every(isDoubtful)) break;
        const seen = light(photo);
        const looks = [
          () => look(seen),
          ...repeatedBorders.map((border) => () => lookFromAfar(seen, border)),
        ];
        for (const again of looks) {
          if (faces.every(isDoubtful)) faces = joined(faces, await again());
        }
      }
      if (turned && faces.every(isDoubtful)) {
        const turnedFaces: FoundFace[] = [];
        for (const turns of [1, 3, 2]) turnedFaces.push(...(await look(photo, turns)));
        faces = joined(faces, turnedFaces);
      }
      return faces.sort((a, b) => sizeOf(b) - sizeOf(a));
    },
    async release() {
      await detector.release();
      await points?.release();
    },
  };
}

const asIs = (photo: Image): Image => photo;

/** The faces of several looks, each once: one that is doubtful stands in the way of none that is not, however sure its detector is. */
function joined(faces: readonly FoundFace[], more: readonly FoundFace[]): FoundFace[] {
  const all = [...faces, ...more];
  const sure = suppress(
    all.filter((face) => !isDoubtful(face)),
    sameFace,
  );
  const doubtful = all
    .filter(isDoubtful)
    .filter(({ box }) => sure.every((face) => boxOverlap(face.box, box) <= sameFace));
  return [...sure, ...suppress(doubtful, sameFace)];
}

/** A photo drawn smaller and with more around it, and the way back to the photo's own pixels. */
interface Afar {
  readonly picture: Image;
  readonly toPhoto: AffineMap;
  /** Its pixels for each of the photo's. */
  readonly scale: number;
}

/** A photo with nothing around it, or its repeated `border` and then nothing, at most so large that detectors look at all its pixels. */
function fromAfar(photo: Image, border: number): Afar {
  if (border === 0) return surrounded(photo, surroundings, 'nothing');
  const wide = surrounded(photo, border, 'repeat');
  const far = surrounded(wide.picture, surroundings, 'nothing');
  return { picture: far.picture, toPhoto: compose(wide.toPhoto, far.toPhoto), scale: wide.scale * far.scale };
}

function surrounded(photo: Image, share: number, beyond: Beyond): Afar {
  const longer = Math.max(photo.width, photo.height);
  const border = share * longer;
  const scale = Math.min(1, mostFromAfar / (longer + 2 * border));
  const toPhoto = compose(moving(-border, -border), scaling(1 / scale));
  const [width, height] = [photo.width, photo.height].map((side) => Math.round((side + 2 * border) * scale));
  return { picture: warpImage(photo, toPhoto, { width, height }, beyond), toPhoto, scale };
}

const mapped = (map: AffineMap, { box, landmarks, score }: Detection): Detection => ({
  box: mapBox(map, box),
  score,
  landmarks: landmarks?.map((point) => apply(map, point)),
});

const withDefaults = ({
  minScore = usualFind.minScore,
  doubtScore = usualFind.doubtScore,
  turned = usualFind.turned,
}: Omit<FindOptions, 'signal' | 'minSize'>) => ({
  minScore,
  doubtScore: Math.min(doubtScore, minScore),
  turned,
});

const isDoubtful = ({ remarks }: FoundFace): boolean => remarks.includes('doubtful');

const sizeOf = ({ box }: FoundFace): number => box.width * box.height;

const isOn = ({ width, height }: Image, { x, y }: Point): boolean =>
  x >= 0 && y >= 0 && x <= width && y <= height;
