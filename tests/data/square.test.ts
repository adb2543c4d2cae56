import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/common/files.node.ts';
import { picturesUnder } from '../../src/data/files.ts';
import { squareTree } from '../../src/data/pictures/square.node.ts';
import { decodeFile } from '../../src/image/pixels/decode.node.ts';
import { squareImage } from '../../src/image/pixels/replicate.ts';
import { gradient, savePicture } from './pictures.ts';
import { temporaryFolder } from './temporary.ts';

describe('a tree of pictures', () => {
  it('becomes squares once, and again only where something changed', async () => {
    const folder = temporaryFolder();
    const from = join(folder, 'in');
    const to = join(from, 'out');
    await savePicture(from, 'a/wide.png', gradient(31, 18, 1));
    await savePicture(from, 'a/b/tall.jpg', gradient(12, 27, 2));
    await savePicture(from, 'square.jpg', gradient(16, 16, 3));
    writeFileSync(join(from, 'notes.txt'), 'no picture');
    expect(await squareTree(from, to)).toEqual({ written: 3, kept: 0, failed: [] });
    expect(await picturesUnder(nodeFiles, to)).toEqual(['a/b/tall.jpg', 'a/wide.png', 'square.jpg']);
    expect([...(await decodeFile(join(to, 'a/wide.png'))).data]).toEqual([
      ...squareImage(gradient(31, 18, 1)).data,
    ]);
    expect(await decodeFile(join(to, 'a/b/tall.jpg'))).toMatchObject({ width: 27, height: 27 });
    expect(Buffer.compare(readFileSync(join(to, 'square.jpg')), readFileSync(join(from, 'square.jpg')))).toBe(
      0,
    );

    // What was made is no source, although it lies inside.
    expect(await squareTree(from, to)).toEqual({ written: 0, kept: 3, failed: [] });
    await savePicture(from, 'square.jpg', gradient(16, 17, 3));
    utimesSync(join(from, 'square.jpg'), new Date(), new Date(Date.now() + 5000));
    expect(await squareTree(from, to)).toEqual({ written: 1, kept: 2, failed: [] });
    expect(statSync(join(to, 'square.jpg')).mtimeMs).toBe(statSync(join(from, 'square.jpg')).mtimeMs);
  });

  it('stops at a damaged picture, or goes on and names it', async () => {
    const folder = temporaryFolder();
    const from = join(folder, 'in');
    await savePicture(from, 'good.jpg', gradient(9, 8, 1));
    writeFileSync(join(from, 'bad.jpg'), 'no picture');
    await expect(squareTree(from, join(folder, 'out'))).rejects.toThrow(/bad.jpg: not an image/);
    const { failed, ...rest } = await squareTree(from, join(folder, 'out'), { skipBad: true });
    expect(failed.map(({ message }) => message)).toEqual([expect.stringMatching(/bad.jpg: not an image/)]);
    expect(rest.written + rest.kept).toBe(1);
    expect(existsSync(join(folder, 'out/bad.jpg'))).toBe(false);
    await expect(squareTree(from, from)).rejects.toThrow('is the folder of the pictures themselves');
    await expect(squareTree(join(folder, 'none'), from)).rejects.toThrow('no such file or folder');
  });
});
