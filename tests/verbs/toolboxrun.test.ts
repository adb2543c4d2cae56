/** Photos with a target each, mirrored folders, and the LRP Toolbox's files that ask for them. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeMean } from '../../src/caffe/index.ts';
import { readNpy, readRawHeatmap, writeNpy } from '../../src/image/index.ts';
import { loadModel, nodeHost } from '../../src/node.node.ts';
import {
  type ExplainRecord,
  importFromCaffe,
  type PhotoRecord,
  readTargetedPhotos,
  readToolboxRun,
  type SaveExplanationsRequest,
  saveExplanations,
} from '../../src/verbs/index.ts';
import { noise } from '../nets.ts';

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);
const fixture = 'tests/fixtures/reference/tiny_adience';

const values: Readonly<Record<string, string>> = {
  param_file: 'deploy.prototxt',
  model_file: './weights.caffemodel',
  mean_file: 'mean.binaryproto',
  synsetfile: 'synset.txt',
  use_mean_file_asbinaryprotoblob: '1',
  lastlayerindex: '-2\n\n-1 finds lowest softmax layer',
  firstlayerindex: '0',
  numclasses: '8',
  baseimgsize: '70',
  standalone_outpath: './lrp_output',
  standalone_rootpath: 'photos',
  epsstab: '0.5',
  alphabeta_beta: '1',
  relpropformulatype: '102',
  auxiliaryvariable_maxlayerindexforflatdistinconv: '1',
};

const configText = (changed: Readonly<Record<string, string>> = {}) =>
  Object.entries({ ...values, ...changed })
    .map(([key, value]) => (value === '' ? '' : `${key}\n${value}\n\n`))
    .join('');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'limn-toolbox-'));
  for (const name of ['deploy.prototxt', 'weights.caffemodel']) cpSync(join(fixture, name), at(name));
  mkdirSync(at('photos', 'b'), { recursive: true });
  cpSync('demo/astronaut-face.png', at('photos', 'a face.png'));
  cpSync('demo/astronaut-face.png', at('photos', 'b', 'c.png'));
  writeFileSync(at('mean.binaryproto'), writeMean(noise([3, 70, 70], 3)));
  writeFileSync(at('synset.txt'), 'a\nb\nc\nd\ne\nf\ng\nh\n');
  writeFileSync(at('config.txt'), configText());
  writeFileSync(at('list.txt'), './photos/a face.png -2\r\n\nphotos/b/c.png -1 \nphotos/b/c.png 3\n');
  const { prototxt, caffemodel } = { prototxt: at('deploy.prototxt'), caffemodel: at('weights.caffemodel') };
  await importFromCaffe({ prototxt, caffemodel, output: at('net.onnx') }, nodeHost);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const save = (request: Partial<SaveExplanationsRequest>): Promise<ExplainRecord> =>
  saveExplanations(
    { model: at('net.onnx'), photos: [], output: at('out'), figure: false, threads: 1, ...request },
    nodeHost,
  );
const explained = ({ photos }: ExplainRecord): PhotoRecord[] =>
  photos.filter((each): each is PhotoRecord => 'files' in each);

/** The numbers of a file of raw relevance. */
function relevanceIn(path = ''): number[] {
  return [...readNpy(new Uint8Array(readFileSync(path)), path).data].map(Number);
}

describe('a target for each photo', () => {
  it('is explained as if it were asked for alone', async () => {
    const photos = [at('photos', 'a face.png'), at('photos', 'b', 'c.png'), at('photos', 'a face.png')];
    const targets = ['predicted', '3', 'top 3'];
    const together = explained(await save({ photos, targets }));
    for (const [i, target] of targets.entries()) {
      const [alone] = explained(await save({ photos: [photos[i]], target, output: at(`alone-${i}`) }));
      expect(together[i].target).toEqual(alone.target);
      const [one, other] = [together[i], alone].map(({ files }) => relevanceIn(files.relevance));
      const largest = Math.max(...other.map(Math.abs));
      for (const [k, value] of one.entries()) expect(Math.abs(value - other[k])).toBeLessThan(1e-4 * largest);
    }
    const best = together[0].scores.slice(0, 3).map(({ index }) => index);
    expect(together[2].target.classes.map(({ index }) => index)).toEqual(best);
  });

  it('may be of the images of a batch, and of the photos of a shard', async () => {
    writeFileSync(at('batch.npy'), writeNpy(noise([3, 3, 67, 67], 5)));
    const batch = explained(
      await save({ photos: [at('batch.npy')], targets: ['1', '2', '3'], output: at('batch') }),
    );
    expect(batch.map(({ target }) => target.classes[0].index)).toEqual([1, 2, 3]);
    const photos = [at('photos', 'a face.png'), at('photos', 'b', 'c.png')];
    const shard = { index: 2, of: 2 };
    const part = explained(await save({ photos, targets: ['1', '2'], shard, output: at('part') }));
    expect(part.map(({ target }) => target.classes[0].index)).toEqual([2]);
  });

  it('is refused where there are others than photos, or faces', async () => {
    const photos = [at('photos', 'a face.png')];
    await expect(save({ photos, targets: ['1', '2'] })).rejects.toThrow(
      /targets.*there are 2 for 1 photo; give one for each/,
    );
    await expect(save({ photos, targets: ['1'], faces: 'all' })).rejects.toThrow(/targets.*several faces/);
    await expect(save({ photos, target: 'top 0' })).rejects.toThrow(/target 'top 0': no class is explained/);
  });
});

