import { fail } from '../../common/error.ts';
import { readText } from '../../common/files.ts';
import { formulaCodes } from '../../relevance/index.ts';
import type { Host } from '../host.ts';
import type { ImportCaffeRequest } from '../import/index.ts';
import type { SaveExplanationsRequest } from './request.ts';

/** Photos, and what is explained of each. */
export interface TargetedPhotos {
  readonly photos: readonly string[];
  readonly targets: readonly string[];
}

/** What a configuration of the LRP Toolbox's Caffe program asks, as requests: a network to import, and how photos are explained by it. */
export interface ToolboxRun {
  readonly network: Omit<ImportCaffeRequest, 'output'>;
  readonly explained: Omit<SaveExplanationsRequest, 'model' | 'photos'>;
}

/**
 * Reads a file list of the LRP Toolbox: a line `PHOTO CLASS` for each photo, where −1 is the predicted class and −2 the five best
 * together; the last blank parts them. Paths are relative to the list. Errors name the line.
 */
export async function readTargetedPhotos(list: string, host: Host): Promise<TargetedPhotos> {
  const text = await readText(host.files, list, 'a list of photos', { strict: true });
  const photos: string[] = [];
  const targets: string[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const found = /^\s*(.*\S)\s+(-?\d{1,9})\s*$/.exec(line);
    const [, path, number] = found ?? [];
    const target = number?.startsWith('-') ? best[number] : number;
    if (path === undefined || target === undefined)
      fail(
        `${list}:${i + 1}`,
        "expected 'photo class'",
        'give an index from 0, -1 for the predicted, -2 for the five best',
      );
    photos.push(beside(list, path, host));
    targets.push(target);
  }
  if (photos.length === 0) fail(list, 'the list is empty', 'give a photo and its class on each line');
  return { photos, targets };
}

const best: Readonly<Record<string, string | undefined>> = { '-1': 'predicted', '-2': 'top 5' };

/** A path as it stands in a file: from the folder of that on. */
function beside(file: string, path: string, { files }: Host): string {
  const isWhole = /^(?:[/\\]|[a-z]:[/\\])/i.test(path);
  return isWhole ? path : files.join(files.join(file, '..'), path.replace(/^(?:\.[/\\]+)+/, ''));
}

/**
 * Reads a configuration of the LRP Toolbox's Caffe program: a line with a key, on the next its value; other lines say nothing.
 * Relevance is propagated, written and named as the program does it, by its faithful variant; paths are relative to the file.
 * Errors name the key: one that is missing, a value that limn cannot follow.
 */
export async function readToolboxRun(config: string, host: Host): Promise<ToolboxRun> {
  const lines = (await readText(host.files, config, 'a configuration of the LRP Toolbox'))
    .split(/\r?\n/)
    .map((line) => line.trim());
  const at = (key: string): string | undefined => {
    const line = lines.indexOf(key);
    return line < 0
      ? undefined
      : lines[line + 1] || fail(`${config}:${line + 1}`, `${key} has no value`, 'write it on the next line');
  };
  const text = (key: string) =>
    at(key) ?? fail(config, `it does not say ${key}`, 'write the key on one line, its value on the next');
  const number = (key: string, usual: number): number => {
    const value = Number(at(key) ?? usual);
    return Number.isFinite(value) ? value : fail(config, `${key} is ${at(key)}, which is no number`);
  };
  const only = (key: string, allowed: readonly number[], what: string): void => {
    const value = number(key, allowed[0]);
    if (!allowed.includes(value)) fail(config, `${key} is ${value}`, what);
  };
  only('use_mean_file_asbinaryprotoblob', [1], 'convert the mean to a .binaryproto in BGR, and say 1');
  only('lastlayerindex', [-2, -1], 'relevance starts from the scores: say -2');
  only('firstlayerindex', [0], 'relevance is written at the input: say 0');
  only('relpropformulatype', formulaCodes, `known: ${formulaCodes.join(', ')}`);
  const file = (key: string) => beside(config, text(key), host);
  const size = number('baseimgsize', 256);
  return {
    network: {
      prototxt: file('param_file'),
      caffemodel: file('model_file'),
      mean: file('mean_file'),
      labels: file('synsetfile'),
      resize: { height: size, width: size },
      resizeMode: 'replicate',
      resizeFilter: 'lanczos',
    },
    explained: {
      formula: number('relpropformulatype', 0),
      epsilon: number('epsstab', 1),
      beta: number('alphabeta_beta', 1),
      upTo: number('auxiliaryvariable_maxlayerindexforflatdistinconv', 0),
      variant: 'faithful',
      pooling: 'mean',
      raw: ['toolbox'],
      figure: false,
      output: file('standalone_outpath'),
      mirror: text('standalone_rootpath'),
    },
  };
}
