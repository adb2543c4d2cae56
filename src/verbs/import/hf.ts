import { fail } from '../../common/error.ts';
import { readText } from '../../common/files.ts';
import { readHuggingFace } from '../../models/index.ts';
import type { Host } from '../host.ts';
import { converter, modelNote } from '../model.ts';
import { checkRequest } from '../request.ts';
import type { NoteEvent, Watch } from '../verb.ts';
import { completed } from './complete.ts';
import { preparationFiles, readPreparation } from './given.ts';
import { type ImportHuggingFaceRequest, importHuggingFaceRequest } from './request.ts';
import { finishImport, type ImportResult } from './result.ts';

/**
 * Makes a self-describing model of a folder of the Hugging Face hub: its `.onnx` file, with labels and preprocessing as
 * `config.json` and `preprocessor_config.json` say. Errors: the request's; no `.onnx` file, or several of which none is
 * named; a step of preparation that limn does not have; an operator that limn does not know.
 */
export async function importFromHuggingFace(
  request: ImportHuggingFaceRequest,
  host: Host,
  { on, signal }: Watch<NoteEvent> = {},
): Promise<ImportResult> {
  const fields = checkRequest(importHuggingFaceRequest, request, signal);
  const { folder, output, file, faceAlign, faceMargin, ...rest } = fields;
  const { files } = host;
  const path = file === undefined ? await onnxFile(folder, host) : files.join(folder, file);
  const config = files.join(folder, 'config.json');
  const processor = files.join(folder, 'preprocessor_config.json');
  host.files.protect([path, config, processor, ...preparationFiles(rest)]);
  await host.files.claim([output]);
  const text = async (name: string) => ({ name, content: await readText(files, name, 'a JSON file') });
  if ((await files.kindOf(config)) !== 'file')
    fail(config, 'there is no such file', 'fetch the whole folder');
  const described = readHuggingFace({
    config: await text(config),
    processor: (await files.kindOf(processor)) === 'file' ? await text(processor) : undefined,
  });
  const [channels, height, width] = described.input;
  const loaded = await files.readModel(path, { openShape: [undefined, channels, height, width] });
  const { model } = loaded;
  const { labels, ...given } = await readPreparation(rest, host);
  const own = described.labels && { list: described.labels, file: config };
  const provenance = { source: await modelNote(loaded, host), converter };
  const completion = { name: path, ...given, known: described.fields, labels: labels ?? own, provenance };
  return finishImport(completed(model, completion, { on }), { output, faceAlign, faceMargin }, host);
}

/** The network's file. Errors: there is none, or several. */
async function onnxFile(folder: string, { files }: Host): Promise<string> {
  for (const name of ['model.onnx', 'onnx/model.onnx']) {
    const path = files.join(folder, ...name.split('/'));
    if ((await files.kindOf(path)) === 'file') return path;
  }
  if ((await files.kindOf(folder)) !== 'folder') return fail(folder, 'there is no such folder');
  const names = (await files.list(folder)).map(({ name }) => name);
  const inner = names.includes('onnx') ? await files.list(files.join(folder, 'onnx')) : [];
  const all = [...names, ...inner.map(({ name }) => `onnx/${name}`)];
  const found = all.filter((name) => name.endsWith('.onnx'));
  if (found.length === 1) return files.join(folder, ...found[0].split('/'));
  if (found.length > 1) return fail(folder, `it holds ${found.join(', ')}`, 'say which file');
  return fail(folder, 'it holds no .onnx file', await howToExport(folder, all, files));
}

async function howToExport(
  folder: string,
  names: readonly string[],
  files: Host['files'],
): Promise<string | undefined> {
  const hasWeights = names.some((name) => /\.(safetensors|bin|pt|pth|h5|msgpack)$/.test(name));
  if (!hasWeights) return undefined;
  const config = files.join(folder, 'config.json');
  const isTimm =
    (await files.kindOf(config)) === 'file' &&
    (await readText(files, config, 'a JSON file')).includes('"pretrained_cfg"');
  return isTimm
    ? `export its weights with PyTorch: m = timm.create_model('local-dir:${folder}', pretrained=True).eval(); ` +
        `torch.onnx.export(m, torch.zeros(1, *m.pretrained_cfg['input_size']), '${folder}/model.onnx')`
    : 'export its weights: pip install optimum-onnx, then ' +
        `optimum-cli export onnx --model ${folder} --task image-classification ${folder}/onnx`;
}
