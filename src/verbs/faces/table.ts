import { csvLine } from '../../common/csv.ts';
import { writeFold } from '../../data/index.ts';
import type { FacePlacement, FoundFace, Remark } from '../../faces/index.ts';
import type { AffineMap } from '../../image/index.ts';

/** A face that was found, in plain data: a row of `faces.csv`. All in pixels of the upright photo. */
export interface FaceRecord {
  /** The photo's file. */
  readonly photo: string;
  /** Which of the photo's faces, from 1 on, the largest first. */
  readonly face: number;
  /** Left, top, width and height of its box. */
  readonly box: readonly [x: number, y: number, width: number, height: number];
  /** How sure the detector is, from 0 to 1. */
  readonly score: number;
  /** Degrees clockwise by which the face is turned in the plane. */
  readonly tilt: number;
  readonly remarks: readonly Remark[];
  /** 68 landmarks x, y, x, y … in the order of the iBUG 300-W annotation, or the detector's own five (see `fiveOf` of limn/faces). */
  readonly landmarks: readonly number[];
  /** From the photo's pixels to those of the face that is cut out: x′ = a·x + b·y + c, y′ = d·x + e·y + f. */
  readonly transform: AffineMap;
  /** Pixels on a side of what is cut out. */
  readonly size: number;
}

/** Numbers as they are written: a hundredth of a pixel, and what a transform needs for that. */
const rounded = (x: number, digits: number): number => Number(x.toFixed(digits));

export function faceRecord(
  photo: string,
  face: number,
  { box, score, tilt, remarks, landmarks }: FoundFace,
  { transform, size }: FacePlacement,
): FaceRecord {
  const place = (x: number) => rounded(x, 2);
  return {
    photo,
    face,
    box: [place(box.x), place(box.y), place(box.width), place(box.height)],
    score: rounded(score, 4),
    tilt: place(tilt),
    remarks,
    landmarks: landmarks.flatMap(({ x, y }) => [place(x), place(y)]),
    transform: transform.map((x) => rounded(x, 7)) as unknown as AffineMap,
    size,
  };
}

const columns = [
  ...['file', 'photo', 'face', 'x', 'y', 'width', 'height', 'score', 'tilt', 'remarks'],
  ...['size', 'transform', 'landmarks'],
];

/** A face and the file that it was cut out into; undefined where it was not. */
export interface WrittenFace extends FaceRecord {
  readonly file?: string | undefined;
}

/** What was found in one photo. */
export interface PhotoFaces {
  readonly photo: string;
  /** All that were found, also those that were not cut out; the largest first. */
  readonly faces: readonly WrittenFace[];
}

/**
 * `faces.csv`: a row per face; lists of numbers with spaces between them. `file` is relative to the table's folder, so that the
 * table is a manifest of the faces that were cut out.
 */
export const facesTable = (faces: readonly WrittenFace[]): string =>
  [columns, ...faces.map(rowOf)].map(csvLine).join('');

const rowOf = (face: WrittenFace): (string | number)[] => [
  face.file ?? '',
  face.photo,
  face.face,
  ...face.box,
  face.score,
  face.tilt,
  face.remarks.join(' '),
  face.size,
  face.transform.join(' '),
  face.landmarks.join(' '),
];

/**
 * The same in the format of Adience's folds, tab-separated: the user is the photo's folder, age and gender are unknown, the tilt is in
 * whole degrees clockwise, the yaw is not measured (0), the score from 0 to 100.
 */
export const facesFold = (faces: readonly WrittenFace[]): string =>
  writeFold(
    faces.map(({ photo, face, box, tilt, score }) => {
      const [name, folder = 'photos'] = photo.split(/[/\\]/).reverse();
      return {
        user: tabless(folder) || 'photos',
        original: tabless(name),
        face: String(face),
        ...{ age: 'None', gender: 'u', box, tilt, score: 100 * score },
      };
    }),
  );

/** A name in a table whose fields tabs part. */
const tabless = (text: string): string => text.replace(/[\t\r\n]/g, ' ');
