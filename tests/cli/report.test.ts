import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeResult } from '../../src/evaluation/store.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { readNpy } from '../../src/image/index.ts';
import { decodeFile } from '../../src/image/pixels/decode.node.ts';
import { type About, type Given, result, times } from '../evaluation/results.ts';
import { filesIn, fixtures, limn } from './limn.ts';

let dir = '';
const path = (name: string) => join(dir, name);
const json = (name: string) => JSON.parse(readFileSync(path(name), 'utf8'));

const keep = (name: string, given: readonly Given[], about: About = {}) =>
  writeResult(path(name), result(given, { name, ordered: true, ...about }), nodeHost);

beforeAll(async () => {
  dir = await fixtures();
  for (const [i, colour] of ['#804020', '#208040', '#204080', '#a0a020'].entries()) {
    mkdirSync(path(`faces/${i % 2 ? 'bee' : 'ant'}`), { recursive: true });
    await sharp({ create: { width: 20, height: 20, channels: 3, background: colour } })
      .png()
      .toFile(path(`faces/${i % 2 ? 'bee' : 'ant'}/${i}.png`));
  }
  const by = (gender: string, said: number): Given => ({ said, groups: { gender } });
  await keep('a', [...times(50, by('male', 0)), ...times(50, by('female', 1))]);
  await keep('b', [...times(35, by('male', 0)), ...times(65, by('female', 2))]);
});

