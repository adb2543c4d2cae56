import { concatenate } from '../../common/bytes.ts';
import { readText } from '../../common/files.ts';
import { readTeachableMachine, readTfjsModel, tfjsShards } from '../../models/index.ts';
import type { Host } from '../host.ts';
import { converter, sourceNote } from '../model.ts';
import { checkRequest } from '../request.ts';
import type { NoteEvent, Watch } from '../verb.ts';
import { assumedHeads, completed } from './complete.ts';
import { preparationFiles, readPreparation } from './given.ts';
import { type ImportTfjsRequest, importTfjsRequest } from './request.ts';
import { finishImport, type ImportResult } from './result.ts';

/**
 * Makes a self-describing model of a TensorFlow.js model: `model.json` and the files of weights that it names, beside it.
 * A `metadata.json` of Teachable Machine beside them says labels and preparation. Errors: the request's; files that are
 * missing or damaged; a layer or operation that is not supported.
 */
export async function importFromTfjs(
  request: ImportTfjsRequest,
  host: Host,
  { on, signal }: Watch<NoteEvent> = {},
): Promise<ImportResult> {
  const {
    model: path,
    output,
    metadata: given,
    inputShape,
    faceAlign,
    faceMargin,
    ...rest
  } = checkRequest(importTfjsRequest, request, signal);
  const { files } = host;
  const folder = path.replace(/[^/\\]*$/, '');
  const beside = `${folder}metadata.json`;
  const metadata = given ?? ((await files.kindOf(beside)) === 'file' ? beside : undefined);
  host.files.protect([path, ...(metadata === undefined ? [] : [metadata]), ...preparationFiles(rest)]);
  await host.files.claim([output]);
  const content = await readText(files, path, 'a model.json of TensorFlow.js');
  const shards = tfjsShards({ name: path, content }).map((name) => `${folder}${name.replace(/^\.\//, '')}`);
  const parts: Uint8Array[] = [];
  for (const shard of shards) parts.push(await files.read(shard));
  const bytes = concatenate(parts);
  const model = { name: path, content };
  const weights = { name: shards.join(', '), content: bytes };
  const graph = readTfjsModel({ model, weights }, { inputShape });
  const described =
    metadata === undefined
      ? undefined
      : readTeachableMachine(metadata, await readText(files, metadata, 'a JSON file'));
  const { labels, ...preparation } = await readPreparation(rest, host);
  const own = described?.labels && { list: described.labels, file: metadata ?? path };
  const source = await sourceNote(path, new TextEncoder().encode(content), host);
  const heads = assumedHeads(graph);
  const provenance = { source, weights: await sourceNote(shards[0] ?? path, bytes, host), converter };
  const completion = {
    name: path,
    ...preparation,
    known: described?.fields,
    labels: labels ?? own,
    provenance,
  };
  const complete = completed({ graph, info: { heads, provenance: {} } }, completion, { on });
  return finishImport(complete, { output, faceAlign, faceMargin }, host);
}
