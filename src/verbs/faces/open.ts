import { fail } from '../../common/error.ts';
import { type FaceFinder, type FoundFace, openCascade, openFaceFinder } from '../../faces/index.ts';
import type { Model } from '../../graph/index.ts';
import { faceApiLandmarks, faceApiSsd, faceApiTinyDetector } from '../../models/index.ts';
import { faceApiFile, readFaceApi } from '../faceapi.ts';
import { filesOfFinder, type finderFiles } from '../facefiles.ts';
import type { ComputeOptions, Host } from '../host.ts';
import { readMtcnn } from './mtcnn.ts';
import { checkDetector, type DetectorFields } from './request.ts';

/** Opens the networks that find faces. Errors: the request's; their files are not there, or others. */
export async function openFinder(fields: DetectorFields & ComputeOptions, host: Host): Promise<FaceFinder> {
  checkDetector(fields);
  const { detector: asked, landmarks: wanted, weights: folder, mtcnn, ...compute } = fields;
  const load = async (name: keyof typeof finderFiles) => {
    const { manifest, weights } = filesOfFinder(name);
    const at = (file: string) => placeOf(file, folder, host);
    const { tensors } = await readFaceApi(await at(manifest), await at(weights), host);
    return tensors;
  };
  const landmarks =
    wanted === 'five'
      ? undefined
      : faceApiLandmarks(await load(wanted === 'full' ? 'full' : 'tiny landmarks'), { size: wanted });
  // One photo after the other, each with all threads.
  const run = ({ graph }: Model) => host.compute(graph, 1, compute);
  if (mtcnn !== undefined) {
    const networks = await readMtcnn(mtcnn, host);
    const { runtime, session } = await run(networks.output);
    const detector = await openCascade(networks, { runtime, session });
    return openFaceFinder({ detector, landmarks, runtime, session });
  }
  const detector: Model =
    asked === 'ssd' ? faceApiSsd(await load('ssd')) : faceApiTinyDetector(await load('tiny'));
  const { runtime, session } = await run(detector);
  return openFaceFinder({ detector, landmarks, runtime, session });
}

const placeOf = (name: string, folder: string | undefined, host: Host): Promise<string> =>
  folder === undefined ? faceApiFile(name, host) : Promise.resolve(host.files.join(folder, name));

/** Whether a face is cut out, and asked about: it is one, and as large as was asked for. */
export const isUsable = ({ remarks }: FoundFace): boolean =>
  !remarks.includes('doubtful') && !remarks.includes('small');

/** The faces of a photo that are cut out, the largest first. */
export const chosenFaces = (found: readonly FoundFace[], which: 'all' | 'largest'): readonly FoundFace[] =>
  found.filter(isUsable).slice(0, which === 'largest' ? 1 : undefined);

/** Errors, about one photo: there is no face in it. */
export function noFace(path: string, found: readonly Pick<FoundFace, 'score'>[]): never {
  const best = Math.max(0, ...found.map(({ score }) => score));
  const what =
    found.length === 0
      ? 'no face is found in it'
      : `no face is found in it but ${found.length === 1 ? 'one' : 'some'} too small or too doubtful (score ${best.toFixed(2)})`;
  return fail(path, what, undefined, { kind: 'item', item: path });
}
