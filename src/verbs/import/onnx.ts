import { torchvisionPreset } from '../../models/index.ts';
import type { Host } from '../host.ts';
import { converter, modelNote } from '../model.ts';
import { checkRequest } from '../request.ts';
import type { NoteEvent, Watch } from '../verb.ts';
import { completed } from './complete.ts';
import { preparationFiles, readPreparation } from './given.ts';
import { type ImportOnnxRequest, importOnnxRequest } from './request.ts';
import { finishImport, type ImportResult } from './result.ts';

/**
 * Makes a self-describing model of any `.onnx` classifier. Errors: the request's, also a field that does not fit the
 * network; an operator that limn does not know; labels that are more or fewer than the classes; an unknown preset.
 */
export async function importFromOnnx(
  request: ImportOnnxRequest,
  host: Host,
  { on, signal }: Watch<NoteEvent> = {},
): Promise<ImportResult> {
  const fields = checkRequest(importOnnxRequest, request, signal);
  const { model: path, output, inputShape, preset, faceAlign, faceMargin, ...rest } = fields;
  host.files.protect([path, ...preparationFiles(rest)]);
  await host.files.claim([output]);
  const known = preset === undefined ? undefined : torchvisionPreset(preset);
  const loaded = await host.files.readModel(path, { inputShape });
  const { model } = loaded;
  const given = await readPreparation(rest, host);
  const provenance = { source: await modelNote(loaded, host), ...(preset && { preset }), converter };
  const complete = completed(model, { name: path, ...given, known, provenance }, { on });
  return finishImport(complete, { output, faceAlign, faceMargin }, host);
}
