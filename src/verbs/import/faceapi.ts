import { failRequest } from '../../common/error.ts';
import { field, words } from '../../common/words.ts';
import { faceApiAgeGender } from '../../models/index.ts';
import { faceApiFile, readFaceApi } from '../faceapi.ts';
import { FACE_API } from '../facefiles.ts';
import type { Host } from '../host.ts';
import { converter, sourceNote } from '../model.ts';
import { checkRequest } from '../request.ts';
import { FACE_API_MODEL } from '../usualnames.ts';
import type { Watch } from '../verb.ts';
import { type ImportFaceApiRequest, importFaceApiRequest } from './request.ts';
import { finishImport, type ImportResult } from './result.ts';

const files = { manifest: 'age_gender_model-weights_manifest.json', weights: 'age_gender_model.bin' };

/**
 * Makes an `.onnx` model of the age and gender weights of the npm package @vladmandic/face-api. Errors: the package is
 * not installed, and its files are not given; files that are not these weights.
 */
export async function importFaceApi(
  request: ImportFaceApiRequest,
  host: Host,
  { signal }: Watch<never> = {},
): Promise<ImportResult> {
  const { output, ...given } = checkRequest(importFaceApiRequest, request, signal);
  // Else a folder of that name would be made, where a file was meant.
  if (/\.onnx$/i.test(output))
    failRequest(
      words`${field('output', output)}`,
      'it is the folder to write into',
      `give one: ${FACE_API_MODEL} is written there`,
    );
  const file = host.files.join(output, FACE_API_MODEL);
  await host.files.claim([file]);
  const manifest = given.manifest ?? (await faceApiFile(files.manifest, host));
  const weights = given.weights ?? (await faceApiFile(files.weights, host));
  const { tensors, bytes } = await readFaceApi(manifest, weights, host);
  const model = faceApiAgeGender(tensors, {
    package: given.weights === undefined ? `${FACE_API} ${await versionOf(host)}` : FACE_API,
    weights: await sourceNote(weights, bytes, host),
    licence: 'MIT, copyright (c) Vladimir Mandic',
    converter,
  });
  return finishImport(model, { output: file }, host);
}

async function versionOf(host: Host): Promise<string> {
  const description = await host.files.read(await host.packageFile(FACE_API, 'package.json'));
  const { version } = JSON.parse(new TextDecoder().decode(description)) as { version: string };
  return version;
}
