import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readMean, writeMean } from '../../src/caffe/index.ts';
import { nodeFiles } from '../../src/common/files.node.ts';
import {
  addToMean,
  channelMeans,
  datasetMean,
  finishMean,
  meanPicture,
  type Planes,
  planesOf,
  startMean,
  writeImageList,
} from '../../src/data/index.ts';
import { buildLmdb } from '../../src/data/lmdb/lmdb.node.ts';
import { openDataset } from '../../src/data/open.ts';
import { decodeBytes } from '../../src/image/pixels/decode.node.ts';
import { describeShared, shared } from '../shared.ts';
import { gradient, savePicture } from './pictures.ts';
import { temporaryFolder } from './temporary.ts';

describe('a mean image', () => {
  it("has the bits of Caffe's compute_image_mean, which adds and divides in float32", () => {
    const pictures = Array.from({ length: 301 }, (_, n) => planesOf(gradient(9, 7, n * n)));
    const literal = new Float32Array(9 * 7 * 3);
    for (const { data } of pictures) {
      for (const [i, value] of data.entries()) literal[i] = Math.fround(literal[i] + value);
    }
    for (const [i, value] of literal.entries()) literal[i] = Math.fround(value / Math.fround(301));
    const sum = startMean();
    for (const picture of pictures) addToMean(sum, picture, 'x');
    const mean = finishMean(sum, 'x');
    expect(mean.shape).toEqual([3, 7, 9]);
    expect(mean.data).toEqual(literal);
    expect(readMean(writeMean(mean), 'mean')).toEqual(mean);
  });

  it('refuses pictures of another size, and none', () => {
    const sum = startMean();
    expect(() => finishMean(sum, 'db')).toThrow('db: there are no pictures to average');
    addToMean(sum, planesOf(gradient(4, 5, 0)), 'a');
    expect(() => addToMean(sum, planesOf(gradient(5, 4, 0)), 'b')).toThrow(
      'b: 3×4×5 where the pictures before it are 3×5×4; give resize, one size for all',
    );
  });

  it('takes float planes as they are, and is drawn red first', () => {
    const planes: Planes = {
      kind: 'planes',
      channels: 3,
      height: 1,
      width: 1,
      data: Float32Array.of(0.5, 20.4, 400),
    };
    const sum = startMean();
    addToMean(sum, planes, 'x');
    const mean = finishMean(sum, 'x');
    expect([...mean.data]).toEqual([0.5, Math.fround(20.4), 400]);
    expect([...meanPicture(mean, 'x').data]).toEqual([255, 20, 1]);
    expect(channelMeans(mean)).toEqual([...mean.data]);
  });

  it('is the same of a database and of the list that it was made of', async () => {
    const folder = temporaryFolder();
    const list = Array.from({ length: 25 }, (_, i) => ({ path: `p/${i}.jpg`, label: 0 }));
    for (const [i, { path }] of list.entries()) await savePicture(folder, path, gradient(20 + i, 30, i));
    writeFileSync(join(folder, 'list.txt'), writeImageList(list));
    const resize = { height: 16, width: 16 };
    await buildLmdb(list, join(folder, 'db'), { images: folder, resize, seed: 1 });
    const ofList = await datasetMean(await openDataset(join(folder, 'list.txt'), nodeFiles), decodeBytes, {
      resize,
    });
    const ofDatabase = await datasetMean(await openDataset(join(folder, 'db'), nodeFiles), decodeBytes);
    expect(ofList.count).toBe(25);
    expect(ofDatabase.mean).toEqual(ofList.mean);
    await expect(
      datasetMean(await openDataset(join(folder, 'list.txt'), nodeFiles), decodeBytes),
    ).rejects.toThrow(/p\/1.jpg: 3×30×21 where/);
    writeFileSync(join(folder, 'p/3.jpg'), 'x');
    const some = await datasetMean(await openDataset(join(folder, 'list.txt'), nodeFiles), decodeBytes, {
      resize,
      skipBad: true,
    });
    expect([some.count, some.skipped.length]).toEqual([24, 1]);
  });
});

describeShared('the published means', () => {
  it('are means of 8-bit pixels over some thousands of pictures', () => {
    const path = shared('adience/mean/mean_image/Test_fold_is_0.mean.binaryproto');
    const mean = readMean(new Uint8Array(readFileSync(path)), path);
    // Gender's training list of fold 0 has 12,256 lines: every value times that is a whole number, to float32.
    const n = 12256;
    const off = mean.data.filter(
      (value) => Math.abs(value * n - Math.round(value * n)) > n * value * 2 ** -24 + 1e-6,
    );
    expect(off.length).toBe(0);
  });
});
