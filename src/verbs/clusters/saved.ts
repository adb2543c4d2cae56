import { type Classifier, preprocessingOf } from '../../classifier/index.ts';
import { csvLine } from '../../common/csv.ts';
import { fillBy, withoutRegion } from '../../faithfulness/index.ts';
import { type Image, image, inputTransform, repeatMap, type ScalarMap, warpMap } from '../../image/index.ts';
import type { Host } from '../host.ts';
import { stems } from '../photos.ts';
import type { HideFields } from './hiderequest.ts';
import type { LabelledSample } from './source.ts';

/** The photo itself with the region of the network's view hidden. */
export function hiddenPicture(
  picture: Image,
  classifier: Classifier,
  shown: ScalarMap,
  { replacement, seed }: HideFields,
  index: number,
): Image {
  const { width, height } = picture;
  const view = classifier.input.shape
    .slice(2)
    .map((side, i) => (typeof side === 'number' ? side : [height, width][i]));
  const toInput = inputTransform(picture, preprocessingOf(classifier));
  const covered = warpMap(repeatMap(shown, view[0], view[1]), toInput, picture).data;
  const region = Uint8Array.from(covered, (share) => (share >= 0.5 ? 1 : 0));
  const plane = width * height;
  const data = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) for (let c = 0; c < 3; c++) data[c * plane + i] = picture.data[3 * i + c];
  const out = new Float32Array(data.length);
  const photo = withoutRegion({ data, channels: 3, height, width, index }, region);
  fillBy(photo, replacement, seed)()(region, out);
  const hidden = image(width, height);
  for (let i = 0; i < plane; i++)
    for (let c = 0; c < 3; c++)
      hidden.data[3 * i + c] = Math.min(255, Math.max(0, Math.round(out[c * plane + i])));
  return hidden;
}

/** Photos that are written with the region hidden. */
export interface Saving {
  add(sample: LabelledSample, picture: Image): Promise<void>;
  /** Writes the list and returns all paths. */
  end(): Promise<readonly string[]>;
}

/** Photos as `.png`, an image list where all have a true class, and a manifest of what is known. */
export async function openSaved(folder: string, all: readonly string[], host: Host): Promise<Saving> {
  const { files, images } = host;
  const named = stems(all, host).map((stem) => `${stem}.png`);
  const [list, manifest] = [files.join(folder, 'list.txt'), files.join(folder, 'manifest.csv')];
  await files.makeFolder(folder);
  await files.claim([list, manifest, ...named.map((name) => files.join(folder, name))]);
  const written: LabelledSample[] = [];
  return {
    async add(sample, picture) {
      await files.write(files.join(folder, named[sample.index]), await images.encodePng(picture));
      written.push(sample);
    },
    async end() {
      written.sort((a, b) => a.index - b.index);
      const columns = [...new Set(written.flatMap(({ groups }) => Object.keys(groups)))];
      const lines = written.map(({ index, truth, groups }) =>
        csvLine([named[index], truth ?? '', ...columns.map((column) => groups[column] ?? '')]),
      );
      await files.write(manifest, [csvLine(['path', 'label', ...columns]), ...lines].join(''));
      const labelled = written.every(({ truthIndex }) => truthIndex !== undefined);
      if (labelled)
        await files.write(
          list,
          written.map(({ index, truthIndex }) => `${named[index]} ${truthIndex}\n`).join(''),
        );
      return [manifest, ...(labelled ? [list] : [])];
    },
  };
}
