import { parseJson } from '../../common/json.ts';
import type { Described } from '../described.ts';

/**
 * What the `metadata.json` of an image model of Teachable Machine says: labels and the size of its pictures, which are cut
 * from the middle, x/127 − 1. Undefined for other files of this name.
 */
export function readTeachableMachine(name: string, content: string): Described | undefined {
  const metadata = parseJson(content, name);
  const labels = metadata.at('labels');
  if (!Array.isArray(labels.value)) return undefined;
  const given = metadata.at('imageSize');
  const side = given.value === undefined ? 224 : given.count();
  const isGray = metadata.at('grayscale').value === true;
  return {
    fields: {
      channels: isGray ? 'gray' : 'rgb',
      resize: side,
      resizeMode: 'shorter-side',
      crop: side,
      mean: isGray ? [127] : [127, 127, 127],
      scale: 1 / 127,
    },
    labels: labels.list((label) => label.string()),
    input: [isGray ? 1 : 3, side, side],
  };
}
