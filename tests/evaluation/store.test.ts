import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Answer, ResultInfo } from '../../src/evaluation/result.ts';
import { readResult, readResultInfo, writeResult } from '../../src/evaluation/store.ts';
import { answerColumns, answerLine, headerLine, parseAnswers } from '../../src/evaluation/table.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';

const dir = mkdtempSync(join(tmpdir(), 'limn-store-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const info: ResultInfo = {
  name: 'tiny on faces',
  model: {
    network: 'tiny',
    file: 'tiny.onnx',
    sha256: 'ab',
    head: { name: 'gender', output: 'prob', kind: 'classes', labels: ['male', 'female'] },
  },
  data: { source: 'faces', sha256: 'cd', images: 2 },
  settings: { crops: 'ten', batch: 32 },
  ordered: false,
  place: { architecture: 'tiny' },
  versions: { limn: '0.1.0' },
};

const text = fc.string({ minLength: 1, unit: 'grapheme' });
const answer = (scores: number): fc.Arbitrary<Answer> =>
  fc
    .record({
      image: text,
      truth: fc.double(),
      scores: fc.array(fc.double(), { minLength: scores, maxLength: scores }),
      person: fc.option(text, { nil: undefined }),
      fold: fc.option(text, { nil: undefined }),
      groups: fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }),
    })
    .map(({ person, fold, ...rest }) => ({
      ...rest,
      ...(person !== undefined && { person }),
      ...(fold !== undefined && { fold }),
    }));
const answers = fc.integer({ min: 1, max: 4 }).chain((n) => fc.array(answer(n), { maxLength: 5 }));

describe('the table of answers', () => {
  it('reads back exactly what was written, cut anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(answers, fc.integer({ min: 1, max: 50 }), async (given, step) => {
        const columns = answerColumns(given);
        const csv = headerLine(columns) + given.map((each) => answerLine(each, columns)).join('');
        const parts = Array.from({ length: Math.ceil(csv.length / step) }, (_, i) =>
          csv.slice(i * step, (i + 1) * step),
        );
        const back: Answer[] = [];
        for await (const each of parseAnswers(parts, 'x.csv')) back.push(each);
        expect(back).toEqual(given);
      }),
    );
  });

  it('names the record that is broken', async () => {
    const read = async (csv: string) => {
      for await (const _ of parseAnswers([csv], 'x.csv'));
    };
    await expect(read('image,score_0\n')).rejects.toThrow("x.csv:1: no column 'truth'");
    await expect(read('image,truth,score_0\na,0,1\nb,1\n')).rejects.toThrow('x.csv, record 3: 2 cells');
    await expect(read('image,truth,score_0\na,0,\n')).rejects.toThrow("x.csv, record 2: '' is no number");
    await expect(read('')).rejects.toThrow('x.csv: the table is empty');
    expect(() =>
      answerColumns([
        { image: 'a', truth: 0, scores: [1], groups: {} },
        { image: 'b', truth: 0, scores: [], groups: {} },
      ]),
    ).toThrow('b: 0 scores, the first image has 1');
  });
});

describe('a result folder', () => {
  it('comes back as it was written', async () => {
    const given: Answer[] = [
      { image: 'a,"b".jpg', truth: 1, scores: [0.1, 0.9], person: '007', fold: '0', groups: { race: 'x' } },
      { image: 'c.jpg', truth: 0, scores: [1 / 3, 2 / 3], single: 1, groups: {} },
    ];
    const folder = join(dir, 'deep', 'result');
    await writeResult(folder, { info, answers: given }, nodeHost, { accuracy: 0.5 });
    expect(await readResult(folder, nodeHost)).toEqual({ info, answers: given });
    expect(await readResultInfo(folder, nodeHost.files)).toEqual(info);
    expect(readFileSync(join(folder, 'answers.csv'), 'utf8')).toBe(
      'image,truth,score_0,score_1,single,person,fold,group_race\n' +
        '"a,""b"".jpg",1,0.1,0.9,,007,0,x\n' +
        'c.jpg,0,0.3333333333333333,0.6666666666666666,1,,,\n',
    );
  });

  it('is refused where it is incomplete, changed or something else', async () => {
    const folder = join(dir, 'broken');
    await writeResult(
      folder,
      { info, answers: [{ image: 'a', truth: 0, scores: [1, 0], groups: {} }] },
      nodeHost,
    );
    const [json, csv] = [join(folder, 'result.json'), join(folder, 'answers.csv')];
    const whole = readFileSync(json, 'utf8');
    writeFileSync(csv, readFileSync(csv, 'utf8').replace('a,0,1,0', 'a,1,1,0'));
    await expect(readResult(folder, nodeHost)).rejects.toThrow('not the table');
    rmSync(csv);
    await expect(readResult(folder, nodeHost)).rejects.toThrow('answers.csv: no such file');
    for (const [text, message] of [
      [whole.slice(0, 50), 'damaged: no JSON'],
      ['{}', 'no result of limn'],
      [whole.replace('result 1', 'result 9'), "a 'limn result 9'"],
      [whole.replace('"network"', '"net"'), 'damaged: parts are missing'],
    ] as const) {
      writeFileSync(json, text);
      await expect(readResultInfo(folder, nodeHost.files)).rejects.toThrow(message);
    }
    rmSync(json);
    await expect(readResult(folder, nodeHost)).rejects.toThrow('holds no result.json');
    await expect(readResult(csv, nodeHost)).rejects.toThrow('no such file');
  });
});
