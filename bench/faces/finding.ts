import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseManifest } from '../../src/data/index.ts';
import { wilson } from '../../src/evaluation/statistics/wilson.ts';
import { boxOverlap, type FaceFinder, type FoundFace, fiveOf } from '../../src/faces/index.ts';
import type { Image, Point } from '../../src/image/index.ts';
import { decodeFile } from '../../src/image/pixels/decode.node.ts';
import { openBenchFinder } from './networks.ts';
import { type Placed, type Source, sceneOf, uniforms } from './scenes.ts';
import { type Work, write } from './work.ts';

const side = 512;
const scenes = 24;
const sources = 24;
const sizes = [40, 64, 100, 160];
const tilts = [0, 25, 50, 75];

/** A face that was placed, and what was found of it. */
interface Trial {
  readonly placed: Placed;
  readonly found?: FoundFace | undefined;
}

/**
 * Recall and precision at an intersection over union of 0.5, the error of landmarks relative to the distance of the eyes, and that of the tilt,
 * by size and tilt, on faces of FairFace placed at known places in made-up photos. What is true of a face is what is found in its own photo, large and
 * upright: errors are those that size and tilt add. By each detector on the same photos.
 */
export async function finding(work: Work): Promise<void> {
  const usual = await openBenchFinder();
  const faces = await sourcesOf(work, usual);
  await usual.release();
  const photos = dirname(work.weights);
  const backgrounds = [
    await decodeFile(join(photos, 'cat.jpg')),
    await decodeFile(join(photos, 'fish-bike.jpg')),
  ];
  const finders: Readonly<Record<string, Parameters<typeof openBenchFinder>[0]>> = {
    ssd: {},
    tiny: { detector: 'tiny' },
    mtcnn: { detector: 'mtcnn', mtcnn: photos },
    'mtcnn-0.7': { detector: 'mtcnn', mtcnn: photos, minScore: 0.7 },
    'mtcnn-five': { detector: 'mtcnn', mtcnn: photos, landmarks: 'five' },
  };
  for (const [name, fields] of Object.entries(finders)) {
    work.say(`\n${name}`);
    const finder = await openBenchFinder(fields);
    await found(name, finder, { faces, backgrounds, minScore: fields?.minScore }, work);
    await finder.release();
  }
}

/** What is in the scenes, and from which score on a face counts as found. */
interface Setting {
  readonly faces: readonly Source[];
  readonly backgrounds: readonly Image[];
  readonly minScore?: number | undefined;
}

/** Finds the faces of the scenes, which are the same each time. */
async function found(
  name: string,
  finder: FaceFinder,
  { faces, backgrounds, minScore }: Setting,
  work: Work,
): Promise<void> {
  const random = uniforms(1);
  const trials: Trial[] = [];
  let [wrong, time] = [0, 0];
  for (let i = 0; i < scenes; i++) {
    const options = { side, faces: 5, sizes: [sizes[0], sizes.at(-1)!], tilt: tilts.at(-1)! } as const;
    const scene = sceneOf(faces, backgrounds, random, options);
    const start = performance.now();
    const seen = await finder.find(scene.picture, { minSize: sizes[0], minScore, turned: false });
    time += performance.now() - start;
    const left = new Set(seen.filter(({ remarks }) => !remarks.includes('doubtful')));
    for (const placed of scene.faces) {
      const best = [...left].find((face) => boxOverlap(face.box, boxOf(placed)) >= 0.5);
      if (best) left.delete(best);
      trials.push({ placed, found: best });
    }
    wrong += left.size;
  }
  const right = trials.filter((trial) => trial.found).length;
  const lines = ['size,tilt,faces,found,low,high,landmark error,tilt error'];
  for (const [i, size] of sizes.slice(0, -1).entries()) {
    for (const [j, tilt] of tilts.slice(0, -1).entries()) {
      const here = trials.filter(
        ({ placed }) =>
          placed.side >= size &&
          placed.side < sizes[i + 1] &&
          Math.abs(placed.tilt) >= tilt &&
          Math.abs(placed.tilt) < tilts[j + 1],
      );
      lines.push([`${size}-${sizes[i + 1]}`, `${tilt}-${tilts[j + 1]}`, ...summary(here)].join(','));
    }
  }
  lines.push(['all', 'all', ...summary(trials)].join(','));
  await write(work, `finding-${name}.csv`, `${lines.join('\n')}\n`);
  for (const line of lines) work.say(line);
  const megapixels = (scenes * side * side) / 1e6;
  work.say(
    `precision ${(right / (right + wrong)).toFixed(3)} (${wrong} of ${right + wrong} are no placed face)`,
  );
  work.say(`${(time / megapixels).toFixed(0)} ms per megapixel, faces from ${sizes[0]} pixels on`);
}

/** Faces that are found in their own photos, upright and with certainty. */
async function sourcesOf({ fairface }: Work, finder: FaceFinder): Promise<Source[]> {
  const { rows } = parseManifest(await readFile(join(fairface, 'manifest.csv'), 'utf8'), 'manifest.csv');
  const found: Source[] = [];
  for (let i = 0; i < rows.length && found.length < sources; i += 11) {
    const photo = await decodeFile(join(fairface, rows[i].path));
    const [face] = await finder.find(photo, { minSize: 60, turned: false });
    if (!face || face.score < 0.8 || face.remarks.length > 0) continue;
    const { x, y, width, height } = face.box;
    const centre = { x: x + width / 2, y: y + height / 2 };
    const { tilt, landmarks } = face;
    found.push({ photo, centre, side: Math.max(width, height), tilt, landmarks });
  }
  return found;
}

const boxOf = ({ centre: { x, y }, side }: Placed) => ({
  x: x - side / 2,
  y: y - side / 2,
  width: side,
  height: side,
});

function summary(trials: readonly Trial[]): (string | number)[] {
  const found = trials.flatMap(({ placed, found }) => (found ? [{ placed, found }] : []));
  const { low, high } = wilson(found.length, trials.length);
  const off = found.map(({ placed, found }) => {
    const [left, right] = [meanOf(placed.landmarks.slice(36, 42)), meanOf(placed.landmarks.slice(42, 48))];
    const eyes = Math.hypot(right.x - left.x, right.y - left.y);
    const points = found.landmarks.length === 5 ? fiveOf(placed.landmarks) : placed.landmarks;
    const sum = points.reduce(
      (total, { x, y }, i) => total + Math.hypot(x - found.landmarks[i].x, y - found.landmarks[i].y),
      0,
    );
    return sum / points.length / eyes;
  });
  const turned = found.map(({ placed, found }) => Math.abs(found.tilt - placed.tilt));
  const share = trials.length > 0 ? found.length / trials.length : Number.NaN;
  return [
    trials.length,
    ...[share, low, high].map((x) => x.toFixed(2)),
    ...[median(off), median(turned)].map((x) => x.toFixed(3)),
  ];
}

const meanOf = (points: readonly Point[]): Point => ({
  x: points.reduce((sum, { x }) => sum + x, 0) / points.length,
  y: points.reduce((sum, { y }) => sum + y, 0) / points.length,
});

const median = (values: readonly number[]): number =>
  values.length === 0 ? Number.NaN : [...values].sort((a, b) => a - b)[values.length >> 1];
