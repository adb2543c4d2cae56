import type { FaceAlignment } from '../../graph/index.ts';
import { type Command, Option, parseNumber, parseWhole } from '../command.ts';

/** How the faces were cut out that an imported network was trained on. */
export interface TrainedFacesOptions {
  readonly faceAlign?: FaceAlignment;
  readonly faceMargin?: number;
}

export function withTrainedFaces(given: Command): Command {
  return given
    .addOption(
      new Option(
        '--face-align <how>',
        'how the faces that it was trained on were aligned: similarity (i), rotation (r), none',
      ).choices(['similarity', 'rotation', 'none']),
    )
    .option(
      '--face-margin <x>',
      'the border that they had; 0.35 unless given, as Adience',
      parseNumber(-0.49),
    );
}

/** What finds faces. */
export interface DetectorOptions {
  readonly detector?: 'ssd' | 'tiny' | 'mtcnn';
  readonly landmarks?: 'full' | 'tiny' | 'five';
  readonly mtcnn?: string;
  readonly weights?: string;
}

/** How faces are found and cut out. */
export interface FacesOptions extends DetectorOptions {
  readonly align?: FaceAlignment;
  readonly margin?: number;
  readonly minSize?: number;
  readonly minScore?: number;
  readonly doubtScore?: number;
  readonly turned?: boolean;
}

export function withFacesOptions(given: Command): Command {
  const cut = given
    .addOption(
      new Option(
        '--align <how>',
        'by landmarks (similarity), upright (rotation), or as it is; as the model says, or else similarity',
      ).choices(['similarity', 'rotation', 'none']),
    )
    .option(
      '--margin <x>',
      'border on each side, relative to the face; 0.35 unless given, as Adience',
      parseNumber(-0.49),
    )
    .option(
      '--min-size <pixels>',
      "the smallest face; 40 unless given, where those below a 25th of the photo's longer side are not looked for",
      parseWhole(1),
    )
    .option('--min-score <x>', 'from this score on a face is one; 0.5 unless given', parseNumber(0, 1))
    .option(
      '--doubt-score <x>',
      'from this score on it is told of as doubtful; 0.3 unless given',
      parseNumber(0, 1),
    )
    .option('--no-turned', 'where no face is upright, do not look at the photo lying and upside down');
  return withDetectorOptions(cut);
}

/** Which networks find faces and their landmarks. */
export function withDetectorOptions(given: Command): Command {
  return given
    .addOption(
      new Option(
        '--detector <network>',
        'ssd unless given; tiny is faster and finds fewer, mtcnn needs --mtcnn',
      ).choices(['ssd', 'tiny', 'mtcnn']),
    )
    .option('--mtcnn <folder>', "MTCNN's Caffe files, det1.prototxt to det3.caffemodel")
    .addOption(
      new Option(
        '--landmarks <network>',
        'full unless given; tiny is smaller, five are those of mtcnn itself',
      ).choices(['full', 'tiny', 'five']),
    )
    .option('--weights <folder>', "face-api's model files; those of its npm package unless given");
}

/** The same of a command that also takes photos as they are. */
export interface AskedFacesOptions extends FacesOptions {
  readonly faces?: 'all' | 'largest';
}

/** The same of a command that also takes photos as they are. */
export const withAskedFaces = (given: Command): Command =>
  withFacesOptions(
    given.addOption(
      new Option('--faces [which]', 'find faces and ask of all, or of the largest in each photo')
        .choices(['all', 'largest'])
        .preset('all'),
    ),
  );
