import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { compare, evaluate, report } from '../../src/verbs/index.ts';
import { chooseExamples, examplesOf } from '../../src/verbs/report/examples.ts';
import { fixtures, folder } from '../cli/limn.ts';
import { result } from '../evaluation/results.ts';

it('the surest mistakes are chosen, and of each class the surest right answer', () => {
  const answer = fc.record({
    truth: fc.nat(3),
    scores: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
  });
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 40 }), fc.nat(40), (given, split) => {
      const all = given.map((each, i) => ({ ...each, image: `${i}.jpg`, groups: {} }));
      const { info } = result([]);
      const results = [all.slice(0, split), all.slice(split)].map((answers) => ({ info, answers }));
      const { mistakes, right } = chooseExamples(results);
      // Literally: the largest score says the class, the first of several.
      const said = ({ scores }: { readonly scores: readonly number[] }) =>
        scores.indexOf(Math.max(...scores));
      const sure = ({ scores }: { readonly scores: readonly number[] }) => Math.max(...scores);
      const wrong = all.filter((each) => said(each) !== each.truth);
      const least = wrong
        .map(sure)
        .sort((a, b) => b - a)
        .slice(0, 10);
      expect(mistakes.map(({ answer }) => sure(answer))).toEqual(least);
      for (const { answer, predicted } of mistakes)
        expect([said(answer), answer.truth === predicted]).toEqual([predicted, false]);
      const classes = right.map(({ predicted }) => predicted);
      expect(new Set(classes).size).toBe(classes.length);
      const correct = all.filter((each) => said(each) === each.truth);
      expect(classes.length).toBe(new Set(correct.map(said)).size);
      for (const { answer, predicted } of right) {
        expect(answer.truth).toBe(predicted);
        const ofClass = correct.filter((each) => said(each) === predicted).map(sure);
        expect(sure(answer)).toBe(Math.max(...ofClass));
      }
    }),
  );
});

it('photos of a database are missed in a sentence that says what to do', async () => {
  const dir = folder();
  writeFileSync(join(dir, 'data.mdb'), '');
  const { info, answers = [] } = result([{ said: 1 }, { said: 0 }]);
  const missing: string[] = [];
  const found = { info: { ...info, data: { ...info.data, source: dir } }, answers };
  expect(await examplesOf('net', [found], missing, nodeHost, {})).toBeUndefined();
  expect(missing).toEqual([
    `Without photos of net's answers: ${dir}: its photos are in a database, of which no file can be shown; evaluate the folder or the list that it was made of.`,
  ]);
});

it('a report shows the surest answers with their heatmaps unless it is told not to, and counts them', async () => {
  const dir = await fixtures();
  const at = (name: string) => join(dir, name);
  for (const i of [0, 1, 2]) copyFileSync(at('photo.png'), at(`${i}.png`));
  writeFileSync(at('list.txt'), '0.png 0\n1.png 1\n2.png 2\n');
  await evaluate({ models: [at('net.onnx')], data: at('list.txt'), output: at('result') }, nodeHost);
  await compare({ results: [at('result')], output: at('compared'), resamples: 100 }, nodeHost);
  const pictures = (html: string) => html.match(/<img [^>]*src="data:image/g)?.length ?? 0;
  for (const photos of [true, false]) {
    const made = await report({ comparison: at('compared'), photos, charts: false }, nodeHost);
    expect(made.missing).toEqual([]);
    // One photo under three labels: at least two of three answers are wrong.
    expect(made.pictures).toBe(photos ? 3 : 0);
    // Each is the photo and what was looked at.
    expect(pictures(readFileSync(made.file, 'utf8'))).toBe(2 * made.pictures);
  }
});
