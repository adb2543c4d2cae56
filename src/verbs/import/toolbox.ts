import { fail } from '../../common/error.ts';
import { fileKindAt, readText } from '../../common/files.ts';
import { readToolboxNetwork } from '../../models/index.ts';
import type { Host } from '../host.ts';
import { converter, sourceNote } from '../model.ts';
import { checkRequest } from '../request.ts';
import type { NoteEvent, Watch } from '../verb.ts';
import { assumedHeads, completed } from './complete.ts';
import { preparationFiles, readPreparation } from './given.ts';
import { type ImportToolboxRequest, importToolboxRequest } from './request.ts';
import { finishImport, type ImportResult } from './result.ts';

/**
 * Makes a self-describing model of a network of the LRP Toolbox's Python or MATLAB modules, written as text or as a pickle of Python's.
 * Errors: the request's; a network that is kept as objects of MATLAB; see `readToolboxNetwork` of limn/models.
 */
export async function importFromToolbox(
  request: ImportToolboxRequest,
  host: Host,
  { on, signal }: Watch<NoteEvent> = {},
): Promise<ImportResult> {
  const fields = checkRequest(importToolboxRequest, request, signal);
  const { network: path, output, inputShape, faceAlign, faceMargin, ...rest } = fields;
  host.files.protect([path, ...preparationFiles(rest)]);
  await host.files.claim([output]);
  const content = await contentOf(path, host);
  const graph = readToolboxNetwork({ name: path, content }, { inputShape });
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const provenance = { source: await sourceNote(path, bytes, host), converter };
  const completion = { name: path, ...(await readPreparation(rest, host)), provenance };
  const model = completed({ graph, info: { heads: assumedHeads(graph), provenance: {} } }, completion, {
    on,
  });
  return finishImport(model, { output, faceAlign, faceMargin }, host);
}

/** Text, or the bytes of a pickle. Objects of MATLAB only the program that wrote them can make again. */
async function contentOf(path: string, { files }: Host): Promise<string | Uint8Array> {
  const { name } = await fileKindAt(files, path);
  if (/\.(nn|pickle|pkl)$/i.test(path) || name.startsWith('a pickle')) return files.read(path);
  if (/\.mat$/i.test(path) || name.startsWith('a MATLAB')) {
    fail(
      path,
      'a network as objects of MATLAB',
      'write it as text (.txt) with the toolbox: model_io.write(model_io.read(OLD), NEW) in its folder matlab',
    );
  }
  return readText(files, path, 'a network of the LRP Toolbox');
}
