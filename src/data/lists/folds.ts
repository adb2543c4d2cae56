import { fail } from '../../common/error.ts';
import { quoted } from '../../common/quoted.ts';

/** One face of a fold, as far as lists need it. */
export interface AdienceFace {
  /** The Flickr album it is from: the benchmark's notion of a person. */
  readonly user: string;
  /** The photo's file name. */
  readonly original: string;
  readonly face: string;
  /** As written: `(25, 32)`, `35`, `None`. */
  readonly age: string;
  /** As written: `m`, `f`, `u` or nothing. */
  readonly gender: string;
}

/** A fold of the benchmark: people who are in no other fold. */
export interface Fold {
  readonly index: number;
  readonly faces: readonly AdienceFace[];
}

const header = [
  'user_id',
  'original_image',
  'face_id',
  'age',
  'gender',
  'x',
  'y',
  'dx',
  'dy',
  'tilt_ang',
  'fiducial_yaw_angle',
  'fiducial_score',
];

/**
 * Parses `fold_K_data.txt` of Adience: tab-separated, the header first. Every line must have all twelve fields; all
 * broken ones are named in one error with file and line.
 */
export function parseFold(text: string, index: number, file: string): Fold {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  if (lines[0]?.trim() !== header.join('\t')) {
    fail(`${file}:1`, 'not the header of an Adience fold', `the file must begin with ${header.join('⇥')}`);
  }
  const faces: AdienceFace[] = [];
  const broken: [line: number, what: string][] = [];
  lines.slice(1).forEach((line, i) => {
    const face = parseLine(line);
    if (typeof face === 'string') broken.push([i + 2, face]);
    else faces.push(face);
  });
  if (broken.length > 0) {
    const [[line, what], ...others] = broken as [[number, string], ...[number, string][]];
    const more =
      others.length > 0
        ? ` (${broken.length} broken lines: ${broken
            .slice(0, 20)
            .map(([at]) => at)
            .join(', ')}${broken.length > 20 ? ', …' : ''})`
        : '';
    fail(`${file}:${line}`, what + more, 'repair the file or fetch it again');
  }
  if (faces.length === 0) fail(file, 'no faces after the header', 'fetch the file again');
  return { index, faces };
}

function parseLine(line: string): AdienceFace | string {
  const fields = line.split('\t');
  if (fields.length !== header.length) return `${fields.length} fields, expected ${header.length}`;
  const [user, original, face, age, gender] = fields.map((field) => field.trim()) as [
    string,
    string,
    string,
    string,
    string,
  ];
  if (!user || !original) return 'no user or no image';
  // These become parts of paths.
  if (/[/\\]/.test(user + original) || user === '..') return 'a user or image with a slash';
  if (!/^\d+$/.test(face)) return `face_id ${quoted(face)} is no number`;
  if (!/^(None|\d+|\(\d+, \d+\))$/.test(age))
    return `age ${quoted(age)} is no number, no band such as (25, 32), not None`;
  if (!/^[mfu]?$/.test(gender)) return `gender ${quoted(gender)} is not m, f, u or empty`;
  return { user, original, face, age, gender };
}

/** A row of a fold, with where the face is in its photo as far as that is known. */
export interface FoldRow extends AdienceFace {
  /** Left, top, width and height of its box, in pixels. */
  readonly box?: readonly [x: number, y: number, width: number, height: number];
  /** Degrees clockwise by which it is turned in the plane. */
  readonly tilt?: number;
  /** How sure the detector is, from 0 to 100. */
  readonly score?: number;
}

/** A fold as text. What is not known of a place is 0, nor is the yaw. */
export const writeFold = (rows: readonly FoldRow[]): string =>
  [
    header,
    ...rows.map(({ user, original, face, age, gender, box = [0, 0, 0, 0], tilt = 0, score = 0 }) => [
      ...[user, original, face, age, gender],
      ...[...box, tilt, 0, score].map(Math.round),
    ]),
  ]
    .map((row) => `${row.join('\t')}\n`)
    .join('');

/** The index in a fold's file name: `fold_3_data.txt` → 3; undefined for any other name. */
export function foldIndex(name: string): number | undefined {
  const match = /^fold_(\d+)_data\.txt$/.exec(name);
  return match ? Number(match[1]) : undefined;
}
