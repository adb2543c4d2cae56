/* Where the networks that find faces lie. */

/** The npm package whose weights limn imports: of age and gender, detectors of faces, landmarks. */
export const FACE_API = '@vladmandic/face-api';

/** Its networks that find faces, and those that find the landmarks of a face, by their files in `model/` without their endings. */
export const finderFiles = {
  ssd: 'ssd_mobilenetv1_model',
  tiny: 'tiny_face_detector_model',
  full: 'face_landmark_68_model',
  'tiny landmarks': 'face_landmark_68_tiny_model',
} as const;

/** The two files of a network. */
export const filesOfFinder = (name: keyof typeof finderFiles) => ({
  manifest: `${finderFiles[name]}-weights_manifest.json`,
  weights: `${finderFiles[name]}.bin`,
});

/** The files that are read where nobody chooses the networks. */
export const usualFinderFiles: readonly string[] = (['ssd', 'full'] as const).flatMap((name) =>
  Object.values(filesOfFinder(name)),
);
