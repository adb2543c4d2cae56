import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { filesIn, fixtures, limn } from './limn.ts';

let dir = '';
beforeAll(async () => {
  dir = await fixtures();
  for (const name of ['photos/b.png', 'photos/a.png', 'photos/in/c.png', 'photos/.hidden/d.png']) {
    mkdirSync(join(dir, name, '..'), { recursive: true });
    copyFileSync(join(dir, 'photo.png'), join(dir, name));
  }
});

describe('photos of a call', () => {
  it.each([
    ['a folder', ['photos'], ['photos/a.png', 'photos/b.png', 'photos/in/c.png']],
    ['a pattern', ['photos/*.png'], ['photos/a.png', 'photos/b.png']],
    ['a pattern of any folders', ['**/[bc].{png,jpg}'], ['photos/b.png', 'photos/in/c.png']],
    [
      'some of all, in their order',
      ['photo.jpg', 'photos/in', 'p*.png'],
      ['photo.jpg', 'photos/in/c.png', 'photo.png'],
    ],
  ])('are %s', async (_, photos, expected) => {
    const { stdout, stderr } = await limn(['classify', 'net.onnx', ...photos, '--json'], dir);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout).photos.map(({ photo }: { photo: string }) => photo)).toEqual(expected);
  });

  it('come from standard input for -, and where nothing is said, go into a folder named for what is in it', async () => {
    const photo = readFileSync(join(dir, 'photo.png'));
    const { code, stdout } = await limn(
      ['explain', 'net.onnx', '-', '--no-figure', '--json'],
      dir,
      {},
      photo,
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout).photos[0]).toMatchObject({ photo: '/dev/stdin' });
    expect(filesIn(join(dir, 'explained'))).toEqual(['explain.json', 'stdin.npy', 'stdin_heatmap.png']);
    const file = await limn(
      ['explain', 'net.onnx', 'photo.png', '--no-figure', '--json', '-o', 'other'],
      dir,
    );
    expect(JSON.parse(file.stdout).photos[0].score).toBe(JSON.parse(stdout).photos[0].score);
  });

  it('are not what an earlier call made of them', async () => {
    const call = () =>
      limn(['explain', 'net.onnx', 'photos', '--no-figure', '--json', '-o', 'photos/out'], dir);
    const first = JSON.parse((await call()).stdout);
    expect(first.photos).toHaveLength(3);
    expect(JSON.parse((await call()).stdout).photos).toEqual(first.photos);
    const mean = await limn(['average', 'photos/out', '-o', 'photos/mean.npy', '--json'], dir);
    expect(JSON.parse(mean.stdout)).toMatchObject({ maps: 3 });
  });

  it('of an iPhone in a folder are said to be unreadable rather than passed over', async () => {
    mkdirSync(join(dir, 'phone'));
    copyFileSync(join(dir, 'photo.png'), join(dir, 'phone', 'a.png'));
    for (const name of ['b.HEIC', 'c.heif'])
      writeFileSync(join(dir, 'phone', name), '....ftypheic....mif1heic');
    const { code, stdout, stderr } = await limn(['classify', 'net.onnx', 'phone'], dir);
    expect(code).toBe(1);
    expect(stdout).toContain('phone/a.png');
    for (const name of ['b.HEIC', 'c.heif'])
      expect(stderr).toContain(`limn: phone/${name}: a HEIC photo, whose compression (HEVC) cannot be read`);
  });

  it('that are tiny or transparent are said to be', async () => {
    const picture = sharp({ create: { width: 1, height: 1, channels: 4, background: '#c0804080' } });
    await picture.png().toFile(join(dir, 'dot.png'));
    const remarks = [
      'what is transparent in it was put on white',
      'it has 1×1 pixels and was enlarged 20 times',
    ];
    for (const command of ['classify', 'explain']) {
      const { stdout } = await limn([command, 'net.onnx', 'dot.png', 'photo.png', '--json'], dir);
      const [dot, photo] = JSON.parse(stdout).photos;
      expect(dot.remarks).toEqual(remarks);
      expect(photo.remarks).toBeUndefined();
    }
    const { stdout } = await limn(['classify', 'net.onnx', 'dot.png'], dir);
    for (const remark of remarks) expect(stdout).toContain(`\n  ${remark}\n`);
  });
});