describe('mirrored folders', () => {
  it('lie as the photos do, from a folder on their way on', async () => {
    const photos = [at('photos', 'b', 'c.png'), at('photos', '.', 'a face.png'), at('photos', 'b', 'c.png')];
    const made = explained(await save({ photos, mirror: './photos', output: at('mirrored') }));
    expect(made.map(({ files }) => files.heatmap)).toEqual(
      ['b/c.png', 'a face.png', 'b/c.png-2'].map((name) => at('mirrored', 'photos', `${name}_heatmap.png`)),
    );
    for (const { files } of made) expect(existsSync(files.heatmap)).toBe(true);
  });

  it('are refused of photos that lie elsewhere, or above', async () => {
    for (const [mirror, photo] of [
      ['faces', at('photos', 'b', 'c.png')],
      ['c.png', at('photos', 'b', 'c.png')],
      ['b', `${folder}/photos/b/../a face.png`],
    ])
      await expect(save({ photos: [photo], mirror })).rejects.toThrow(/mirror.*does not lie under/);
  });
});

describe("the LRP Toolbox's files", () => {
  it('say which photos, and of each its target', async () => {
    expect(await readTargetedPhotos(at('list.txt'), nodeHost)).toEqual({
      photos: [at('photos/a face.png'), at('photos/b/c.png'), at('photos/b/c.png')],
      targets: ['top 5', 'predicted', '3'],
    });
  });

  it.each([
    ['a.png\n', /list\.txt:1: expected 'photo class'/],
    ['a.png 0\nb.png -3\n', /list\.txt:2: expected 'photo class'; .*-1 for the predicted/],
    ['\n', /list\.txt: the list is empty/],
  ])('are refused as lists: %j', async (text, message) => {
    mkdirSync(at('bad'), { recursive: true });
    writeFileSync(at('bad', 'list.txt'), text);
    await expect(readTargetedPhotos(at('bad', 'list.txt'), nodeHost)).rejects.toThrow(message);
  });

  it('lead to what the same options make, in its own files', async () => {
    const { network, explained: asked } = await readToolboxRun(at('config.txt'), nodeHost);
    const model = at('run.onnx');
    await importFromCaffe({ ...network, output: model }, nodeHost);
    const photos = [at('photos', 'b', 'c.png')];
    const [made] = explained(await save({ ...asked, model, photos }));
    expect(made.files).toEqual({
      heatmap: at('lrp_output/photos/b/c.png_heatmap.png'),
      rawhm: at('lrp_output/photos/b/c.png_rawhm.txt'),
      top10scores: at('lrp_output/photos/b/c.png_top10scores.txt'),
      asInput: at('lrp_output/photos/b/c.png_as_inputted_into_the_dnn.png'),
    });
    expect(made.scores[0].label).toBe('abcdefgh'[made.scores[0].index]);
    const options = { formula: 102, epsilon: 0.5, beta: 1, upTo: 1, variant: 'faithful' } as const;
    const [same] = explained(await save({ model, photos, ...options, output: at('same') }));
    const written = readRawHeatmap(readFileSync(made.files.rawhm!, 'utf8'), 'written', 'bgr');
    for (const [i, value] of relevanceIn(same.files.relevance).entries())
      expect(Math.abs(Number(written.data[i]) - value)).toBeLessThanOrEqual(1e-5 * Math.abs(value));
  });

  it('bring photos of any shape to size as the program does', async () => {
    const { network } = await readToolboxRun(at('config.txt'), nodeHost);
    await importFromCaffe({ ...network, output: at('shaped.onnx') }, nodeHost);
    const { model } = await loadModel(at('shaped.onnx'));
    expect(model.info.preprocessing?.resize).toEqual({
      height: 70,
      width: 70,
      mode: 'replicate',
      filter: 'lanczos',
    });
  });

  it.each<[Readonly<Record<string, string>>, RegExp]>([
    [{ param_file: '' }, /config\.txt: it does not say param_file/],
    [{ epsstab: 'much' }, /epsstab is much, which is no number/],
    [{ relpropformulatype: '77' }, /relpropformulatype is 77; known: 0, 2/],
    [{ use_mean_file_asbinaryprotoblob: '2' }, /use_mean_file_asbinaryprotoblob is 2; convert the mean/],
    [{ lastlayerindex: '12' }, /lastlayerindex is 12; relevance starts from the scores/],
    [{ firstlayerindex: '3' }, /firstlayerindex is 3; relevance is written at the input/],
    [{ standalone_outpath: '\n' }, /config\.txt:\d+: standalone_outpath has no value/],
  ])('are refused as configurations: %j', async (changed, message) => {
    mkdirSync(at('bad'), { recursive: true });
    writeFileSync(at('bad', 'config.txt'), configText(changed));
    await expect(readToolboxRun(at('bad', 'config.txt'), nodeHost)).rejects.toThrow(message);
  });
});
