import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, measureClasses, parsePublished, publishedFold } from '../../src/evaluation/index.ts';
import { readResult } from '../../src/evaluation/store.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { preprocess } from '../../src/image/index.ts';
import { decodeFile } from '../../src/image/pixels/decode.node.ts';
import { writeOnnx } from '../../src/onnx/index.ts';
import { lower } from '../../src/operators/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { describeShared, shared } from '../shared.ts';
import { filesIn, folder, limn, tinyModel } from './limn.ts';

const labels = ['ant', 'bee', 'cat', 'dog', 'tiger cat'];
const photos = 12;
let dir = '';

beforeAll(async () => {
  dir = folder();
  const model = tinyModel();
  writeFileSync(join(dir, 'net.onnx'), writeOnnx(model).bytes);
  const scale = { ...model.info.preprocessing!, scale: 1 / 500 };
  writeFileSync(join(dir, 'net_2.onnx'), writeOnnx(tinyModel({ preprocessing: scale })).bytes);
  writeFileSync(join(dir, 'net_1.onnx'), writeOnnx(model).bytes);
  const { default: sharp } = await import('sharp');
  mkdirSync(join(dir, 'faces'));
  const rows: string[] = [];
  for (let i = 0; i < photos; i++) {
    const [width, height] = [20 + i, 24];
    const data = Uint8Array.from({ length: width * height * 3 }, (_, j) => (j * (i + 3) * 37 + i * 50) % 256);
    await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg()
      .toFile(join(dir, `faces/${i}.jpg`));
    rows.push(`faces/${i}.jpg,${labels[i % 5]},${i % 2},person ${i % 3},${i < 6 ? 'x' : 'y'}`);
  }
  const header = 'path,label,fold,person,race';
  writeFileSync(join(dir, 'all.csv'), `${[header, ...rows].join('\n')}\n`);
  for (const fold of [1, 2]) {
    const lines = Array.from(
      { length: 6 },
      (_, i) => `faces/${2 * i + fold - 1}.jpg ${(2 * i + fold - 1) % 5}\n`,
    );
    writeFileSync(join(dir, `list_${fold}.txt`), lines.join(''));
  }
});

/** Runs a command that must succeed and say nothing on stderr. */
async function succeeds(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await limn(args, dir);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return stdout;
}

/** Scores of the tiny network, one photo at a time. */
async function literal(crops: 'center' | 'ten'): Promise<number[][]> {
  const { graph, info } = tinyModel();
  const session = await nodeRuntime.load(lower(graph), { threads: 1 });
  const all: number[][] = [];
  for (let i = 0; i < photos; i++) {
    const x = preprocess([await decodeFile(join(dir, `faces/${i}.jpg`))], info.preprocessing!, { crops });
    const out = (await session.run({ [graph.inputs[0].name]: x })).prob;
    const n = x.shape[0];
    all.push(
      Array.from({ length: 5 }, (_, c) => {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += Number(out.data[k * 5 + c]);
        return sum / n;
      }),
    );
  }
  await session.release();
  return all;
}

function expectScores(answers: readonly Answer[], wanted: readonly number[][]): void {
  expect(answers).toHaveLength(wanted.length);
  answers.forEach(({ scores }, i) => {
    scores.forEach((score, c) => {
      expect(score).toBeCloseTo(wanted[i][c], 6);
    });
  });
}