describe('grid', () => {
  it('draws photos down and models across, and says how', async () => {
    const args = ['net.onnx', 'net.onnx', '--photos', 'photo.jpg', 'photo.png', '--names', 'A', 'B'];
    const more = ['--truth', 'bee', '1', '--target', 'true', '--shared-scale', '-o', 'grid'];
    const { stderr, code } = await limn(['grid', ...args, ...more], dir);
    expect([stderr, code]).toEqual(['', 0]);
    expect(filesIn(path('grid'))).toEqual(['grid.json', 'grid.png', 'grid.svg']);
    const { models, photos, explanation } = json('grid/grid.json');
    expect(models.map(({ name, network }: Record<string, string>) => [name, network])).toEqual([
      ['A', 'tiny inception'],
      ['B', 'tiny inception'],
    ]);
    expect(explanation.method).toBe('lrp');
    for (const { cells } of photos) {
      expect(cells.map(({ target }: Record<string, string>) => target)).toEqual(['bee', 'bee']);
      expect(cells[0]).toEqual({ ...cells[1], model: 'A' });
    }
    const { width, height } = await decodeFile(path('grid/grid.png'));
    expect(width).toBe(2 * (2 * 28 + 3 * 168 + 2 * 18));
    expect(height).toBeGreaterThan(1000);
  });

  it('averages over labelled pictures by class, models of one name together', async () => {
    const args = ['net.onnx', 'net.onnx', '--names', 'N', 'N', '--means', 'faces', '--by', 'label'];
    const { stderr, code } = await limn(['grid', ...args, '-o', 'means'], dir);
    expect([stderr, code]).toEqual(['', 0]);
    const { groups, files } = json('means/grid.json');
    expect(groups).toEqual([
      { group: 'all pictures', counts: { N: 8 } },
      { group: 'ant', counts: { N: 4 } },
      { group: 'bee', counts: { N: 4 } },
    ]);
    const map = (group: string, kind: 'mean' | 'deviation') => {
      const { [kind]: file } = files.find((each: { group: string }) => each.group === group);
      return readNpy(readFileSync(path(`means/${file}`)), file);
    };
    expect(map('ant', 'mean').shape).toEqual([17, 17]);
    // Both classes have as many pictures, so the mean of all is that of both, and variances follow.
    const [all, ant, bee] = ['all pictures', 'ant', 'bee'].map((group) => map(group, 'mean').data);
    const [sd, sdAnt, sdBee] = ['all pictures', 'ant', 'bee'].map((group) => map(group, 'deviation').data);
    for (let i = 0; i < 17 * 17; i++) {
      const [mean, a, b] = [Number(all[i]), Number(ant[i]), Number(bee[i])];
      expect(mean).toBeCloseTo((a + b) / 2, 5);
      const within = (Number(sdAnt[i]) ** 2 + Number(sdBee[i]) ** 2) / 2;
      expect(Number(sd[i]) ** 2).toBeCloseTo(within + ((a - b) / 2) ** 2, 5);
    }
  });

  it.each([
    [['net.onnx'], 'limn grid: it takes either photos or data; give --photos PHOTO… or --means DATA'],
    [['net.onnx', '--photos', 'photo.jpg', '--by', 'label'], '--by: it is for --means'],
    [['net.onnx', '--photos', 'photo.jpg', '--names', 'a', 'b'], '--names: there are 2 for 1 model'],
    [['net.onnx', '--photos', 'photo.jpg', '--truth', 'a', 'b'], '--truth: there are 2 for 1 photo'],
    [['net.onnx', '--means', 'faces', '--by', 'race'], "--by: faces has no column 'race'"],
  ])('refuses %j', async (args, message) => {
    const { stderr, code } = await limn(['grid', ...args, '-o', 'refused'], dir);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it.each([
    [['net.onnx', '--photos', 'text.jpg'], 'text.jpg'],
    [['net.onnx', '--photos', 'photo.jpg', '--truth', 'wolf'], "target 'wolf': no label matches"],
    [['net.onnx', '--photos', 'photo.jpg', '--target', 'true'], 'photo.jpg: its true class is not known'],
    [['bare.onnx', '--photos', 'photo.jpg'], 'bare.onnx'],
  ])('fails on %j', async (args, message) => {
    const { stderr, code } = await limn(['grid', ...args, '-o', 'failed'], dir);
    expect(stderr).toContain(message);
    expect(code).toBe(1);
    expect(existsSync(path('failed'))).toBe(false);
  });
});

describe('report', () => {
  it('makes a page of a comparison, with charts beside it and heatmaps in it', async () => {
    await limn(['compare', 'a', 'b', '-o', 'out', '--group-by', 'gender', '--resamples', '100'], dir);
    await limn(['grid', 'net.onnx', '--photos', 'photo.jpg', '-o', 'out/heatmaps'], dir);
    writeFileSync(path('train.log'), 'Iteration 0, loss = 2\nIteration 20, loss = 1\n');
    const args = ['report', 'out', '--logs', 'train.log', '--photos-by', 'nobody, CC0', '--title', 'A & B'];
    const { stderr, stdout, code } = await limn(args, dir);
    expect([stderr, code]).toEqual(['', 0]);
    // These results were made up: there are no photos of them.
    expect(stdout).toMatch(
      /^Without photos of a's answers: a\.onnx: .*\nout\/report.html: .*, with 1 picture of heatmaps\n$/,
    );
    const html = readFileSync(path('out/report.html'), 'utf8');
    const parts = ['<title>A &#38; B', 'data:image/png;base64,', 'Photos: nobody, CC0.', 'Training progress'];
    expect(parts.filter((part) => !html.includes(part))).toEqual([]);
    const charts = ['confusion-age-1-a', 'groups-age-gender-accuracy', 'models-age-oneoff', 'progress'];
    for (const chart of charts) {
      expect(json(`out/charts/${chart}.vl.json`).$schema).toContain('vega-lite/v6');
      expect(readFileSync(path(`out/charts/${chart}.svg`), 'utf8')).toMatch(/^<svg /);
      expect((await decodeFile(path(`out/charts/${chart}.png`))).width).toBeGreaterThan(300);
    }
  });

  it('shows mistakes and right answers with heatmaps, unless photos are to be left out', async () => {
    await limn(['evaluate', 'net.onnx', 'faces', '-o', 'asked', '--threads', '1'], dir);
    const compared = await limn(['compare', 'asked', '-o', 'shown', '--resamples', '100'], dir);
    expect(compared.stdout).toMatch(/^1 table \(/m);
    expect(filesIn(path('shown')).filter((name) => name.startsWith('paper'))).toEqual([]);
    const { stderr, stdout, code } = await limn(['report', 'shown', '--no-charts'], dir);
    expect([stderr, code]).toEqual(['', 0]);
    expect(stdout).toMatch(/^shown\/report.html: /);
    const html = readFileSync(path('shown/report.html'), 'utf8');
    const pairs = [
      ...html.matchAll(/<div class="pair"><img src="(data:[^"]*)"[^>]*><img src="(data:[^"]*)"/g),
    ];
    expect(pairs.length).toBeGreaterThan(1);
    for (const [, photo, heatmap] of pairs) expect(photo).not.toBe(heatmap);
    expect(html).toMatch(/(ant|bee), taken for [a-z ]+ \(\d/);
    await limn(['report', 'shown', '--no-charts', '--no-photos', '-o', 'plain.html'], dir);
    expect(readFileSync(path('plain.html'), 'utf8')).not.toContain('class="pair"');
  });

  it('goes on without results that are gone or were evaluated anew, and says so', async () => {
    await keep('gone', times(10, { said: 0 }));
    await keep('anew', times(10, { said: 1 }));
    await limn(['compare', 'gone', 'anew', '-o', 'part', '--resamples', '100'], dir);
    rmSync(path('gone'), { recursive: true });
    await keep('anew', times(10, { said: 2 }), { data: 'f'.repeat(64) });
    const { stdout, stderr, code } = await limn(['report', 'part', '--no-charts', '-o', 'page.html'], dir);
    expect([stderr, code]).toEqual(['', 0]);
    expect(stdout).toMatch(/Without classes, confusion and calibration of gone: gone/);
    expect(stdout).toMatch(/of anew: anew: was evaluated anew since the comparison/);
    expect(readFileSync(path('page.html'), 'utf8')).toContain('was evaluated anew');
    expect(filesIn(path('part')).filter((name) => name.startsWith('charts'))).toEqual([]);
  });

  it.each([
    ['a', 'a/comparison.json'],
    ['bad', 'bad/comparison.json: it is no JSON; compare again'],
    ['badgrid', 'badgrid/grid.json: not what limn grid writes'],
  ])('fails on %s', async (name, message) => {
    mkdirSync(path('bad'), { recursive: true });
    writeFileSync(path('bad/comparison.json'), '{');
    await limn(['compare', 'a', 'b', '-o', 'badgrid', '--resamples', '100'], dir);
    writeFileSync(path('badgrid/grid.json'), '[]');
    const { stderr, code } = await limn(['report', name], dir);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
  });
});
