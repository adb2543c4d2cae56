import { importCaffe } from '../../caffe/index.ts';
import { fail } from '../../common/error.ts';
import type { CascadeNetworks } from '../../faces/index.ts';
import type { Model } from '../../graph/index.ts';
import { readSource, readTextSource } from '../caffe.ts';
import type { Host } from '../host.ts';
import { converter } from '../model.ts';

/** Pixels on a side of the squares in which the first network looks for proposals: 64×64 cells. */
const tile = 138;

/** What Zhang's files are called, as published and as they often lie beside others. */
const prefixes = ['', 'mtcnn_', 'mtcnn-'];

/**
 * The networks of MTCNN from a folder with the Caffe files that its authors published, `det1`, `det2` and `det3`. Errors: a file that is
 * missing; as of `importCaffe`.
 */
export async function readMtcnn(folder: string, host: Host): Promise<CascadeNetworks> {
  const network = async (name: string, inputShape?: readonly number[]): Promise<Model> => {
    const at = (ending: string) => fileNamed(`${name}${ending}`, folder, host);
    return importCaffe({
      prototxt: await readTextSource(await at('.prototxt'), 'a network definition', host),
      caffemodel: await readSource(await at('.caffemodel'), host),
      // Pixels from −1 to 1.
      mean: [127.5],
      scale: 1 / 128,
      channels: 'rgb',
      inputShape,
      converter,
    });
  };
  return {
    proposal: await network('det1', [1, 3, tile, tile]),
    refinement: await network('det2'),
    output: await network('det3'),
  };
}

async function fileNamed(name: string, folder: string, { files }: Host): Promise<string> {
  for (const prefix of prefixes) {
    const path = files.join(folder, prefix + name);
    if ((await files.kindOf(path)) === 'file') return path;
  }
  return fail(folder, `there is no ${name}, a file of MTCNN`, 'give the folder of det1, det2 and det3');
}
