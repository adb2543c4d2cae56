import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as v from 'valibot';
import type { FaceFinder } from '../../src/faces/index.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { type FaceApiWeights, readTfjsWeights } from '../../src/models/index.ts';
import { openFinder } from '../../src/verbs/faces/open.ts';
import { facesFields } from '../../src/verbs/faces/request.ts';

/** A network's weights in the package @vladmandic/face-api. */
export async function weightsOf(name: string): Promise<FaceApiWeights> {
  const resolve = createRequire(join(process.cwd(), 'package.json')).resolve;
  const at = (ending: string) => resolve(`@vladmandic/face-api/model/${name}_model${ending}`);
  const files = { manifest: at('-weights_manifest.json'), weights: at('.bin') };
  return readTfjsWeights(await readFile(files.manifest, 'utf8'), await readFile(files.weights), files);
}

/** A finder as `limn faces` opens it, by default its usual one, on one thread. */
export const openBenchFinder = (fields: v.InferInput<typeof schema> = {}): Promise<FaceFinder> =>
  openFinder({ ...v.parse(schema, fields), threads: 1 }, nodeHost);

const schema = v.object(facesFields);
