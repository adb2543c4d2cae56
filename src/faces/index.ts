export {
  ALIGNMENTS,
  cutFace,
  type FaceCutting,
  type FacePlacement,
  placeFace,
  usualMargin,
} from './align.ts';
export { type Box, boxOverlap, type Detection, suppress } from './box.ts';
export { type CascadeNetworks, openCascade } from './cascade.ts';
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
export { eyesOf, fiveOf, PARTS, partOf, tiltOf, toTemplate } from './landmarks.ts';
export { FACE_REGIONS, type FaceRegion, type FaceShare, faceShares, regionsOfFace } from './regions.ts';
export { adienceMargin } from './template.ts';