describe('limn evaluate', () => {
  it.each(['center', 'ten'] as const)('keeps the answer to every photo, %s crops', async (crops) => {
    const out = `r-${crops}`;
    const text = await succeeds('evaluate', 'net.onnx', 'all.csv', '--crops', crops, '-o', out, '--json');
    const { info, answers } = await readResult(join(dir, out), nodeHost);
    expectScores(answers, await literal(crops));
    expect(answers.map(({ image, truth }) => [image, truth])).toEqual(
      Array.from({ length: photos }, (_, i) => [`faces/${i}.jpg`, i % 5]),
    );
    expect(answers[7]).toMatchObject({ person: 'person 1', fold: '1', groups: { race: 'y' } });
    expect(answers.every(({ single }) => (single !== undefined) === (crops === 'ten'))).toBe(true);
    expect(filesIn(join(dir, out))).toEqual(['answers.csv', 'result.json']);
    const [result] = JSON.parse(text).results;
    expect(result).toMatchObject({ name: 'net', settings: { crops, target: 'label' } });
    expect(result.measures).toEqual(JSON.parse(JSON.stringify(measureClasses(answers, info))));
    expect(JSON.parse(readFileSync(join(dir, out, 'result.json'), 'utf8')).measures).toEqual(result.measures);
  });

  it('prints measures, classes and the confusion either way round', async () => {
    const text = await succeeds('evaluate', 'net.onnx', 'all.csv', '-o', 'r-text');
    expect(text).toMatch(/^net: class of 12 photos, crops: center\n/);
    expect(text).toContain("class 4 'tiger cat': tiger cat (2 photos)");
    expect(text).toMatch(/accuracy +\d+\.\d %/);
    expect(text).toContain('label ↓ predicted →');
    expect(text).not.toContain('one-off');
    const other = await succeeds('evaluate', 'net.onnx', 'all.csv', '-o', 'r-text', '--predictions-in-rows');
    expect(other).toContain('predicted ↓ label →');
  });

  it('refuses a folder with another result, unless it is to begin anew', async () => {
    await succeeds('evaluate', 'net.onnx', 'all.csv', '-o', 'r-other');
    const before = readFileSync(join(dir, 'r-other/result.json'), 'utf8');
    const ten = ['evaluate', 'net.onnx', 'all.csv', '-o', 'r-other', '--crops', 'ten'];
    const refused = await limn(ten, dir);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^limn: r-other: holds a result with another --crops; .*--restart\n$/);
    expect(readFileSync(join(dir, 'r-other/result.json'), 'utf8')).toBe(before);
    await succeeds(...ten, '--restart');
    expect((await readResult(join(dir, 'r-other'), nodeHost)).info.settings.crops).toBe('ten');
    const net2 = await limn(['evaluate', 'net_2.onnx', 'all.csv', '-o', 'r-other', '--crops', 'ten'], dir);
    expect(net2.stderr).toContain('another model');
  });

  it('goes on where it was killed, and refuses to with other settings', async () => {
    const lines = Array.from({ length: 2400 }, (_, i) => `faces/${i % photos}.jpg ${i % 5}\n`);
    writeFileSync(join(dir, 'long.txt'), lines.join(''));
    const args = ['evaluate', 'net.onnx', 'long.txt', '--batch', '8', '-o', 'r-killed'];
    const journal = join(dir, 'r-killed/unfinished.jsonl');
    const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
    const child = spawn(process.execPath, [main, ...args], { cwd: dir, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const size = () => statSync(journal, { throwIfNoEntry: false })?.size ?? 0;
    while (size() < 20_000 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill('SIGKILL');
    await ended;
    expect(filesIn(join(dir, 'r-killed'))).toEqual(['unfinished.jsonl']);
    const answered = readFileSync(journal, 'utf8').split('\n').length - 2;
    expect(answered).toBeGreaterThan(0);

    const refused = await limn([...args, '--crops', 'ten'], dir);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('begun with another --crops');
    const { code, stderr } = await limn(args, dir);
    expect(code).toBe(0);
    const on = /^limn: ([\d,]+) of 2,400 photos are answered already; going on\n$/.exec(stderr);
    expect(Number(on![1].replace(',', ''))).toBe(answered);
    const { answers } = await readResult(join(dir, 'r-killed'), nodeHost);
    expect(answers.map(({ image, truth }) => `${image} ${truth}\n`)).toEqual(lines);
    const scores = await literal('center');
    expectScores(
      answers,
      lines.map((_, i) => scores[i % photos]),
    );
    expect(filesIn(join(dir, 'r-killed'))).toEqual(['answers.csv', 'result.json']);
  });

  it('lists all missing and damaged photos, keeps the other answers, and goes on without them if told', async () => {
    const bytes = readFileSync(join(dir, 'faces/0.jpg'));
    writeFileSync(join(dir, 'cut.jpg'), bytes.subarray(0, bytes.length - 30));
    writeFileSync(join(dir, 'text.jpg'), 'no photo');
    const some = 'faces/0.jpg 0\ncut.jpg 1\nfaces/1.jpg 1\ntext.jpg 2\n';
    writeFileSync(join(dir, 'gone.txt'), `${some}gone.jpg 0\ngone/too.jpg 1\n`);
    const missing = await limn(['evaluate', 'net.onnx', 'gone.txt', '-o', 'r-gone'], dir);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(
      /^limn: gone.jpg: .*\nlimn: gone\/too.jpg: .*\nlimn: gone.txt: 2 of 6 .*--skip-bad\n$/,
    );

    writeFileSync(join(dir, 'damaged.txt'), some);
    const damaged = await limn(['evaluate', 'net.onnx', 'damaged.txt', '-o', 'r-damaged'], dir);
    expect(damaged.code).toBe(1);
    expect(damaged.stderr).toMatch(
      /^limn: cut.jpg: .*\nlimn: text.jpg: .*\nlimn: damaged.txt: 2 photos cannot be read; all other answers are kept; .*\n$/,
    );
    expect(filesIn(join(dir, 'r-damaged'))).toEqual(['unfinished.jsonl']);

    const skipped = await limn(['evaluate', 'net.onnx', 'gone.txt', '-o', 'r-gone', '--skip-bad'], dir);
    expect(skipped.code).toBe(0);
    expect(skipped.stderr.split('\n')).toHaveLength(5);
    const { info, answers } = await readResult(join(dir, 'r-gone'), nodeHost);
    expect(answers.map(({ image }) => image)).toEqual(['faces/0.jpg', 'faces/1.jpg']);
    expect(info.skipped!.map(({ image }) => image)).toEqual([
      'cut.jpg',
      'text.jpg',
      'gone.jpg',
      'gone/too.jpg',
    ]);
  });

  it('evaluates folds and writes what the published evaluation would', async () => {
    const args = ['net_{fold}.onnx', 'list_{fold}.txt', '--folds', '1-2', '--crops', 'ten', '--ordered'];
    const text = await succeeds('evaluate', ...args, '--place', 'architecture=tiny', '-o', 'r-folds');
    expect(text).toMatch(/^net\nfold +photos +accuracy +one-off/);
    expect(text).toMatch(/\nmean ± sd .*\npooled +12 /);
    const results = await Promise.all(
      [1, 2].map((k) => readResult(join(dir, `r-folds/fold-${k}`), nodeHost)),
    );
    expect(results.map(({ info }) => [info.name, info.place])).toEqual([
      ['net', { architecture: 'tiny', fold: '1' }],
      ['net', { architecture: 'tiny', fold: '2' }],
    ]);
    expect(results[1].answers.every(({ fold }) => fold === '2')).toBe(true);
    const published = parsePublished(
      readFileSync(join(dir, 'r-folds/published.txt'), 'utf8'),
      'published.txt',
    );
    expect(published.folds).toEqual(results.map(({ answers }) => publishedFold(answers)));
    const scores = (await literal('ten')).filter((_, i) => i % 2 === 0);
    expectScores(results[0].answers, scores);
    // So does a comparison of folds that were evaluated one by one, as those of a plan.
    await succeeds('compare', 'r-folds/fold-2', 'r-folds/fold-1', '-o', 'folds-compared');
    const [file] = readdirSync(join(dir, 'folds-compared')).filter((name) => name.startsWith('published'));
    expect(readFileSync(join(dir, 'folds-compared', file), 'utf8')).toBe(
      readFileSync(join(dir, 'r-folds/published.txt'), 'utf8'),
    );
  });

  it('calls what is predicted as it was asked for, whatever the head is called', async () => {
    await succeeds('evaluate', 'net_1.onnx', 'list_1.txt', '--target', 'breed', '-o', 'r-breed');
    const { info } = await readResult(join(dir, 'r-breed'), nodeHost);
    expect(info.model.head.name).toBe('breed');
    expect(info.settings.head).not.toBe('breed');
  });

  it('evaluates several models at once, each into its own folder', async () => {
    const text = await succeeds('evaluate', 'net_1.onnx', 'net_2.onnx', 'all.csv', '-o', 'r-both');
    expect(text).toMatch(/^model +photos +accuracy.*\nnet_1 .*\nnet_2 .*\n/);
    const [first, second] = await Promise.all(
      ['net_1', 'net_2'].map((name) => readResult(join(dir, 'r-both', name), nodeHost)),
    );
    await succeeds('evaluate', 'net_2.onnx', 'all.csv', '-o', 'r-alone');
    expectScores(first.answers, await literal('center'));
    expectScores(
      second.answers,
      (await readResult(join(dir, 'r-alone'), nodeHost)).answers.map(({ scores }) => [...scores]),
    );
    expect(first.info.data.sha256).toBe(second.info.data.sha256);
    expect(first.info.settingsSha256).toBe(second.info.settingsSha256);
    expect(first.info.model.sha256).toBe(
      createHash('sha256')
        .update(readFileSync(join(dir, 'net_1.onnx')))
        .digest('hex'),
    );
    expect(first.info.model.sha256).not.toBe(second.info.model.sha256);
  });

  it('takes a database or a folder per class as well as a list', async () => {
    await succeeds('data', 'lmdb', 'list_1.txt', '--images', '.', '-o', 'db', '--resize', '20');
    for (const [i, label] of labels.entries()) {
      mkdirSync(join(dir, 'classes', label), { recursive: true });
      copyFileSync(join(dir, `faces/${2 * i}.jpg`), join(dir, 'classes', label, `${2 * i}.jpg`));
    }
    for (const data of ['list_1.txt', 'db', 'classes']) {
      await succeeds('evaluate', 'net.onnx', data, '-o', `r-of-${data}`);
    }
    const [list, db, tree] = await Promise.all(
      ['list_1.txt', 'db', 'classes'].map((data) => readResult(join(dir, `r-of-${data}`), nodeHost)),
    );
    expect(db.answers.map(({ truth, scores }) => ({ truth, scores }))).toEqual(
      list.answers.map(({ truth, scores }) => ({ truth, scores })),
    );
    expect(db.answers[1].image).toBe('00000001_faces/2.jpg');
    const scores = await literal('center');
    expectScores(
      tree.answers,
      [0, 2, 4, 6, 8].map((i) => scores[i]),
    );
    expect(tree.answers.map(({ truth }) => truth)).toEqual([0, 1, 2, 3, 4]);
  });

  it('gives a finished result the name and place of a later call', async () => {
    const args = ['evaluate', 'net.onnx', 'all.csv', '-o', 'r-named'];
    await succeeds(...args);
    const { answers } = await readResult(join(dir, 'r-named'), nodeHost);
    await succeeds(...args, '--name', 'tiny', '--place', 'architecture=x');
    const again = await readResult(join(dir, 'r-named'), nodeHost);
    expect(again.info).toMatchObject({ name: 'tiny', place: { architecture: 'x' } });
    expect(again.answers).toEqual(answers);
  });

  it.each([
    [['net.onnx'], 'no data to evaluate on'],
    [['net_{fold}.onnx', 'all.csv'], '--folds: missing'],
    [['net.onnx', 'all.csv', '--folds', '0-4'], 'no path has a {fold}'],
    [['net.onnx', 'all.csv', '--folds', '4-0'], "--folds: expected 0-4 or 0,2, got '4-0'"],
    [['net.onnx', 'all.csv', '--place', 'x'], "--place: expected key=value, got 'x'"],
    [['net.onnx', 'net_2.onnx', 'all.csv', '--name', 'x'], 'one name for 2 models'],
    [['net.onnx', 'all.csv', '--batch', '0'], 'expected a whole number from 1 on'],
  ])('is called wrongly as %j', async (args, message) => {
    const { code, stderr } = await limn(['evaluate', ...args, '-o', 'r-wrong'], dir);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it.each([
    [['net.onnx', 'all.csv', '--target', 'age'], "there is no column 'age'"],
    [['net.onnx', 'all.csv', '--target', 'race'], "the model has no class 'x'"],
    [['net.onnx', 'all.csv', '--head', 'age'], 'the model has no such output'],
    [['net.onnx', 'none.csv'], 'none.csv: no such file'],
    [['net.onnx', 'all.csv', '--person-column', 'who'], "there is no column 'who'"],
  ])('names what is wrong with the data: %j', async (args, message) => {
    const { code, stderr } = await limn(['evaluate', ...args, '-o', 'r-wrong'], dir);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
    rmSync(join(dir, 'r-wrong'), { recursive: true, force: true });
  });
});

describeShared('limn evaluate on faces', () => {
  it('gives every face the answer of limn classify', async () => {
    await succeeds('import', 'face-api', '-o', '.');
    const faces = shared('faces/utkface');
    const [header, ...rows] = readFileSync(join(faces, 'manifest.csv'), 'utf8').trim().split('\n');
    const some = rows.filter((_, i) => i % 100 === 0);
    writeFileSync(join(dir, 'utk.csv'), `${[header, ...some].join('\n')}\n`);
    const model = 'face-api-age-gender.onnx';
    const evaluate = (...more: string[]) =>
      succeeds('evaluate', model, 'utk.csv', '--images', faces, ...more);
    await evaluate('--target', 'gender', '-o', 'utk-gender');
    await evaluate('--target', 'age', '-o', 'utk-age');
    await evaluate('--as', 'adience', '--between', 'nearest', '-o', 'utk-adience');
    const paths = some.map((row) => join(faces, row.split(',')[0]));
    const { photos: said } = JSON.parse(await succeeds('classify', model, ...paths, '--json'));

    const gender = await readResult(join(dir, 'utk-gender'), nodeHost);
    const age = await readResult(join(dir, 'utk-age'), nodeHost);
    const adience = await readResult(join(dir, 'utk-adience'), nodeHost);
    some.forEach((row, i) => {
      const [, years, sex] = row.split(',');
      const outputs = said[i].outputs;
      for (const { index, probability } of outputs.gender) {
        expect(gender.answers[i].scores[index]).toBeCloseTo(probability, 5);
      }
      expect(gender.answers[i].truth).toBe(sex === 'male' ? 0 : 1);
      expect(gender.answers[i].groups.age).toBe(years);
      expect(age.answers[i].scores[0]).toBeCloseTo(outputs.age, 3);
      expect(age.answers[i].truth).toBe(Number(years));
    });
    expect(adience.info).toMatchObject({ ordered: true, probabilities: false });
    expect(adience.answers.map(({ scores }) => scores.length)).toEqual(some.map(() => 8));
  });
});
