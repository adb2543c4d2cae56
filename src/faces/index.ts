export {
  ALIGNMENTS,
  cutFace,
  type FaceCutting,
  type Placement,
  placeFace,
  usualMargin,
} from './align.ts';
export { type Box, type Detection, overlap, suppress } from './box.ts';
export { type DetectOptions, type Detector, openDetector } from './detector.ts';
export {
  type FaceFinder,
  type FindOptions,
  type FoundFace,
  type OpenFaceFinderOptions,
  openFaceFinder,
  type Remark,
  usualFind,
} from './find.ts';
export { eyesOf, PARTS, partOf, tiltOf } from './landmarks.ts';
