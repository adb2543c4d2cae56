import { importCaffe } from '../../caffe/index.ts';
import { failRequest } from '../../common/error.ts';
import { isDefinition, readSource, readTextSource } from '../caffe.ts';
import type { Host } from '../host.ts';
import { converter } from '../model.ts';
import { checkRequest } from '../request.ts';
import type { NoteEvent, Watch } from '../verb.ts';
import { type ImportCaffeRequest, importCaffeRequest } from './request.ts';
import { finishImport, type ImportResult } from './result.ts';

/**
 * Makes an `.onnx` model of a Caffe network's definition and weights. Errors: the request's; as of `importCaffe` of
 * limn/caffe.
 */
export async function importFromCaffe(
  request: ImportCaffeRequest,
  host: Host,
  { on, signal }: Watch<NoteEvent> = {},
): Promise<ImportResult> {
  const fields = checkRequest(importCaffeRequest, request, signal);
  const { prototxt, caffemodel, output, mean, labels, name, faceAlign, faceMargin, ...rest } = fields;
  if ((await isDefinition(caffemodel, host)) && !(await isDefinition(prototxt, host))) {
    failRequest(caffemodel, 'the weights come second', 'give the definition first');
  }
  const files = [prototxt, caffemodel, mean, labels];
  host.files.protect(files.filter((each) => typeof each === 'string'));
  await host.files.claim([output]);
  const model = importCaffe({
    ...rest,
    prototxt: await readTextSource(prototxt, 'a network definition', host),
    caffemodel: await readSource(caffemodel, host),
    mean: typeof mean === 'string' ? await readSource(mean, host) : mean,
    labels: typeof labels === 'string' ? await readTextSource(labels, 'a list of class names', host) : labels,
    names: name,
    converter,
    tell: (text) => on?.({ kind: 'note', text }),
  });
  // Folders mean nothing elsewhere.
  const provenance = Object.fromEntries(
    Object.entries(model.info.provenance).map(([key, value]) => [
      key,
      roles.has(key) ? host.files.basename(value) : value,
    ]),
  );
  const info = { ...model.info, provenance };
  return finishImport({ ...model, info }, { output, faceAlign, faceMargin }, host);
}

const roles = new Set(['prototxt', 'caffemodel', 'mean', 'labels']);
