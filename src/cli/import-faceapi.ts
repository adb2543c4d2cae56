import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fail } from '../common/error.ts';
import { readBytes, readTextSync } from '../common/file.node.ts';
import type { Model } from '../graph/index.ts';
import { type Command, command, withExamples, withJson } from './command.ts';
import { finishImport } from './imported.ts';
import { converter, sourceOf } from './model.ts';

interface Options {
  readonly output: string;
  readonly json?: boolean;
}

const npmPackage = '@vladmandic/face-api';

export function importFaceApiCommand(): Command {
  const given = command('face-api')
    .summary(`the age and gender network of the npm package ${npmPackage}`)
    .description(`Makes an .onnx model from the age and gender weights in the npm package ${npmPackage}.`)
    .option('-o, --output <folder>', 'where to; writes face-api-age-gender.onnx', '.');
  return withExamples(withJson(given), [['into the folder models', 'limn import face-api -o models']]).action(
    async ({ output, json }: Options) =>
      finishImport(await faceApi(), join(output, 'face-api-age-gender.onnx'), json),
  );
}

/** The age and gender network from the installed npm package. */
export async function faceApi(): Promise<Model> {
  const [manifest, weights] = [find('-weights_manifest.json'), find('.bin')];
  const [text, bytes] = [await readBytes(manifest), await readBytes(weights)];
  const { faceApiAgeGender, readTfjsWeights } = await import('../models/index.ts');
  const tensors = readTfjsWeights(new TextDecoder().decode(text), bytes, { manifest, weights });
  const { version, license } = JSON.parse(readTextSync(resolve('package.json')));
  return faceApiAgeGender(tensors, {
    package: `${npmPackage} ${version}`,
    weights: sourceOf(weights, bytes),
    licence: `${license}, copyright (c) Vladimir Mandic`,
    ...converter(),
  });
}

const find = (end: string): string => resolve(`model/age_gender_model${end}`);

function resolve(path: string): string {
  try {
    return createRequire(import.meta.url).resolve(`${npmPackage}/${path}`);
  } catch {
    return fail(`npm package ${npmPackage}`, 'it is not installed', `npm install ${npmPackage}`);
  }
}
