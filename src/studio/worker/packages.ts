import { FACE_API, usualFinderFiles } from '../../verbs/facefiles.ts';
import type { Host } from '../../verbs/host.ts';
import { pathOfFinder } from '../protocol/finder.ts';

/** A page has no packages, but brings the files of one that find faces. */
export const bringsPackageFile =
  ({ packageFile }: Host): Host['packageFile'] =>
  async (name, path) => {
    const file = path.replace(/^model\//, '');
    return name === FACE_API && usualFinderFiles.includes(file)
      ? pathOfFinder(file)
      : packageFile(name, path);
  };
