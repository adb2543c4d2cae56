import type { RunnerOptions } from '../classifier/index.ts';
import type { Model } from '../graph/index.ts';
import { type AffineMap, apply, compose, type Image, scaling, warpImage } from '../image/index.ts';
import type { Runtime } from '../runtime/index.ts';
import { type Box, boxCentre, type Detection, mapBox, suppress } from './box.ts';
import { type CascadeStage, candidateAt, type FaceCandidate, openStage } from './cascadestage.ts';
import type { Detector } from './detector.ts';
import { exchanged, type PyramidLevel, pyramidOf, tilesOf } from './pyramid.ts';
import { turnedPhoto } from './windows.ts';

/**
 * The networks of a cascade. Each has one square input, whose rows are a picture's columns (so the published ones were trained).
 * Outputs are told apart by how many values they have: 2 are the scores of no face and of a face, 4 say how the box's left, top, right and
 * bottom move, in fractions of its sides, and 10 are five landmarks in fractions of the box, x of all, then y of all.
 */
export interface CascadeNetworks {
  /** Looks at cells of 12×12 pixels everywhere, two pixels apart: a value for each that is whole in its square. */
  readonly proposal: Model;
  /** Looks at each box that is proposed. */
  readonly refinement: Model;
  /** Looks at what is left, and finds landmarks. */
  readonly output: Model;
}

/** Pixels on a side of a cell. */
const reach = 12;

/** As published with the networks: the scores from which boxes go on, and by how much boxes of one face overlap at most. */
const minProposed = 0.6;
const minRefined = 0.7;
// Of cells in two directions some overlap by a half exactly, which rounding shall not decide: they stay.
const mostInLevel = 0.5 + 1e-6;
const mostOfFace = 0.7;

/**
 * A detector by three networks, each of which looks at what the one before it let through: Zhang, Zhang, Li and Qiao, “Joint face
 * detection and alignment using multitask cascaded convolutional networks”, IEEE Signal Processing Letters 23, 2016. Its detections
 * have five landmarks. Errors: networks with other outputs; as of the runtime's `load`.
 */
export async function openCascade(
  networks: CascadeNetworks,
  options: RunnerOptions & { readonly runtime: Runtime },
): Promise<Detector> {
  const open = (role: keyof CascadeNetworks, batch: number) =>
    openStage(networks[role], { ...options, role: `${role} network`, landmarks: role === 'output', batch });
  const [proposal, refinement, output] = [
    await open('proposal', 4),
    await open('refinement', 64),
    await open('output', 32),
  ];
  return {
    async detect(photo, { minSize, minScore, turns = 0, signal }) {
      const { toPhoto } = turnedPhoto(photo, turns);
      const look = (stage: CascadeStage, boxes: readonly Box[], least: number) =>
        candidatesIn(photo, toPhoto, stage, boxes, least);
      const proposed: FaceCandidate[] = [];
      for (const level of pyramidOf(photo, { minSize, reach, turns })) {
        signal?.throwIfAborted();
        proposed.push(...suppress(await proposals(proposal, level), mostInLevel));
      }
      const asked = suppress(proposed, mostOfFace).map((each) => squared(moved(each)));
      const refined = suppress(await look(refinement, asked, minRefined), mostOfFace);
      signal?.throwIfAborted();
      const last = await look(
        output,
        refined.map((each) => squared(moved(each))),
        minScore,
      );
      const found = last.map((each): Detection => {
        const corner = compose(toPhoto, fromUnit(each.box));
        const landmarks = each.landmarks?.map((point) => apply(corner, point));
        return { score: each.score, box: moved(each), landmarks };
      });
      return suppress(found, mostOfFace, 'smaller').map((each) => ({
        ...each,
        box: mapBox(toPhoto, each.box),
      }));
    },
    async release() {
      for (const stage of [proposal, refinement, output]) await stage.release();
    },
  };
}

/** The cells of a level that may be faces, in pixels of the upright photo. */
async function proposals(stage: CascadeStage, { picture, scale }: PyramidLevel): Promise<FaceCandidate[]> {
  const tiles = [...tilesOf(picture, { side: stage.side, reach })];
  const answer = await stage.run(tiles.map(({ square }) => square));
  const [, , height, width] = answer.scores.shape;
  return tiles.flatMap(({ row, column, rows, columns }, n) =>
    Array.from({ length: height * width }, (_, cell) => {
      const [i, j] = [Math.floor(cell / width), cell % width];
      if (i >= rows || j >= columns) return [];
      // Rows go over the photo's columns.
      const [x, y] = [2 * (row + i), 2 * (column + j)].map((at) => at / scale);
      const found = candidateAt(answer, [n, cell], { x, y, width: reach / scale, height: reach / scale });
      return found.score >= minProposed ? [found] : [];
    }).flat(),
  );
}

/** What a network takes for faces of some boxes. */
async function candidatesIn(
  photo: Image,
  toPhoto: AffineMap,
  stage: CascadeStage,
  boxes: readonly Box[],
  least: number,
): Promise<FaceCandidate[]> {
  if (boxes.length === 0) return [];
  const { side } = stage;
  const extent = { width: side, height: side };
  const squares = boxes.map((box) => {
    const toSource = compose(toPhoto, compose(fromUnit(box), compose(scaling(1 / side), exchanged)));
    return warpImage(photo, toSource, extent, 'nothing');
  });
  const answer = await stage.run(squares);
  return boxes.map((box, i) => candidateAt(answer, [i, 0], box)).filter(({ score }) => score >= least);
}

/** From the unit square to a box. */
const fromUnit = ({ x, y, width, height }: Box): AffineMap => [width, 0, x, 0, height, y];

/** The box where the network moved it. */
function moved({ box, offsets: [left, top, right, bottom] }: FaceCandidate): Box {
  const { x, y, width, height } = box;
  return {
    x: x + left * width,
    y: y + top * height,
    width: width * (1 + right - left),
    height: height * (1 + bottom - top),
  };
}

/** The square about a box's centre, as large as its longer side. */
function squared(box: Box): Box {
  const { x, y } = boxCentre(box);
  const side = Math.max(box.width, box.height);
  return { x: x - side / 2, y: y - side / 2, width: side, height: side };
}
